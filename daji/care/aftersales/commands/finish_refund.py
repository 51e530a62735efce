"""Note that the money is back with the buyer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.care.aftersales import rules, store
from daji.care.aftersales.commands.moving import take_step
from daji.care.aftersales.facts import Case
from daji.kit.db import Tx


async def finish_refund(tx: Tx, *, case_id: UUID, amount: int, now: datetime, by: str = "system") -> Case:
    """Move refunding to refunded with what went back; the same amount again is the same answer.

    A gateway's answer and its message may both say so, each in its own transaction.

    Raises
    ------
    NoCase, IllegalTransition, RefundBeyondCase
    """
    case = await store.lock(tx, case_id)
    if case.status == "refunded" and case.refunded_amount == amount:
        return case
    rules.check_refund(case, amount)
    return await take_step(tx, case, "finish_refund", by=by, refunded_amount=amount, now=now)
