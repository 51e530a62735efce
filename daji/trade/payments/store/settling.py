"""SQL that books what a gateway said of a tender: tender, payable and ledger in one statement, under the payable's lock."""

from __future__ import annotations

from datetime import datetime

from daji.kit.db import Tx
from daji.trade.payments.facts import Tender
from daji.trade.payments.store import ledger
from daji.trade.payments.store.tenders import claimed, to_tender

SQL_SETTLE = """
WITH moved AS (
  UPDATE payments.tender
     SET status = $3, authorised = greatest(authorised, $4), captured = captured + $5,
         captured_at = CASE WHEN $5 > 0 THEN coalesce(captured_at, $6) ELSE captured_at END,
         gateway_no = coalesce(gateway_no, nullif($7, '')), code = $8,
         submitted_at = coalesce(submitted_at, $9), pay_url = coalesce(pay_url, $10)
   WHERE id = $1 AND status = $2
  RETURNING *
), owed AS (
  UPDATE payments.payable p SET captured = p.captured + $5
    FROM moved m WHERE p.trade_id = m.trade_id AND $5 > 0
), posted AS (
  INSERT INTO payments.entry (id, posting_id, kind, account, amount, currency, trade_id, tender_id, refund_id,
                              posted_at)
  SELECT e.id, e.posting_id, e.kind, e.account, e.amount, e.currency, e.trade_id, e.tender_id, e.refund_id, e.posted_at
    FROM moved, unnest($11::uuid[], $12::uuid[], $13::text[], $14::text[], $15::bigint[], $16::text[], $17::uuid[],
                       $18::uuid[], $19::uuid[], $20::timestamptz[])
         AS e(id, posting_id, kind, account, amount, currency, trade_id, tender_id, refund_id, posted_at)
)
SELECT * FROM moved
"""


async def settle(
    tx: Tx,
    tender: Tender,
    *,
    was: str,
    status: str,
    now: datetime,
    received: int = 0,
    authorised: int = 0,
    gateway_no: str = "",
    code: str = "",
) -> Tender:
    """Move on from status `was`; `received` is booked everywhere. `tender` brings when it was submitted, and its page."""
    postings = [ledger.capture(tender, received)] if received else []
    row = await tx.row(
        SQL_SETTLE,
        tender.id,
        was,
        status,
        authorised,
        received,
        now,
        gateway_no,
        code,
        tender.submitted_at,
        tender.pay_url,
        *ledger.columns(postings, now),
    )
    return to_tender(claimed(row))
