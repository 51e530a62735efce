"""What suppliers have announced and what came of it."""
