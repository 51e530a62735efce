"""All SQL of the room: the sales themselves, the line before them, and what orders took."""
