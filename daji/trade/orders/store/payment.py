"""The one writer of a trade's payment axis: derived from what is due, captured and refunded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.db import Row, Tx
from daji.trade.cart.api import stored_json
from daji.trade.orders.states import DELIVERY, ORDER, TRADE
from daji.trade.orders.store.write import Happened

# What was captured or refunded never becomes less, so that an older sum that arrives later changes nothing (U-23).
_SUMS = """
       captured = greatest(t.captured, g.captured),
       refunded = greatest(t.refunded, g.refunded),
       payment = CASE
           WHEN greatest(t.refunded, g.refunded) > 0 AND greatest(t.refunded, g.refunded) >= greatest(t.captured, g.captured)
                THEN 'refunded'
           WHEN greatest(t.refunded, g.refunded) > 0 THEN 'part_refunded'
           WHEN greatest(t.captured, g.captured) >= t.total + t.difference + g.difference THEN 'paid'
           WHEN greatest(t.captured, g.captured) > 0 THEN 'part_paid'
           ELSE 'unpaid' END
"""
SQL_DERIVE_PAYMENT = f"""
UPDATE orders.trade t SET difference = t.difference + g.difference, {_SUMS}
  FROM (SELECT $2::bigint AS difference, $3::bigint AS captured, $4::bigint AS refunded) g
 WHERE t.id = $1 AND t.total + t.difference + g.difference >= 0
RETURNING t.payment, t.captured, t.refunded, t.currency
"""  # noqa: S608 - one of our own constants
# The trades' claim, their orders', their goods and the words about it: all that paying in full sets in motion here.
SQL_CONFIRM = f"""
WITH paid AS (
  UPDATE orders.trade t SET status = $1, {_SUMS}
    FROM (SELECT n.*, 0 AS difference
            FROM unnest($7::uuid[], $8::bigint[], $9::bigint[], $10::text[], $11::timestamptz[])
                 AS n(id, captured, refunded, by, at)) g
   WHERE t.id = g.id AND t.status = ANY($2::text[])
  RETURNING t.id, t.payment, g.by, g.at
), moved AS (
  UPDATE orders."order" o SET status = $3, delivery = $4
    FROM paid p WHERE o.trade_id = p.id AND o.status = ANY($5::text[]) AND o.delivery = ANY($6::text[])
  RETURNING o.id, o.trade_id, o.number, o.position, o.site_id
), told AS (
  INSERT INTO orders.timeline (id, trade_id, code, params, by, public, at)
  SELECT n.id, p.id, n.code, n.params::jsonb, p.by, true, p.at
    FROM unnest($12::uuid[], $13::uuid[], $14::text[], $15::text[]) AS n(id, trade_id, code, params)
    JOIN paid p ON p.id = n.trade_id
)
SELECT p.id AS trade_id, p.payment, m.id AS order_id, m.number, m.site_id, l.id, l.sku_id, l.qty
  FROM paid p LEFT JOIN moved m ON m.trade_id = p.id LEFT JOIN orders.line l ON l.order_id = m.id
 ORDER BY p.id, m.position, l.position
"""  # noqa: S608 - one of our own constants


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """A trade that is to be confirmed: its sums so far, and what is to be told of it."""

    trade_id: UUID
    captured: int
    refunded: int
    entries: tuple[Happened, ...]
    by: str
    at: datetime


async def derive_payment(
    tx: Tx, *, trade_id: UUID, difference: int = 0, captured: int = 0, refunded: int = 0
) -> Row | None:
    """Add to the difference, raise the sums, derive the axis; None when less than nothing would be due."""
    tx.locking("orders.trade")
    return await tx.row(SQL_DERIVE_PAYMENT, trade_id, difference, captured, refunded)


async def confirm(tx: Tx, *, paid: Sequence[Paid], verb: str) -> dict[UUID, list[Row]]:
    """Claim trades by `verb`, raise their sums, release their orders; a row per line, by trade, none when a claim failed.

    A trade without known lines gives one row without an order.
    """
    tx.locking("orders.trade")
    told = [(one.trade_id, entry) for one in paid for entry in one.entries]
    rows = await tx.rows(
        SQL_CONFIRM,
        TRADE.after(TRADE.sources(verb)[0], verb),
        list(TRADE.sources(verb)),
        ORDER.after(ORDER.sources("confirm")[0], "confirm"),
        DELIVERY.after("none", "release"),
        list(ORDER.sources("confirm")),
        list(DELIVERY.sources("release")),
        [one.trade_id for one in paid],
        [one.captured for one in paid],
        [one.refunded for one in paid],
        [one.by for one in paid],
        [one.at for one in paid],
        [ids.new_id() for _ in told],
        [trade_id for trade_id, _ in told],
        [entry.code for _, entry in told],
        [stored_json(entry.params) for _, entry in told],
    )
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row["trade_id"], []).append(row)
    return found
