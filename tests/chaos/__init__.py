"""What production does to software, done to the real processes."""
