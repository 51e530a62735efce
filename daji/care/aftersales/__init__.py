"""Buyers who send goods back, or want money back: one case each, with a visible history."""
