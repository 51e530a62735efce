"""All SQL of the room, one file per table."""
