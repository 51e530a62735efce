"""SQL that books what gateways said of tenders: tenders, payables and ledger in one statement, under the payables' locks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.trade.payments.facts import Tender
from daji.trade.payments.store import ledger
from daji.trade.payments.store.tenders import claimed, to_tender

SQL_SETTLE = """
WITH moved AS (
  UPDATE payments.tender t
     SET status = n.status, authorised = greatest(t.authorised, n.authorised), captured = t.captured + n.received,
         captured_at = CASE WHEN n.received > 0 THEN coalesce(t.captured_at, n.at) ELSE t.captured_at END,
         gateway_no = coalesce(t.gateway_no, nullif(n.gateway_no, '')), code = n.code,
         submitted_at = coalesce(t.submitted_at, n.submitted_at), pay_url = coalesce(t.pay_url, n.pay_url)
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::text[],
                $8::text[], $9::timestamptz[], $10::text[])
         AS n(id, was, status, authorised, received, at, gateway_no, code, submitted_at, pay_url)
   WHERE t.id = n.id AND t.status = n.was
  RETURNING t.*, n.received
), owed AS (
  UPDATE payments.payable p SET captured = p.captured + m.received
    FROM (SELECT trade_id, sum(received)::bigint AS received FROM moved GROUP BY trade_id) m
   WHERE p.trade_id = m.trade_id AND m.received > 0
), posted AS (
  INSERT INTO payments.entry (id, posting_id, kind, account, amount, currency, trade_id, tender_id, refund_id,
                              posted_at)
  SELECT e.id, e.posting_id, e.kind, e.account, e.amount, e.currency, e.trade_id, e.tender_id, e.refund_id, e.posted_at
    FROM unnest($11::uuid[], $12::uuid[], $13::text[], $14::text[], $15::bigint[], $16::text[], $17::uuid[],
                $18::uuid[], $19::uuid[], $20::timestamptz[])
         AS e(id, posting_id, kind, account, amount, currency, trade_id, tender_id, refund_id, posted_at)
    JOIN moved m ON m.id = e.tender_id
)
SELECT * FROM moved
"""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A tender moves on from status `was`; `received` is booked everywhere. It brings when it was submitted, and its page."""

    tender: Tender
    was: str
    status: str
    at: datetime
    received: int = 0
    authorised: int = 0
    gateway_no: str = ""
    code: str = ""


async def settle(tx: Tx, moves: Sequence[Move]) -> dict[UUID, Tender]:
    """Move tenders on; as they are after it, by id."""
    postings = [(ledger.capture(one.tender, one.received), one.at) for one in moves if one.received]
    rows = await tx.rows(
        SQL_SETTLE,
        [one.tender.id for one in moves],
        [one.was for one in moves],
        [one.status for one in moves],
        [one.authorised for one in moves],
        [one.received for one in moves],
        [one.at for one in moves],
        [one.gateway_no for one in moves],
        [one.code for one in moves],
        [one.tender.submitted_at for one in moves],
        [one.tender.pay_url for one in moves],
        *ledger.columns(postings),
    )
    after = {row["id"]: to_tender(row) for row in rows}
    return {one.tender.id: claimed(after.get(one.tender.id)) for one in moves}
