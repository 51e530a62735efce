"""All SQL of the room, by table."""
