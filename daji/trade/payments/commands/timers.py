"""Who is to be asked again, and when: set for everything unclear, cleared when it is certain."""

from __future__ import annotations

from datetime import datetime

from daji.kit.db import Tx
from daji.trade.payments.facts import Refund, Tender
from daji.trade.payments.rules import ASK_AFTER, next_question
from daji.trade.payments.states import MOVING, WAITING

ASK_TENDER = "payments.ask_tender"
ASK_REFUND = "payments.ask_refund"


def watch_tender(tx: Tx, tender: Tender, now: datetime) -> None:
    """Ask about a submitted tender until it is certain; one that was never submitted needs no question."""
    if tender.status not in WAITING:
        tx.clear_timer(ASK_TENDER, tender.id)
    elif tender.submitted_at is not None:
        tx.set_timer(ASK_TENDER, tender.id, next_question(tender.submitted_at, now))


def watch_refund(tx: Tx, refund: Refund, now: datetime) -> None:
    """Ask about a refund until it is certain; one that was only planned is asked about too, and then sent."""
    if refund.status not in MOVING:
        tx.clear_timer(ASK_REFUND, refund.id)
    elif refund.status == "requested":
        tx.set_timer(ASK_REFUND, refund.id, now + ASK_AFTER)
    else:
        tx.set_timer(ASK_REFUND, refund.id, next_question(refund.requested_at, now))
