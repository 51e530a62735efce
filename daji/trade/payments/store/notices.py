"""SQL of `payments.notice`: what the gateways said, each message once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.trade.payments.facts import NoticeRecord, Refund, Tender
from daji.trade.payments.ports import Notice
from daji.trade.payments.rules import Decision, storable

SQL_ADD = """
INSERT INTO payments.notice (id, gateway, notice_id, kind, key, amount, currency, outcome, detail, trade_id,
                             tender_id, refund_id, occurred_at, received_at)
SELECT n.id, $1, n.notice_id, n.kind, n.key, n.amount, n.currency, n.outcome, n.detail, n.trade_id, n.tender_id,
       n.refund_id, n.occurred_at, n.received_at
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[],
              $10::uuid[], $11::uuid[], $12::uuid[], $13::timestamptz[], $14::timestamptz[])
       AS n(id, notice_id, kind, key, amount, currency, outcome, detail, trade_id, tender_id, refund_id, occurred_at,
            received_at)
ON CONFLICT (gateway, notice_id) DO NOTHING RETURNING notice_id
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


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A message, what was decided about it, and what of ours it is about."""

    notice: Notice
    decision: Decision
    now: datetime
    tender: Tender | None = None
    refund: Refund | None = None


async def add(session: Session, *, gateway: str, words: Sequence[Word]) -> set[str]:
    """Store messages with their outcomes; the ids of those that this gateway had not sent before."""
    rows = await session.rows(
        SQL_ADD,
        gateway,
        [ids.new_id() for _ in words],
        [storable(word.notice.notice_id) for word in words],
        [word.notice.kind for word in words],
        [storable(word.notice.refund_key or word.notice.key) for word in words],
        [max(-_BIGINT, min(_BIGINT, word.notice.amount)) for word in words],
        [storable(word.notice.currency) for word in words],
        [word.decision.outcome for word in words],
        [word.decision.detail for word in words],
        [matched.trade_id if (matched := word.tender or word.refund) else None for word in words],
        [_tender_of(word) for word in words],
        [word.refund.id if word.refund else None for word in words],
        [word.notice.occurred_at for word in words],
        [word.now for word in words],
    )
    fresh = {row["notice_id"] for row in rows}
    return {word.notice.notice_id for word in words if storable(word.notice.notice_id) in fresh}


def _tender_of(word: Word) -> UUID | None:
    if word.tender:
        return word.tender.id
    return word.refund.tender_id if word.refund else None


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
