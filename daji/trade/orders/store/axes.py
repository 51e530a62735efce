"""The only statements that move a trade's status, an order's status and an order's delivery.

Each is a claim: no row back, no right to go on. The trade's row is the lock of its whole family, taken before any
of its orders or units is touched, so that orders need no lock of their own.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Row, Tx
from daji.trade.orders.facts import TradeHead
from daji.trade.orders.states import DELIVERY, GOODS_AT_HAND, ORDER, TRADE

SQL_LOCK_TRADE = """
SELECT id, number, status, payment, currency, total, difference, captured, refunded, pay_by
  FROM orders.trade WHERE id = $1 FOR NO KEY UPDATE
"""
SQL_LOCK_TRADE_OF_ORDER = """
SELECT id, number, status, payment, currency, total, difference, captured, refunded, pay_by
  FROM orders.trade WHERE id = (SELECT trade_id FROM orders."order" WHERE id = $1) FOR NO KEY UPDATE
"""
SQL_LOCK_TRADES_OF_UNITS = """
SELECT id FROM orders.trade
 WHERE id IN (SELECT o.trade_id FROM orders.unit u JOIN orders."order" o ON o.id = u.order_id
               WHERE u.id = ANY($1::uuid[]))
 ORDER BY id FOR NO KEY UPDATE
"""
SQL_MOVE_TRADE = """
UPDATE orders.trade SET status = $2
 WHERE id = $1 AND status = ANY($3::text[]) AND ($4::timestamptz IS NULL OR pay_by <= $4)
RETURNING id
"""
SQL_MOVE_ORDERS = """
UPDATE orders."order"
   SET status = $3,
       delivery = CASE WHEN delivery = ANY($5::text[]) THEN $6 ELSE delivery END,
       completed_at = CASE WHEN $3 = 'completed' THEN $9 ELSE completed_at END
 WHERE trade_id = $1 AND ($2::uuid IS NULL OR id = $2) AND status = ANY($4::text[])
   AND delivery = ANY($7::text[]) AND ($8::text IS NULL OR aftersales <> $8)
RETURNING id, number, position
"""
# The step and the words about it; the word for where it stands now is the last part of the entry's code.
SQL_MOVE_DELIVERY = """
WITH moved AS (
  UPDATE orders."order"
     SET delivery = $2,
         shipped_at = CASE WHEN $2 = 'shipped' THEN $4 ELSE shipped_at END,
         delivered_at = CASE WHEN $2 = 'delivered' THEN $4 ELSE delivered_at END
   WHERE id = $1 AND delivery = ANY($3::text[]) AND status = 'confirmed'
  RETURNING id, number, trade_id
), told AS (
  INSERT INTO orders.timeline (id, trade_id, order_id, code, params, by, public, at)
  SELECT $5::uuid, trade_id, id, 'delivery_' || $2::text, jsonb_build_object('number', number), $6::text, true,
         $4::timestamptz
    FROM moved
)
SELECT id, number FROM moved
"""
SQL_ORDER_STATES = """
SELECT id, number, status, delivery, aftersales FROM orders."order" WHERE trade_id = $1 ORDER BY position
"""


async def lock_trade(tx: Tx, trade_id: UUID) -> Row | None:
    """Lock a trade and its family; what its row says now."""
    tx.locking("orders.trade")
    return await tx.row(SQL_LOCK_TRADE, trade_id)


def head(row: Row) -> TradeHead:
    """What a locked trade's row says, as the fact."""
    return TradeHead(
        id=row["id"],
        number=row["number"],
        status=row["status"],
        payment=row["payment"],
        currency=row["currency"],
        due=row["total"] + row["difference"],
        pay_by=row["pay_by"],
    )


async def lock_trade_of_order(tx: Tx, order_id: UUID) -> Row | None:
    tx.locking("orders.trade")
    return await tx.row(SQL_LOCK_TRADE_OF_ORDER, order_id)


async def lock_trades_of_units(tx: Tx, unit_ids: list[UUID]) -> None:
    tx.locking("orders.trade")
    await tx.rows(SQL_LOCK_TRADES_OF_UNITS, unit_ids)


async def move_trade(tx: Tx, *, trade_id: UUID, verb: str, due_by: datetime | None = None) -> bool:
    """Claim the trade's next status; with `due_by` only when its pay deadline is not after that."""
    tx.locking("orders.trade")
    sources = TRADE.sources(verb)
    moved = await tx.value(SQL_MOVE_TRADE, trade_id, TRADE.after(sources[0], verb), list(sources), due_by)
    return moved is not None


async def cancel_orders(tx: Tx, *, trade_id: UUID, order_id: UUID | None) -> list[Row]:
    """Cancel the order, or all of the trade, whose goods are at hand, and stop the work on it."""
    return await _move_orders(
        tx,
        trade_id=trade_id,
        order_id=order_id,
        verb="cancel",
        delivery_verb="stop",
        deliveries=GOODS_AT_HAND,
    )


async def complete_order(tx: Tx, *, trade_id: UUID, order_id: UUID, now: datetime) -> list[Row]:
    """Complete a delivered order without an open return."""
    return await _move_orders(
        tx,
        trade_id=trade_id,
        order_id=order_id,
        verb="complete",
        delivery_verb=None,
        deliveries=("delivered",),
        unless_aftersales="open",
        now=now,
    )


async def _move_orders(
    tx: Tx,
    *,
    trade_id: UUID,
    order_id: UUID | None,
    verb: str,
    delivery_verb: str | None,
    deliveries: tuple[str, ...],
    unless_aftersales: str | None = None,
    now: datetime | None = None,
) -> list[Row]:
    sources = ORDER.sources(verb)
    moving = DELIVERY.sources(delivery_verb) if delivery_verb else ()
    rows = await tx.rows(
        SQL_MOVE_ORDERS,
        trade_id,
        order_id,
        ORDER.after(sources[0], verb),
        list(sources),
        list(moving),
        DELIVERY.after(moving[0], delivery_verb) if delivery_verb else None,
        list(deliveries),
        unless_aftersales,
        now,
    )
    return sorted(rows, key=lambda row: int(row["position"]))


async def move_delivery(tx: Tx, *, order_id: UUID, verb: str, by: str, now: datetime) -> Row | None:
    """Claim a confirmed order's next step on the delivery axis and tell of it; its id and number."""
    sources = DELIVERY.sources(verb)
    after = DELIVERY.after(sources[0], verb)
    return await tx.row(SQL_MOVE_DELIVERY, order_id, after, list(sources), now, ids.new_id(), by)


async def order_states(tx: Tx, trade_id: UUID) -> list[Row]:
    return await tx.rows(SQL_ORDER_STATES, trade_id)
