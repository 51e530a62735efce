"""What must hold of money, counted over all of it: an audit's statements."""

from __future__ import annotations

from uuid import UUID

from daji.kit import agree
from daji.kit.db import Session

# So of each trade: the gateways hold captured - refunded, `refunds` owes refunding, `buyers` what the shop keeps.
SQL_BROKEN_BOOKS = """
WITH book AS (
  SELECT trade_id, coalesce(sum(amount) FILTER (WHERE starts_with(account, 'gateway:')), 0) AS gateway,
         coalesce(sum(amount) FILTER (WHERE starts_with(account, 'buyers:')), 0) AS buyers,
         coalesce(sum(amount) FILTER (WHERE starts_with(account, 'refunds:')), 0) AS refunds
    FROM payments.entry GROUP BY trade_id
), means AS (
  SELECT trade_id, sum(captured) AS captured, sum(refunding) AS refunding, sum(refunded) AS refunded
    FROM payments.tender GROUP BY trade_id
)
SELECT coalesce(p.trade_id, b.trade_id) AS id
  FROM payments.payable p
  FULL JOIN book b ON b.trade_id = p.trade_id
  LEFT JOIN means m ON m.trade_id = p.trade_id
 WHERE p.trade_id IS NULL
    OR coalesce(b.gateway, 0) <> p.captured - p.refunded
    OR coalesce(b.refunds, 0) <> -p.refunding
    OR coalesce(b.buyers, 0) <> -(p.captured - p.refunding - p.refunded)
    OR coalesce(m.captured, 0) <> p.captured
    OR coalesce(m.refunding, 0) <> p.refunding
    OR coalesce(m.refunded, 0) <> p.refunded
"""
SQL_DUES = "SELECT concat_ws('/', trade_id, currency, due, captured, refunded) FROM payments.payable"
SQL_DUES_SUM = agree.in_sum(SQL_DUES)

DUES = agree.Side(each=SQL_DUES, summed=SQL_DUES_SUM)
"""`trade/currency/due/captured/refunded` of everything that was ever asked."""


async def broken_books(session: Session) -> tuple[UUID, ...]:
    return tuple(row["id"] for row in await session.rows(SQL_BROKEN_BOOKS))
