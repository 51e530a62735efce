"""Picking, packing and handing over: one child order is one pick list."""
