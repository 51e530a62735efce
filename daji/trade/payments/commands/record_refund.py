"""Note what a gateway answered to a refund."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.trade.payments.commands.settle import finish_refund
from daji.trade.payments.commands.timers import watch_refund
from daji.trade.payments.errors import NoRefund
from daji.trade.payments.facts import Refund, RefundStatus
from daji.trade.payments.ports import RefundAnswer, Refusal, Unknown
from daji.trade.payments.rules import storable
from daji.trade.payments.states import MOVING, REFUND
from daji.trade.payments.store import payables, refunds


async def record_refund(
    tx: Tx, *, refund_id: UUID, outcome: RefundAnswer | Refusal | Unknown, now: datetime
) -> Refund:
    """Move a refund on; an end is booked, anything else sets the next question. What has ended stays ended.

    Raises
    ------
    NoRefund
    """
    if await payables.lock_of_refund(tx, refund_id) is None:
        raise NoRefund
    refund = await refunds.find(tx, refund_id)
    if refund is None:
        raise NoRefund
    if refund.status not in MOVING:
        return refund
    if isinstance(outcome, Refusal):
        return await finish_refund(tx, refund, status="failed", code=outcome.code, now=now)
    if isinstance(outcome, RefundAnswer) and outcome.status != "processing":
        return await finish_refund(
            tx,
            refund,
            status="done" if outcome.status == "succeeded" else "failed",
            gateway_refund_no=storable(outcome.gateway_refund_no),
            code=outcome.code,
            now=now,
        )
    number = storable(outcome.gateway_refund_no) if isinstance(outcome, RefundAnswer) else ""
    verb = "process" if isinstance(outcome, RefundAnswer) else "lose_sight"
    if REFUND.allows(refund.status, verb):
        status: RefundStatus = "processing" if verb == "process" else "unknown"
        await refunds.advance(tx, refund, status=status, gateway_refund_no=number)
        refund = msgspec.structs.replace(
            refund, status=status, gateway_refund_no=refund.gateway_refund_no or number or None
        )
    watch_refund(tx, refund, now)
    return refund
