"""A carrier to try everything with, offline: it books, rates, drives and tells, and fails as real ones do."""

from __future__ import annotations

from daji.adapters.carrier.simulated.carrier import Posted, SimulatedCarrier
from daji.adapters.carrier.simulated.signing import SignedNotice

__all__ = ["Posted", "SignedNotice", "SimulatedCarrier"]
