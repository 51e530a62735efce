"""Freight, parcels and what carriers tell about them."""
