"""Pictures: taken from outside, made harmless, kept in sizes that pages need."""
