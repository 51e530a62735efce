"""The life of a flash sale as data; README.md says who moves it."""

from __future__ import annotations

from daji.kit.states import Transitions

SALE = Transitions(
    {
        ("draft", "schedule"): "scheduled",
        ("draft", "drop"): "closed",
        ("scheduled", "withdraw"): "draft",
        ("scheduled", "open"): "open",
        ("scheduled", "close"): "closed",
        ("open", "sell_out"): "sold_out",
        ("open", "close"): "closed",
        ("sold_out", "reopen"): "open",
        ("sold_out", "close"): "closed",
    },
    initial="draft",
)

OPENS_TIMER = "flash.opens"
CLOSES_TIMER = "flash.closes"
