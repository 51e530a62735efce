"""Money that the shop's own people take: at the counter, on delivery, against an invoice."""

from __future__ import annotations

from daji.adapters.payment.till.gateway import Till

__all__ = ["Till"]
