"""Reading an address that somebody pasted as one piece of text."""
