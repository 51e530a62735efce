"""A payment gateway to try the shop against: a wire library, a client and a separate HTTP service.

The service is its own small product: it keeps its own SQLite file, keys, pages and message
catalogue, and uses nothing else of Daji but the kit's way out, so that it can misbehave like a stranger.
"""
