"""A payment gateway to try the shop against: a wire library, a client and a separate HTTP service.

The service is its own small product: it keeps its own SQLite file, keys, pages and message
catalogue, and imports nothing else of Daji, so that it can misbehave like a stranger.
"""
