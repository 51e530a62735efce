"""The only statements that move a trade's status, an order's status and an order's delivery.

Each is a claim: no row back, no right to go on. The trade's row is the lock of its whole family, taken before any
of its orders or units is touched, so that orders need no lock of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Row, Tx
from daji.trade.orders.facts import DeliveryStep, TradeHead
from daji.trade.orders.states import DELIVERY, GOODS_AT_HAND, ORDER, TRADE
from daji.trade.orders.store.write import Happened

SQL_LOCK_TRADES = """
SELECT id, number, status, payment, currency, total, difference, captured, refunded, pay_by
  FROM orders.trade WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
SQL_LOCK_TRADE_OF_ORDER = """
SELECT id, number, status, payment, currency, total, difference, captured, refunded, pay_by
  FROM orders.trade WHERE id = (SELECT trade_id FROM orders."order" WHERE id = $1) FOR NO KEY UPDATE
"""
SQL_LOCK_FAMILIES_OF = """
SELECT o.id AS order_id, t.id FROM orders.trade t JOIN orders."order" o ON o.trade_id = t.id
 WHERE o.id = ANY($1::uuid[]) ORDER BY t.id FOR NO KEY UPDATE OF t
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
SQL_MOVE_TRADES = """
UPDATE orders.trade SET status = $2 WHERE id = ANY($1::uuid[]) AND status = ANY($3::text[]) RETURNING id
"""
SQL_CANCEL_ORDERS = """
UPDATE orders."order"
   SET status = $3, delivery = CASE WHEN delivery = ANY($5::text[]) THEN $6 ELSE delivery END
 WHERE trade_id = $1 AND ($2::uuid IS NULL OR id = $2) AND status = ANY($4::text[]) AND delivery = ANY($7::text[])
RETURNING id, number, position
"""
# The step and the words about it; the word for where it stands now is the last part of the entry's code.
SQL_MOVE_DELIVERIES = """
WITH moved AS (
  UPDATE orders."order" o
     SET delivery = $1,
         shipped_at = CASE WHEN $1 = 'shipped' THEN m.at ELSE o.shipped_at END,
         delivered_at = CASE WHEN $1 = 'delivered' THEN m.at ELSE o.delivered_at END
    FROM unnest($3::uuid[], $4::timestamptz[], $5::text[], $6::uuid[]) AS m(id, at, by, entry_id)
   WHERE o.id = m.id AND o.delivery = ANY($2::text[]) AND o.status = 'confirmed'
  RETURNING o.id, o.number, o.trade_id, m.at, m.by, m.entry_id
), told AS (
  INSERT INTO orders.timeline (id, trade_id, order_id, code, params, by, public, at)
  SELECT entry_id, trade_id, id, 'delivery_' || $1::text, jsonb_build_object('number', number), by, true, at
    FROM moved
)
SELECT id, number FROM moved
"""
SQL_COMPLETE = """
WITH done AS (
  UPDATE orders."order" o SET status = $1, completed_at = m.at
    FROM unnest($3::uuid[], $4::timestamptz[], $5::uuid[]) AS m(id, at, entry_id)
   WHERE o.id = m.id AND o.status = ANY($2::text[]) AND o.delivery = 'delivered' AND o.aftersales <> 'open'
  RETURNING o.id, o.number, o.trade_id, m.at, m.entry_id
), told AS (
  INSERT INTO orders.timeline (id, trade_id, order_id, code, params, by, public, at)
  SELECT entry_id, trade_id, id, $6, jsonb_build_object('number', number), 'system', true, at FROM done
)
SELECT id FROM done
"""
SQL_ORDER_STATES = """
SELECT trade_id, id, number, status, delivery, aftersales FROM orders."order"
 WHERE trade_id = ANY($1::uuid[]) ORDER BY trade_id, position
