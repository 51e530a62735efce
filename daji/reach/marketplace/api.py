"""The door of the room."""

from __future__ import annotations

from daji.reach.marketplace.commands.save_sellers import save_sellers
from daji.reach.marketplace.facts import NewSeller, Seller, Status
from daji.reach.marketplace.queries import find_seller, get_seller, list_sellers, sellers

__all__ = [
    "NewSeller",
    "Seller",
    "Status",
    "find_seller",
    "get_seller",
    "list_sellers",
    "save_sellers",
    "sellers",
]
