"""Verbs of the room."""
