"""A gateway of the past: payments stand with it as they were recorded, and it sends what it is told to."""

from __future__ import annotations

from daji.adapters.payment.replayed.gateway import RecordedPayments

__all__ = ["RecordedPayments"]
