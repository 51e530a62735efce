"""SQL of `payments.payable`. Its row lock guards the trade's tenders and refunds too: nothing else locks them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session, Tx
from daji.trade.payments.errors import NoPayable
from daji.trade.payments.facts import Opened, Payable, PayableStatus, Refund, Tender

LOCK = "payments.payable"

SQL_ADD = """
INSERT INTO payments.payable (trade_id, channel, due, currency, opened_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[])
ON CONFLICT (trade_id) DO NOTHING RETURNING *
"""
SQL_GET = "SELECT * FROM payments.payable WHERE trade_id = $1"
SQL_LOCK = "SELECT * FROM payments.payable WHERE trade_id = ANY($1::uuid[]) ORDER BY trade_id FOR UPDATE"
SQL_LOCK_OF_TENDERS = """
SELECT * FROM payments.payable
 WHERE trade_id IN (SELECT trade_id FROM payments.tender WHERE id = ANY($1::uuid[])) ORDER BY trade_id FOR UPDATE
"""
SQL_LOCK_OF_REFUND = """
SELECT * FROM payments.payable WHERE trade_id = (SELECT trade_id FROM payments.refund WHERE id = $1) FOR UPDATE
"""
SQL_OPEN = (
    "SELECT * FROM payments.payable WHERE trade_id = ANY($1::uuid[]) AND captured < due ORDER BY trade_id"
)
SQL_SET_DUE = "UPDATE payments.payable SET due = $2 WHERE trade_id = $1 RETURNING *"
SQL_CLOSE = """
UPDATE payments.payable SET closed_at = $2 WHERE trade_id = $1 AND closed_at IS NULL RETURNING *
"""
SQL_MOVE = """
UPDATE payments.payable
   SET captured = captured + $2, refunding = refunding + $3, refunded = refunded + $4
 WHERE trade_id = $1
RETURNING *
"""


def to_payable(row: Row, tenders: tuple[Tender, ...] = (), refunds: tuple[Refund, ...] = ()) -> Payable:
    """Make the fact; whether it is paid is derived here and stored nowhere."""
    return Payable(
        trade_id=row["trade_id"],
        channel=row["channel"],
        due=row["due"],
        currency=row["currency"],
        captured=row["captured"],
        refunding=row["refunding"],
        refunded=row["refunded"],
        status=_status(row["closed_at"], row["captured"] - row["refunding"] - row["refunded"], row["due"]),
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        tenders=tenders,
        refunds=refunds,
    )


def _status(closed_at: datetime | None, kept: int, due: int) -> PayableStatus:
    if closed_at is not None:
        return "closed"
    return "paid" if kept >= due else "open"


def with_money(payable: Payable, received: int) -> Payable:
    """The locked payable as it is after `received` was booked."""
    status = _status(payable.closed_at, payable.kept + received, payable.due)
    return msgspec.structs.replace(payable, captured=payable.captured + received, status=status)


async def add(tx: Tx, opened: Sequence[Opened]) -> dict[UUID, Payable]:
    """Open payables; by trade, less those of trades that have one."""
    rows = await tx.rows(
        SQL_ADD,
        [one.trade_id for one in opened],
        [one.channel for one in opened],
        [one.due for one in opened],
        [one.currency for one in opened],
        [one.at for one in opened],
    )
    return {row["trade_id"]: to_payable(row) for row in rows}


async def find(session: Session, trade_id: UUID) -> Payable | None:
    """Read the payable without its tenders and refunds."""
    row = await session.row(SQL_GET, trade_id)
    return None if row is None else to_payable(row)


async def lock(tx: Tx, trade_id: UUID) -> Payable:
    """Take the row lock under which everything about this trade's money is decided. Raises NoPayable."""
    return (await lock_many(tx, [trade_id]))[trade_id]


async def lock_many(tx: Tx, trade_ids: Sequence[UUID]) -> dict[UUID, Payable]:
    """The same for many trades. Raises NoPayable when one has none."""
    tx.locking(LOCK)
    found = {row["trade_id"]: to_payable(row) for row in await tx.rows(SQL_LOCK, list(trade_ids))}
    if any(trade_id not in found for trade_id in trade_ids):
        raise NoPayable
    return found


async def lock_of_tenders(tx: Tx, tender_ids: Sequence[UUID]) -> dict[UUID, Payable]:
    """Lock the payables of tenders; by trade, none for a tender that there is not."""
    tx.locking(LOCK)
    return {row["trade_id"]: to_payable(row) for row in await tx.rows(SQL_LOCK_OF_TENDERS, list(tender_ids))}


async def lock_of_refund(tx: Tx, refund_id: UUID) -> Payable | None:
    """Lock the payable of a refund; None when there is no such refund."""
    tx.locking(LOCK)
    row = await tx.row(SQL_LOCK_OF_REFUND, refund_id)
    return None if row is None else to_payable(row)


async def set_due(tx: Tx, trade_id: UUID, due: int) -> Payable:
    """Change what is owed; the caller holds the lock."""
    return to_payable(await _one(tx, SQL_SET_DUE, trade_id, due))


async def close(tx: Tx, trade_id: UUID, now: datetime) -> bool:
    """Close it; False when it was closed before."""
    return await tx.row(SQL_CLOSE, trade_id, now) is not None


async def move(
    tx: Tx, trade_id: UUID, *, captured: int = 0, refunding: int = 0, refunded: int = 0
) -> Payable:
    """Add to the totals; the caller holds the lock."""
    return to_payable(await _one(tx, SQL_MOVE, trade_id, captured, refunding, refunded))


async def _one(tx: Tx, sql: str, *args: object) -> Row:
    row = await tx.row(sql, *args)
    if row is None:
        raise NoPayable
    return row
