"""A carrier of the past: it asks what was recorded, and everything it knows is told to it."""

from __future__ import annotations

from daji.adapters.carrier.replayed.carrier import ReplayedRates

__all__ = ["ReplayedRates"]
