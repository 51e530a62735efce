"""Carries what the outbox tells to satellites, in its order, over a line that lasts; optional, never waited for."""

from __future__ import annotations

from daji.kit.carriage.carrier import Carrier
from daji.kit.carriage.hearing import attend
from daji.kit.carriage.ports import CarriageSettings, Carried, End, Line, LineAway, LineMoved

__all__ = [
    "CarriageSettings",
    "Carried",
    "Carrier",
    "End",
    "Line",
    "LineAway",
    "LineMoved",
    "attend",
]
