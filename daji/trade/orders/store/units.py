"""Units, and the one writer of an order's after-sales axis, which is derived from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from daji.kit.db import Row, Tx
from daji.trade.orders.states import UNIT

SQL_MOVE_UNITS = """
UPDATE orders.unit SET status = $3
 WHERE order_id = ANY($1::uuid[]) AND ($2::uuid[] IS NULL OR id = ANY($2)) AND status = ANY($4::text[])
RETURNING id, n, price, discount, points, freight, tax, paid, refunded, status
"""
SQL_ADD_REFUNDS = """
UPDATE orders.unit u SET refunded = u.refunded + r.amount
  FROM unnest($1::uuid[], $2::bigint[]) AS r(id, amount)
 WHERE u.id = r.id AND u.refunded + r.amount <= u.paid
RETURNING u.id
"""
SQL_DERIVE_AFTERSALES = """
UPDATE orders."order" o
   SET aftersales = CASE WHEN s.in_return > 0 THEN 'open'
                         WHEN s.returned = 0 THEN 'none'
                         WHEN s.returned = s.kept_or_back THEN 'returned'
                         ELSE 'part_returned' END
  FROM (SELECT order_id,
               count(*) FILTER (WHERE status = 'in_return') AS in_return,
               count(*) FILTER (WHERE status = 'returned') AS returned,
               count(*) FILTER (WHERE status <> 'cancelled') AS kept_or_back
          FROM orders.unit WHERE order_id = ANY($1::uuid[]) GROUP BY order_id) s
 WHERE o.id = s.order_id
"""


async def move_units(
    tx: Tx, *, order_ids: Sequence[UUID], unit_ids: Sequence[UUID] | None, verb: str
) -> dict[UUID, Row]:
    """Move those of the units that may; by id. Derives the after-sales of their orders."""
    sources = UNIT.sources(verb)
    rows = await tx.rows(
        SQL_MOVE_UNITS,
        list(order_ids),
        None if unit_ids is None else list(unit_ids),
        UNIT.after(sources[0], verb),
        list(sources),
    )
    await tx.execute(SQL_DERIVE_AFTERSALES, list(order_ids))
    return {row["id"]: row for row in rows}


async def add_refunds(tx: Tx, amounts: Mapping[UUID, int]) -> set[UUID]:
    """Add to what was refunded for each unit, where that stays within what was paid; the units done."""
    rows = await tx.rows(SQL_ADD_REFUNDS, list(amounts), list(amounts.values()))
    return {row["id"] for row in rows}
