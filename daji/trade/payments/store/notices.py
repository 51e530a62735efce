"""SQL of `payments.notice`: what the gateways said, each message once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.trade.payments.facts import NoticeRecord, Refund, Tender
from daji.trade.payments.ports import Notice
from daji.trade.payments.rules import Decision, storable

SQL_ADD = """
INSERT INTO payments.notice (id, gateway, notice_id, kind, key, amount, currency, outcome, detail, trade_id,
                             tender_id, refund_id, occurred_at, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (gateway, notice_id) DO NOTHING RETURNING id
"""
SQL_HAS = "SELECT EXISTS (SELECT FROM payments.notice WHERE gateway = $1 AND notice_id = $2)"
SQL_LIST = """
SELECT id, gateway, notice_id, kind, key, amount, currency, outcome, detail, occurred_at, received_at, trade_id,
       tender_id, refund_id
  FROM payments.notice
 WHERE ($1::uuid IS NULL OR trade_id = $1) AND ($2::text IS NULL OR outcome = $2)
   AND ($3::uuid IS NULL OR id < $3)
 ORDER BY id DESC LIMIT $4
"""

_BIGINT = 2**63 - 1


async def add(
    session: Session,
    *,
    gateway: str,
    notice: Notice,
    decision: Decision,
    tender: Tender | None,
    refund: Refund | None,
    now: datetime,
) -> bool:
    """Store the message with its outcome; False when this gateway sent this message before."""
    matched = tender or refund
    added = await session.value(
        SQL_ADD,
        ids.new_id(),
        gateway,
        storable(notice.notice_id),
        notice.kind,
        storable(notice.refund_key or notice.key),
        max(-_BIGINT, min(_BIGINT, notice.amount)),
        storable(notice.currency),
        decision.outcome,
        decision.detail,
        matched.trade_id if matched else None,
        tender.id if tender else (refund.tender_id if refund else None),
        refund.id if refund else None,
        notice.occurred_at,
        now,
    )
    return added is not None


async def has(session: Session, *, gateway: str, notice_id: str) -> bool:
    found: bool = await session.value(SQL_HAS, gateway, storable(notice_id))
    return found


async def list_page(
    session: Session, *, trade_id: UUID | None, outcome: str | None, cursor: str | None, limit: int
) -> Page[NoticeRecord]:
    """Newest first."""
    after = Cursor.decode(cursor, (UUID,))[0] if cursor else None
    rows = await session.rows(SQL_LIST, trade_id, outcome, after, limit + 1)
    items = tuple(NoticeRecord(**dict(row)) for row in rows[:limit])
    return Page(items=items, next_cursor=Cursor.encode((items[-1].id,)) if len(rows) > limit else None)
