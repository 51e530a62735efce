"""The demo shop: what is sold in it, who keeps it, and the days it has behind it."""
