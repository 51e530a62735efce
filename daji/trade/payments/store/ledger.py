"""SQL of `payments.entry`: the books, double-entry and append-only.

| posting | debit | credit |
|---|---|---|
| capture | `gateway:<code>:<CUR>` | `buyers:<CUR>` |
| refund_planned | `buyers:<CUR>` | `refunds:<CUR>` |
| refund_done | `refunds:<CUR>` | `gateway:<code>:<CUR>` |
| refund_failed | `refunds:<CUR>` | `buyers:<CUR>` |

So of each trade: the gateways hold captured - refunded, `refunds` owes refunding, `buyers` what the shop keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.db import Session, Tx
from daji.trade.payments.facts import Entry, Refund, Tender

SQL_POST = """
INSERT INTO payments.entry (id, posting_id, kind, account, amount, currency, trade_id, tender_id, refund_id,
                            posted_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::uuid[],
                     $8::uuid[], $9::uuid[], $10::timestamptz[])
"""
SQL_TRIAL_BALANCE = """
SELECT account, sum(amount)::bigint AS balance FROM payments.entry GROUP BY account ORDER BY account
"""
SQL_OF_TRADE = """
SELECT id, posting_id, kind, account, amount, currency, trade_id, tender_id, refund_id, posted_at
  FROM payments.entry WHERE trade_id = $1 ORDER BY seq
"""

Kind = Literal["capture", "refund_planned", "refund_done", "refund_failed"]


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` (above zero) moves from `credit` to `debit`."""

    kind: Kind
    debit: str
    credit: str
    amount: int
    currency: str
    trade_id: UUID
    tender_id: UUID
    refund_id: UUID | None = None


def capture(tender: Tender, amount: int) -> Posting:
    return Posting(
        kind="capture",
        debit=_gateway(tender.gateway, tender.currency),
        credit=f"buyers:{tender.currency}",
        amount=amount,
        currency=tender.currency,
        trade_id=tender.trade_id,
        tender_id=tender.id,
    )


def of_refund(kind: Literal["refund_planned", "refund_done", "refund_failed"], refund: Refund) -> Posting:
    buyers, refunds = f"buyers:{refund.currency}", f"refunds:{refund.currency}"
    debit, credit = {
        "refund_planned": (buyers, refunds),
        "refund_done": (refunds, _gateway(refund.gateway, refund.currency)),
        "refund_failed": (refunds, buyers),
    }[kind]
    return Posting(
        kind=kind,
        debit=debit,
        credit=credit,
        amount=refund.amount,
        currency=refund.currency,
        trade_id=refund.trade_id,
        tender_id=refund.tender_id,
        refund_id=refund.id,
    )


def columns(postings: Sequence[tuple[Posting, datetime]]) -> tuple[list[object], ...]:
    """Both sides of each posting, made at its time, as the columns of the table."""
    sides = [
        (ids.new_id(), posting_id, p, account, amount, at)
        for p, posting_id, at in [(p, ids.new_id(), at) for p, at in postings]
        for account, amount in ((p.debit, p.amount), (p.credit, -p.amount))
    ]
    return (
        [side[0] for side in sides],
        [side[1] for side in sides],
        [side[2].kind for side in sides],
        [side[3] for side in sides],
        [side[4] for side in sides],
        [side[2].currency for side in sides],
        [side[2].trade_id for side in sides],
        [side[2].tender_id for side in sides],
        [side[2].refund_id for side in sides],
        [side[5] for side in sides],
    )


async def post(tx: Tx, postings: Sequence[Posting], now: datetime) -> None:
    """Write all postings by one statement, both sides of each."""
    await tx.execute(SQL_POST, *columns([(posting, now) for posting in postings]))


async def trial_balance(session: Session) -> dict[str, int]:
    return {row["account"]: row["balance"] for row in await session.rows(SQL_TRIAL_BALANCE)}


async def of_trade(session: Session, trade_id: UUID) -> tuple[Entry, ...]:
    """All entries of a trade in the order in which they were posted."""
    return tuple(Entry(**dict(row)) for row in await session.rows(SQL_OF_TRADE, trade_id))


def _gateway(code: str, currency: str) -> str:
    return f"gateway:{code}:{currency}"
