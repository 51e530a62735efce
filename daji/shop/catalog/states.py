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

UPLOAD = Transitions(
    {
        ("uploaded", "plan"): "uploaded",
        ("uploaded", "check"): "checking",
        ("uploaded", "import"): "importing",
        ("checking", "check"): "checking",
        ("checking", "finish"): "checked",
        ("checking", "fail"): "failed",
        ("checked", "plan"): "uploaded",
        ("checked", "check"): "checking",
        ("checked", "import"): "importing",
        ("importing", "import"): "importing",
        ("importing", "finish"): "done",
        ("importing", "fail"): "failed",
        ("failed", "plan"): "uploaded",
        ("failed", "check"): "checking",
        ("failed", "import"): "importing",
    },
    initial="uploaded",
)
"""An uploaded file; rehearsing it any number of times is no harm, and an import that failed goes on where it was."""
