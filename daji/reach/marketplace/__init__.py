"""Sellers who offer their goods in our shop."""
