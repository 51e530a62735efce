"""Search: what matches these words, in which order, and what it could be narrowed by."""
