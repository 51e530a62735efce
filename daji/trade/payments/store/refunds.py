"""SQL of `payments.refund`. All writes happen under the lock of the refund's payable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Row, Session, Tx
from daji.trade.payments.facts import Refund, Tender

_COLUMNS = """
SELECT r.id, r.trade_id, r.tender_id, r.ref, r.reason, r.amount, r.currency, r.status, t.gateway, t.gateway_no,
       r.requested_at, r.gateway_refund_no, r.code, r.finished_at
  FROM payments.refund r JOIN payments.tender t ON t.id = r.tender_id
"""
SQL_GET = _COLUMNS + " WHERE r.id = $1"
SQL_OF_TRADE = _COLUMNS + " WHERE r.trade_id = $1 ORDER BY r.id"
SQL_OF_REF = _COLUMNS + " WHERE r.trade_id = $1 AND r.ref = $2 ORDER BY r.id"
SQL_ADD = """
INSERT INTO payments.refund (id, trade_id, tender_id, ref, reason, amount, currency, requested_at)
SELECT n.id, $1, n.tender_id, $2, $3, n.amount, $4, $5
  FROM unnest($6::uuid[], $7::uuid[], $8::bigint[]) AS n(id, tender_id, amount)
"""
SQL_ADVANCE = """
UPDATE payments.refund
   SET status = $3, gateway_refund_no = coalesce(gateway_refund_no, nullif($4, '')), code = $5, finished_at = $6
 WHERE id = $1 AND status = $2
"""


def to_refund(row: Row) -> Refund:
    return Refund(**dict(row))


async def find(session: Session, refund_id: UUID) -> Refund | None:
    row = await session.row(SQL_GET, refund_id)
    return None if row is None else to_refund(row)


async def of_trade(session: Session, trade_id: UUID) -> tuple[Refund, ...]:
    """All refunds of a trade, oldest first."""
    return tuple(to_refund(row) for row in await session.rows(SQL_OF_TRADE, trade_id))


async def of_ref(session: Session, trade_id: UUID, ref: str) -> tuple[Refund, ...]:
    return tuple(to_refund(row) for row in await session.rows(SQL_OF_REF, trade_id, ref))


async def add(
    tx: Tx,
    *,
    trade_id: UUID,
    ref: str,
    reason: str,
    parts: Sequence[tuple[Tender, int]],
    now: datetime,
) -> tuple[Refund, ...]:
    """Write one refund for each (tender, amount), in this order."""
    made = tuple(
        Refund(
            id=ids.new_id(),
            trade_id=trade_id,
            tender_id=tender.id,
            ref=ref,
            reason=reason,
            amount=amount,
            currency=tender.currency,
            status="requested",
            gateway=tender.gateway,
            gateway_no=tender.gateway_no or "",
            requested_at=now,
        )
        for tender, amount in parts
    )
    await tx.execute(
        SQL_ADD,
        trade_id,
        ref,
        reason,
        made[0].currency,
        now,
        [r.id for r in made],
        [r.tender_id for r in made],
        [r.amount for r in made],
    )
    return made


async def advance(
    tx: Tx,
    refund: Refund,
    *,
    status: str,
    gateway_refund_no: str = "",
    code: str = "",
    finished_at: datetime | None = None,
) -> bool:
    """Move on from exactly the status that was read."""
    done = await tx.execute(
        SQL_ADVANCE, refund.id, refund.status, status, gateway_refund_no, code, finished_at
    )
    return done == 1
