"""What staff did, so that nobody can later say otherwise."""
