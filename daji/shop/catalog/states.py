"""How a product comes to be for sale, and ceases to be."""

from __future__ import annotations

from daji.kit.states import Transitions

PRODUCT = Transitions(
    {
        ("draft", "submit"): "in_review",
        ("draft", "list"): "listed",
        ("draft", "archive"): "archived",
        ("in_review", "approve"): "listed",
        ("in_review", "reject"): "draft",
        ("listed", "delist"): "delisted",
        ("delisted", "relist"): "listed",
        ("delisted", "archive"): "archived",
    },
    initial="draft",
)
"""`list` is the shop's own way past review; who may say it is decided by permissions."""

NEEDS_SKU = frozenset({"submit", "approve", "list", "relist"})
