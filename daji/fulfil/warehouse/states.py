"""The life of a pick list. It never goes back: what was short stays short until all is found, or it is cancelled."""

from __future__ import annotations

from daji.kit.states import Transitions

PICK_LIST = Transitions(
    {
        ("released", "start"): "picking",
        ("picking", "pick"): "picking",
        ("picking", "report_short"): "short",
        ("picking", "complete"): "picked",
        ("short", "pick"): "short",
        ("short", "report_short"): "short",
        ("short", "complete"): "picked",
        ("picked", "pack"): "packed",
        ("packed", "hand_over"): "handed_over",
        ("released", "cancel"): "cancelled",
        ("picking", "cancel"): "cancelled",
        ("short", "cancel"): "cancelled",
        ("picked", "cancel"): "cancelled",
        ("packed", "cancel"): "cancelled",
    },
    initial="released",
)
"""`complete` is what a pick does that finds the last missing piece."""
