"""The one writer of a trade's payment axis: derived from what is due, captured and refunded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Row, Tx
from daji.trade.cart.api import stored_json
from daji.trade.orders.states import DELIVERY, ORDER, TRADE
from daji.trade.orders.store.write import Happened

# What was captured or refunded never becomes less, so that an older sum that arrives later changes nothing (U-23).
_SUMS = """
       captured = greatest(captured, $3),
       refunded = greatest(refunded, $4),
       payment = CASE
           WHEN greatest(refunded, $4) > 0 AND greatest(refunded, $4) >= greatest(captured, $3) THEN 'refunded'
           WHEN greatest(refunded, $4) > 0 THEN 'part_refunded'
           WHEN greatest(captured, $3) >= total + difference + $2 THEN 'paid'
           WHEN greatest(captured, $3) > 0 THEN 'part_paid'
           ELSE 'unpaid' END
"""
SQL_DERIVE_PAYMENT = f"""
UPDATE orders.trade SET difference = difference + $2, {_SUMS}
 WHERE id = $1 AND total + difference + $2 >= 0
RETURNING payment, captured, refunded, currency
"""  # noqa: S608 - one of our own constants
# The trade's claim, its orders', their goods and the words about it: all that paying in full sets in motion here.
SQL_CONFIRM = f"""
WITH paid AS (
  UPDATE orders.trade SET status = $5, difference = difference + $2, {_SUMS}
   WHERE id = $1 AND status = ANY($6::text[])
  RETURNING id, payment
), moved AS (
  UPDATE orders."order" o SET status = $7, delivery = $8
    FROM paid p WHERE o.trade_id = p.id AND o.status = ANY($9::text[]) AND o.delivery = ANY($10::text[])
  RETURNING o.id, o.number, o.position, o.site_id
), told AS (
  INSERT INTO orders.timeline (id, trade_id, code, params, by, public, at)
  SELECT n.id, p.id, n.code, n.params::jsonb, $14, true, $15
    FROM paid p, unnest($11::uuid[], $12::text[], $13::text[]) AS n(id, code, params)
)
SELECT p.payment, m.id AS order_id, m.number, m.site_id, l.id, l.sku_id, l.qty
  FROM paid p LEFT JOIN moved m ON true LEFT JOIN orders.line l ON l.order_id = m.id
 ORDER BY m.position, l.position
"""  # noqa: S608 - one of our own constants


async def derive_payment(
    tx: Tx, *, trade_id: UUID, difference: int = 0, captured: int = 0, refunded: int = 0
) -> Row | None:
    """Add to the difference, raise the sums, derive the axis; None when less than nothing would be due."""
    tx.locking("orders.trade")
    return await tx.row(SQL_DERIVE_PAYMENT, trade_id, difference, captured, refunded)


async def confirm(
    tx: Tx,
    *,
    trade_id: UUID,
    verb: str,
    captured: int,
    refunded: int,
    entries: Sequence[Happened],
    by: str,
    now: datetime,
) -> list[Row]:
    """Claim the trade by `verb`, raise the sums, release its orders; a row per line, none when the claim failed.

    A trade without known lines gives one row without an order.
    """
    tx.locking("orders.trade")
    return await tx.rows(
        SQL_CONFIRM,
        trade_id,
        0,
        captured,
        refunded,
        TRADE.after(TRADE.sources(verb)[0], verb),
        list(TRADE.sources(verb)),
        ORDER.after(ORDER.sources("confirm")[0], "confirm"),
        DELIVERY.after("none", "release"),
        list(ORDER.sources("confirm")),
        list(DELIVERY.sources("release")),
        [ids.new_id() for _ in entries],
        [entry.code for entry in entries],
        [stored_json(entry.params) for entry in entries],
        by,
        now,
    )
