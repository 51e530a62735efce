"""The life of a parcel. Carriers skip and reorder scans, so an event may jump ahead; none leads back."""

from __future__ import annotations

from daji.kit.states import Transitions

_AHEAD: dict[str, tuple[str, ...]] = {
    "booked": ("in_transit", "out_for_delivery", "delivered", "failed", "returning", "returned", "lost"),
    "in_transit": ("out_for_delivery", "delivered", "failed", "returning", "returned", "lost"),
    "out_for_delivery": ("delivered", "failed", "returning", "returned", "lost"),
    "failed": ("returning", "returned", "lost"),
    "returning": ("returned", "lost"),
    # What was given up for lost may turn up.
    "lost": ("delivered", "returned"),
}

SHIPMENT = Transitions(
    {
        ("created", "book"): "booked",
        ("created", "cancel"): "cancelled",
        ("booked", "cancel"): "cancelled",
        ("booked", "hand_over"): "in_transit",
        **{(source, target): target for source, targets in _AHEAD.items() for target in targets},
    },
    initial="created",
)
"""Verbs of ours (book, hand_over, cancel) and codes of carriers, which are the names of the states they lead to."""

_MEANS = {"picked_up": "in_transit"}


def verb_of(event_code: str) -> str:
    """The verb that a carrier's event asks of the parcel."""
    return _MEANS.get(event_code, event_code)


def status_after(status: str, event_code: str) -> str:
    """Where a parcel will stand once the event is recorded; a late or reordered event moves nothing."""
    verb = verb_of(event_code)
    return SHIPMENT.after(status, verb) if SHIPMENT.allows(status, verb) else status
