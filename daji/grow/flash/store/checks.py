"""What must hold of all sales, counted again: an audit's statements."""

from __future__ import annotations

from uuid import UUID

from daji.kit import agree
from daji.kit.db import Session

SQL_COUNT = "SELECT count(*) FROM flash.line"
SQL_MISCOUNTED = """
SELECT l.id FROM flash.line l
  LEFT JOIN (SELECT line_id, sum(qty) AS qty FROM flash.claim WHERE status = 'held' GROUP BY line_id) c
         ON c.line_id = l.id
 WHERE l.taken <> coalesce(c.qty, 0) OR coalesce(c.qty, 0) > l.quota
"""
SQL_PROMISES = """
SELECT concat_ws('/', s.id, l.sku_id, l.quota - l.taken)
  FROM flash.line l JOIN flash.sale s ON s.id = l.sale_id
 WHERE s.status IN ('scheduled', 'open', 'sold_out') AND l.quota > l.taken
"""
SQL_PROMISES_SUM = agree.in_sum(SQL_PROMISES)

PROMISES = agree.Side(each=SQL_PROMISES, summed=SQL_PROMISES_SUM)
"""`sale/sku/pieces` that a planned or running sale keeps and nobody took yet."""


async def miscounted(session: Session) -> tuple[int, tuple[UUID, ...]]:
    """How many lines there are, and those whose counter disagrees with the claims, or that sold beyond their quota."""
    found = await session.rows(SQL_MISCOUNTED)
    return int(await session.value(SQL_COUNT)), tuple(row["id"] for row in found)
