"""Tools every room uses; no business word in here."""
