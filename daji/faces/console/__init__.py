"""The console: where staff see and steer the shop, as a JSON API under `/console/v1` and as one page for browsers under `/console/`."""
