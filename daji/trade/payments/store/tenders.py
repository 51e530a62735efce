"""SQL of `payments.tender`. All writes happen under the lock of the tender's payable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Row, Session, Tx
from daji.trade.payments.errors import NoTender
from daji.trade.payments.facts import MethodTotal, NewTender, Tender

SQL_ADD = """
INSERT INTO payments.tender (id, trade_id, gateway, method, amount, currency, instalments, created_at)
SELECT n.id, $1, n.gateway, n.method, n.amount, $2, n.instalments, $3
  FROM unnest($4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::int[])
       AS n(id, gateway, method, amount, instalments)
"""
SQL_GET = "SELECT * FROM payments.tender WHERE id = $1"
SQL_OF_TRADE = "SELECT * FROM payments.tender WHERE trade_id = $1 ORDER BY id"
SQL_ADVANCE = """
UPDATE payments.tender
   SET status = $3, authorised = greatest(authorised, $4), captured = captured + $5,
       captured_at = CASE WHEN $5 > 0 THEN coalesce(captured_at, $6) ELSE captured_at END,
       gateway_no = coalesce(gateway_no, nullif($7, '')), code = $8
 WHERE id = $1 AND status = $2
RETURNING *
"""
SQL_SUBMITTED = """
UPDATE payments.tender
   SET status = $3, submitted_at = coalesce(submitted_at, $4),
       gateway_no = coalesce(gateway_no, nullif($5, '')), pay_url = coalesce(pay_url, $6)
 WHERE id = $1 AND status = $2
RETURNING *
"""
SQL_MOVE_REFUNDS = """
UPDATE payments.tender t SET refunding = t.refunding + m.refunding, refunded = t.refunded + m.refunded
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS m(id, refunding, refunded)
 WHERE t.id = m.id
"""
SQL_TOTALS_BY_METHOD = """
SELECT t.method, t.currency, count(*) AS tenders, sum(t.captured)::bigint AS captured,
       sum(t.refunded)::bigint AS refunded, sum(t.instalments)::bigint AS instalments
  FROM payments.tender t JOIN payments.payable p USING (trade_id)
 WHERE t.captured > 0 AND ($1::text IS NULL OR p.channel = $1)
 GROUP BY t.method, t.currency ORDER BY t.currency, t.method
"""


def to_tender(row: Row) -> Tender:
    return Tender(**dict(row))


async def add(
    tx: Tx, *, trade_id: UUID, currency: str, tenders: Sequence[NewTender], now: datetime
) -> tuple[Tender, ...]:
    """Write new tenders; their ids grow in the given order."""
    made = tuple(
        Tender(
            id=ids.new_id(),
            trade_id=trade_id,
            gateway=new.gateway,
            method=new.method,
            amount=new.amount,
            currency=currency,
            instalments=new.instalments,
            status="created",
            authorised=0,
            captured=0,
            refunding=0,
            refunded=0,
            created_at=now,
        )
        for new in tenders
    )
    await tx.execute(
        SQL_ADD,
        trade_id,
        currency,
        now,
        [t.id for t in made],
        [t.gateway for t in made],
        [t.method for t in made],
        [t.amount for t in made],
        [t.instalments for t in made],
    )
    return made


async def find(session: Session, tender_id: UUID) -> Tender | None:
    row = await session.row(SQL_GET, tender_id)
    return None if row is None else to_tender(row)


async def get(session: Session, tender_id: UUID) -> Tender:
    """Raises NoTender."""
    tender = await find(session, tender_id)
    if tender is None:
        raise NoTender
    return tender


async def of_trade(session: Session, trade_id: UUID) -> tuple[Tender, ...]:
    """All tenders of a trade, oldest first."""
    return tuple(to_tender(row) for row in await session.rows(SQL_OF_TRADE, trade_id))


async def advance(
    tx: Tx,
    tender: Tender,
    *,
    status: str,
    now: datetime,
    received: int = 0,
    authorised: int = 0,
    gateway_no: str = "",
    code: str = "",
) -> Tender:
    """Move on from exactly the status that was read, adding `received` to what is captured."""
    row = await tx.row(
        SQL_ADVANCE, tender.id, tender.status, status, authorised, received, now, gateway_no, code
    )
    return to_tender(_claimed(row))


async def submitted(
    tx: Tx, tender: Tender, *, status: str, now: datetime, gateway_no: str = "", pay_url: str | None = None
) -> Tender:
    """Note that the gateway was asked, from exactly the status that was read; first answers stay."""
    row = await tx.row(SQL_SUBMITTED, tender.id, tender.status, status, now, gateway_no, pay_url)
    return to_tender(_claimed(row))


async def move_refunds(tx: Tx, moves: Sequence[tuple[UUID, int, int]]) -> None:
    """Add to (refunding, refunded) of several tenders at once."""
    await tx.execute(
        SQL_MOVE_REFUNDS,
        [move[0] for move in moves],
        [move[1] for move in moves],
        [move[2] for move in moves],
    )


async def totals_by_method(session: Session, channel: str | None) -> tuple[MethodTotal, ...]:
    return tuple(MethodTotal(**dict(row)) for row in await session.rows(SQL_TOTALS_BY_METHOD, channel))


def _claimed(row: Row | None) -> Row:
    if row is None:
        # Somebody changed a tender without its payable's lock.
        raise AssertionError("the tender moved under the payable's lock")
    return row
