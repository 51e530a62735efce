"""How a case moves, as data; which verbs fit its kind is in `rules`."""

from __future__ import annotations

from daji.kit.states import Transitions

CASE = Transitions(
    {
        ("requested", "approve"): "approved",
        ("requested", "reject"): "rejected",
        ("requested", "withdraw"): "withdrawn",
        ("approved", "withdraw"): "withdrawn",
        ("approved", "receive"): "received",
        ("approved", "start_refund"): "refunding",
        ("received", "start_refund"): "refunding",
        ("refunding", "finish_refund"): "refunded",
    },
    initial="requested",
)
