"""What must hold of orders, counted over all of them: an audit's statements, too dear for anything else."""

from __future__ import annotations

from uuid import UUID

from daji.kit import agree
from daji.kit.db import Session
from daji.trade.orders.facts import OrdersAudit

SQL_COUNT = "SELECT count(*) FROM orders.trade"
SQL_DOUBLED = """
SELECT min(id::text)::uuid AS id FROM orders.trade WHERE quote_id IS NOT NULL GROUP BY quote_id HAVING count(*) > 1
UNION ALL
SELECT min(id::text)::uuid FROM orders.trade WHERE external_ref IS NOT NULL
 GROUP BY channel, external_ref HAVING count(*) > 1
"""
SQL_PAID_NOT_CONFIRMED = """
SELECT id FROM orders.trade
 WHERE status = 'placed' AND total + difference > 0 AND captured - refunded >= total + difference
"""
# Each sum of a trade is the sum of its orders, and of its units (U-40); a trade without lines has neither.
SQL_UNBALANCED = """
WITH child AS (
  SELECT trade_id, sum(goods) AS goods, sum(freight) AS freight, sum(discount) AS discount, sum(tax) AS tax,
         sum(total) AS total
    FROM orders."order" GROUP BY trade_id
), piece AS (
  SELECT o.trade_id, sum(u.price) AS goods, sum(u.freight) AS freight, sum(u.discount + u.points) AS discount,
         sum(u.tax) AS tax, sum(u.paid) AS total
    FROM orders.unit u JOIN orders."order" o ON o.id = u.order_id GROUP BY o.trade_id
)
SELECT t.id
  FROM orders.trade t JOIN child c ON c.trade_id = t.id LEFT JOIN piece p ON p.trade_id = t.id
 WHERE (t.goods, t.freight, t.discount, t.tax, t.total) IS DISTINCT FROM (c.goods, c.freight, c.discount, c.tax, c.total)
    OR (t.goods, t.freight, t.discount, t.tax, t.total) IS DISTINCT FROM (p.goods, p.freight, p.discount, p.tax, p.total)
"""
SQL_PROMISES = """
SELECT concat_ws('/', o.trade_id, l.sku_id, sum(l.qty))
  FROM orders."order" o JOIN orders.trade t ON t.id = o.trade_id JOIN orders.line l ON l.order_id = o.id
 WHERE t.status IN ('placed', 'confirmed') AND o.delivery IN ('none', 'released', 'picking', 'packed')
 GROUP BY o.trade_id, l.sku_id
"""
SQL_PROMISES_SUM = agree.in_sum(SQL_PROMISES)
SQL_SENT = """
SELECT id::text FROM orders."order" WHERE delivery IN ('shipped', 'delivered', 'failed', 'returned')
"""
SQL_SENT_SUM = agree.in_sum(SQL_SENT)
SQL_DUES = "SELECT concat_ws('/', id, currency, total + difference, captured, refunded) FROM orders.trade"
SQL_DUES_SUM = agree.in_sum(SQL_DUES)
SQL_FROM_QUOTES = "SELECT id::text FROM orders.trade WHERE quote_id IS NOT NULL"
SQL_FROM_QUOTES_SUM = agree.in_sum(SQL_FROM_QUOTES)

PROMISES = agree.Side(each=SQL_PROMISES, summed=SQL_PROMISES_SUM)
"""`trade/sku/pieces` of everything that was promised and has not left."""
SENT = agree.Side(each=SQL_SENT, summed=SQL_SENT_SUM)
"""Orders whose goods have left."""
DUES = agree.Side(each=SQL_DUES, summed=SQL_DUES_SUM)
"""`trade/currency/due/captured/refunded` of every trade."""
FROM_QUOTES = agree.Side(each=SQL_FROM_QUOTES, summed=SQL_FROM_QUOTES_SUM)
"""Trades that buyers placed here."""


async def audit(session: Session) -> OrdersAudit:
    async def found(sql: str) -> tuple[UUID, ...]:
        return tuple(row["id"] for row in await session.rows(sql))

    return OrdersAudit(
        trades=int(await session.value(SQL_COUNT)),
        doubled=await found(SQL_DOUBLED),
        paid_not_confirmed=await found(SQL_PAID_NOT_CONFIRMED),
        unbalanced=await found(SQL_UNBALANCED),
    )
