"""SQL of `payments.tender`. All writes happen under the lock of the tender's payable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.db import Row, Session, Tx
from daji.trade.payments.errors import NoTender
from daji.trade.payments.facts import MethodTotal, NewTender, Payable, Tender

T = TypeVar("T")

SQL_ADD = """
INSERT INTO payments.tender (id, trade_id, gateway, method, amount, currency, instalments, created_at)
SELECT n.id, n.trade_id, n.gateway, n.method, n.amount, n.currency, n.instalments, n.at
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::int[], $8::timestamptz[])
       AS n(id, trade_id, gateway, method, amount, currency, instalments, at)
"""
SQL_GET = "SELECT * FROM payments.tender WHERE id = ANY($1::uuid[])"
SQL_TRADE_OF = "SELECT trade_id FROM payments.tender WHERE id = $1"
SQL_OF_TRADES = "SELECT * FROM payments.tender WHERE trade_id = ANY($1::uuid[]) ORDER BY id"
SQL_SUBMITTED = """
UPDATE payments.tender t
   SET status = n.status, submitted_at = coalesce(t.submitted_at, n.at),
       gateway_no = coalesce(t.gateway_no, nullif(n.gateway_no, '')), pay_url = coalesce(t.pay_url, n.pay_url)
  FROM unnest($1::timestamptz[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
       AS n(at, id, was, status, gateway_no, pay_url)
 WHERE t.id = n.id AND t.status = n.was
RETURNING t.*
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
    # By name: a newer release may have added columns that we do not know.
    return Tender(**{name: row[name] for name in Tender.__struct_fields__})


async def add(tx: Tx, added: Sequence[tuple[Payable, NewTender, datetime]]) -> tuple[Tender, ...]:
    """Write new tenders, each of its payable and time; their ids grow in the given order."""
    made = tuple(
        Tender(
            id=ids.new_id(),
            trade_id=payable.trade_id,
            gateway=new.gateway,
            method=new.method,
            amount=new.amount or 0,
            currency=payable.currency,
            instalments=new.instalments,
            status="created",
            authorised=0,
            captured=0,
            refunding=0,
            refunded=0,
            created_at=at,
        )
        for payable, new, at in added
    )
    await tx.execute(
        SQL_ADD,
        [t.id for t in made],
        [t.trade_id for t in made],
        [t.gateway for t in made],
        [t.method for t in made],
        [t.amount for t in made],
        [t.currency for t in made],
        [t.instalments for t in made],
        [t.created_at for t in made],
    )
    return made


async def find(session: Session, tender_id: UUID) -> Tender | None:
    return (await find_many(session, [tender_id])).get(tender_id)


async def find_many(session: Session, tender_ids: Sequence[UUID]) -> dict[UUID, Tender]:
    """Those of the tenders that there are."""
    return {row["id"]: to_tender(row) for row in await session.rows(SQL_GET, list(tender_ids))}


async def get(session: Session, tender_id: UUID) -> Tender:
    """Raises NoTender."""
    tender = await find(session, tender_id)
    if tender is None:
        raise NoTender
    return tender


async def trade_of(session: Session, tender_id: UUID) -> UUID | None:
    found: UUID | None = await session.value(SQL_TRADE_OF, tender_id)
    return found


async def of_trade(session: Session, trade_id: UUID) -> tuple[Tender, ...]:
    """All tenders of a trade, oldest first."""
    return (await of_trades(session, [trade_id])).get(trade_id, ())


async def of_trades(session: Session, trade_ids: Sequence[UUID]) -> dict[UUID, tuple[Tender, ...]]:
    """All tenders of each trade that has any, oldest first."""
    found: dict[UUID, tuple[Tender, ...]] = {}
    for row in await session.rows(SQL_OF_TRADES, list(trade_ids)):
        found[row["trade_id"]] = (*found.get(row["trade_id"], ()), to_tender(row))
    return found


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """That the gateway was asked about `tender`, which is as it was read; its first answers stay."""

    tender: Tender
    status: str
    at: datetime
    gateway_no: str = ""
    pay_url: str | None = None


async def submitted(tx: Tx, submissions: Sequence[Submission]) -> dict[UUID, Tender]:
    """Note submissions, each from exactly the status that was read; the tenders after it, by id."""
    rows = await tx.rows(
        SQL_SUBMITTED,
        [one.at for one in submissions],
        [one.tender.id for one in submissions],
        [one.tender.status for one in submissions],
        [one.status for one in submissions],
        [one.gateway_no for one in submissions],
        [one.pay_url for one in submissions],
    )
    after = {row["id"]: to_tender(row) for row in rows}
    for one in submissions:
        claimed(after.get(one.tender.id))
    return after


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


def claimed(row: T | None) -> T:
    """What was moved. Raises AssertionError: somebody changed a tender without its payable's lock."""
    if row is None:
        raise AssertionError("the tender moved under the payable's lock")
    return row
