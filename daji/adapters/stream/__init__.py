"""Lines that carry the outbox to satellites."""