"""


async def lock_trade(tx: Tx, trade_id: UUID) -> Row | None:
    """Lock a trade and its family; what its row says now."""
    return (await lock_trades(tx, [trade_id])).get(trade_id)


async def lock_trades(tx: Tx, trade_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The same for many, those that there are."""
    tx.locking("orders.trade")
    return {row["id"]: row for row in await tx.rows(SQL_LOCK_TRADES, list(trade_ids))}


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


async def lock_families_of(tx: Tx, order_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Lock the trades of these orders; the trade of each order that there is."""
    tx.locking("orders.trade")
    return {row["order_id"]: row["id"] for row in await tx.rows(SQL_LOCK_FAMILIES_OF, list(order_ids))}


async def lock_trades_of_units(tx: Tx, unit_ids: list[UUID]) -> None:
    tx.locking("orders.trade")
    await tx.rows(SQL_LOCK_TRADES_OF_UNITS, unit_ids)


async def move_trade(tx: Tx, *, trade_id: UUID, verb: str, due_by: datetime | None = None) -> bool:
    """Claim the trade's next status; with `due_by` only when its pay deadline is not after that."""
    tx.locking("orders.trade")
    sources = TRADE.sources(verb)
    moved = await tx.value(SQL_MOVE_TRADE, trade_id, TRADE.after(sources[0], verb), list(sources), due_by)
    return moved is not None


async def move_trades(tx: Tx, *, trade_ids: Sequence[UUID], verb: str) -> set[UUID]:
    """Claim the next status of each trade that may go there; those that went."""
    tx.locking("orders.trade")
    sources = TRADE.sources(verb)
    rows = await tx.rows(SQL_MOVE_TRADES, list(trade_ids), TRADE.after(sources[0], verb), list(sources))
    return {row["id"] for row in rows}


async def cancel_orders(tx: Tx, *, trade_id: UUID, order_id: UUID | None) -> list[Row]:
    """Cancel the order, or all of the trade, whose goods are at hand, and stop the work on it."""
    sources, moving = ORDER.sources("cancel"), DELIVERY.sources("stop")
    rows = await tx.rows(
        SQL_CANCEL_ORDERS,
        trade_id,
        order_id,
        ORDER.after(sources[0], "cancel"),
        list(sources),
        list(moving),
        DELIVERY.after(moving[0], "stop"),
        list(GOODS_AT_HAND),
    )
    return sorted(rows, key=lambda row: int(row["position"]))


async def complete_orders(tx: Tx, *, due: Sequence[tuple[UUID, datetime]], told: Happened) -> set[UUID]:
    """Complete delivered orders without an open return, each at its time, and tell of it; those that completed.

    The entry's parameters are the number and no others.
    """
    sources = ORDER.sources("complete")
    rows = await tx.rows(
        SQL_COMPLETE,
        ORDER.after(sources[0], "complete"),
        list(sources),
        [order_id for order_id, _ in due],
        [at for _, at in due],
        [ids.new_id() for _ in due],
        told.code,
    )
    return {row["id"] for row in rows}


async def move_deliveries(tx: Tx, *, steps: Sequence[DeliveryStep], verb: str) -> dict[UUID, str]:
    """Claim the same next step of confirmed orders on the delivery axis and tell of it; numbers of those that went."""
    sources = DELIVERY.sources(verb)
    rows = await tx.rows(
        SQL_MOVE_DELIVERIES,
        DELIVERY.after(sources[0], verb),
        list(sources),
        [step.order_id for step in steps],
        [step.at for step in steps],
        [step.by for step in steps],
        [ids.new_id() for _ in steps],
    )
    return {row["id"]: row["number"] for row in rows}


async def order_states(tx: Tx, trade_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """Where the orders of each trade stand."""
    found: dict[UUID, list[Row]] = {}
    for row in await tx.rows(SQL_ORDER_STATES, list(trade_ids)):
        found.setdefault(row["trade_id"], []).append(row)
    return found
