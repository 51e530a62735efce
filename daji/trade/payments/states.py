"""How tenders and refunds move, as data. Repeats are not in the tables: `rules` sees them before.

A dead tender can still be captured, since money that a gateway took is a fact whatever we thought of the tender;
nothing leads away from `captured`.
"""

from __future__ import annotations

from daji.kit.states import Transitions

WAITING = ("created", "unknown", "pending", "authorised")
"""Tenders that may still bring money: their amounts count against what is due."""
DEAD = ("declined", "voided", "expired")
MOVING = ("requested", "unknown", "processing")
"""Refunds whose money is promised and not certain."""

TENDER = Transitions(
    {
        ("created", "lose_sight"): "unknown",
        ("created", "submit"): "pending",
        ("unknown", "submit"): "pending",
        **{(status, "authorise"): "authorised" for status in ("created", "unknown", "pending")},
        **{(status, "decline"): "declined" for status in WAITING},
        **{(status, "void"): "voided" for status in WAITING},
        **{(status, "expire"): "expired" for status in WAITING},
        **{(status, "capture"): "captured" for status in (*WAITING, *DEAD)},
    },
    initial="created",
)
REFUND = Transitions(
    {
        ("requested", "lose_sight"): "unknown",
        ("requested", "process"): "processing",
        ("unknown", "process"): "processing",
        **{(status, "finish"): "done" for status in MOVING},
        **{(status, "fail"): "failed" for status in MOVING},
    },
    initial="requested",
)
