"""Makers: test data comes through the rooms' own doors, so that an impossible order cannot exist."""
