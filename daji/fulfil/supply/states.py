"""The life of a notice."""

from __future__ import annotations

from daji.kit.states import Transitions

NOTICE = Transitions(
    {
        ("announced", "receive"): "receiving",
        ("receiving", "receive"): "receiving",
        ("announced", "complete"): "closed",
        ("receiving", "complete"): "closed",
        ("announced", "close"): "closed",
        ("receiving", "close"): "closed",
        ("announced", "cancel"): "cancelled",
    },
    initial="announced",
)
"""`complete` is what a receipt does after which nothing is missing; `close` says that the rest will not come."""
