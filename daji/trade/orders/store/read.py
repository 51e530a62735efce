"""Reading trades and orders: one statement per table, whatever the number of rows.

The owner filter stands here, in the SQL: the first of its parameters says that staff asks; else shopper or guest must be equal, and null is
equal to nothing (U-114).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from daji.kit.db import Row, Session
from daji.kit.places import Address
from daji.trade.cart.api import Contact, Owner
from daji.trade.orders.facts import DeliveryStatus, Entry, Line, Order, Trade, Unit

SQL_TRADES = """
SELECT t.id AS trade_id, t.number AS trade_number, t.shopper_id, t.guest_token, t.channel, t.currency, t.lang,
       t.status AS trade_status, t.payment, t.goods AS trade_goods, t.freight AS trade_freight,
       t.discount AS trade_discount, t.tax AS trade_tax, t.total AS trade_total, t.difference, t.contact_name,
       t.contact_phone, t.contact_email, t.address, t.placed_at, t.pay_by, t.external_ref,
       o.id, o.number, o.seller_id, o.site_id, o.status, o.delivery, o.aftersales, o.goods, o.freight, o.discount,
       o.tax, o.total, o.weight_g, o.promised_by, o.shipped_at, o.delivered_at
  FROM orders.trade t LEFT JOIN orders."order" o ON o.trade_id = t.id
 WHERE ($1 OR t.shopper_id = $2 OR t.guest_token = $3) AND t.id = ANY($4::uuid[])
 ORDER BY t.placed_at DESC, t.id DESC, o.position
"""
SQL_ORDERS = """
SELECT o.id, o.number, o.trade_id, o.seller_id, o.site_id, o.status, o.delivery, o.aftersales, o.goods, o.freight,
       o.discount, o.tax, o.total, o.weight_g, o.promised_by, o.shipped_at, o.delivered_at, t.currency, o.placed_at
  FROM orders."order" o JOIN orders.trade t ON t.id = o.trade_id
 WHERE ($1 OR t.shopper_id = $2 OR t.guest_token = $3) AND o.id = ANY($4::uuid[])
 ORDER BY o.placed_at DESC, o.id DESC
"""
SQL_HEADS = """
SELECT t.id, t.number, t.status, t.payment, t.currency, t.total, t.difference, t.pay_by
  FROM unnest($1::bool[], $2::uuid[], $3::text[], $4::uuid[]) AS a(staff, shopper_id, guest_token, id)
  JOIN orders.trade t ON t.id = a.id AND (a.staff OR t.shopper_id = a.shopper_id OR t.guest_token = a.guest_token)
"""
SQL_DESTINATIONS = "SELECT id, address FROM orders.trade WHERE id = ANY($1::uuid[])"
SQL_DELIVERIES = 'SELECT id, delivery FROM orders."order" WHERE id = ANY($1::uuid[])'
SQL_LINES_OF = """
SELECT id, order_id, sku_id, product_id, code, titles, option_texts, qty, unit_price
  FROM orders.line WHERE order_id = ANY($1::uuid[]) ORDER BY order_id, position
"""
SQL_UNITS_OF = """
SELECT line_id, id, n, price, discount, points, freight, tax, paid, refunded, status
  FROM orders.unit WHERE order_id = ANY($1::uuid[]) ORDER BY line_id, n
"""
SQL_LIST_TRADES = """
SELECT t.id, t.placed_at FROM orders.trade t
 WHERE ($1 OR t.shopper_id = $2 OR t.guest_token = $3)
   AND ($4::text IS NULL OR t.status = $4)
   AND ($5::text IS NULL
        OR t.id = ANY(ARRAY(
                    SELECT id FROM orders.trade WHERE number >= upper($5) AND number < upper($5) || '~'
                    UNION ALL SELECT id FROM orders.trade WHERE contact_phone = $5
                    UNION ALL SELECT id FROM orders.trade WHERE lower(contact_email) = lower($5)
                    UNION ALL SELECT id FROM orders.trade WHERE contact_name = $5
                    UNION ALL SELECT id FROM orders.trade WHERE external_ref = $5
                    UNION ALL SELECT trade_id FROM orders."order" WHERE number = upper($5)
                    UNION ALL SELECT o.trade_id FROM orders.line l JOIN orders."order" o ON o.id = l.order_id
                               WHERE l.code = $5))
        OR NOT $1 AND EXISTS (SELECT FROM orders."order" o JOIN orders.line l ON l.order_id = o.id
                               WHERE o.trade_id = t.id AND strpos(lower(l.titles::text), lower($5)) > 0))
   AND ($6::timestamptz IS NULL OR (t.placed_at, t.id) < ($6, $7::uuid))
 ORDER BY t.placed_at DESC, t.id DESC LIMIT $8
"""
SQL_LIST_ORDERS = """
SELECT o.id, o.placed_at FROM orders."order" o
 WHERE ($1::uuid IS NULL OR o.seller_id = $1) AND ($2::uuid IS NULL OR o.site_id = $2)
   AND ($3::text IS NULL OR o.delivery = $3) AND ($4::text IS NULL OR o.status = $4)
   AND ($5::timestamptz IS NULL OR (o.placed_at, o.id) < ($5, $6::uuid))
 ORDER BY o.placed_at DESC, o.id DESC LIMIT $7
"""
SQL_TIMELINE = """
SELECT id, trade_id, order_id, code, params, by, public, at FROM orders.timeline
 WHERE trade_id = $1 AND (public OR NOT $2) ORDER BY at, id
"""
SQL_BY_EXTERNAL = "SELECT id FROM orders.trade WHERE channel = $1 AND external_ref = $2"


async def trades(session: Session, *, trade_ids: Sequence[UUID], owner: Owner | None) -> list[Trade]:
    """Trades with all below them, the last placed first; those of others are left out. Three statements."""
    rows = await session.rows(SQL_TRADES, *_asks(owner), list(trade_ids))
    lines = await _lines(session, [row["id"] for row in rows if row["id"] is not None])
    families: dict[UUID, list[Row]] = {}
    for row in rows:
        families.setdefault(row["trade_id"], []).append(row)
    return [
        _trade(family[0], tuple(_order(row, lines) for row in family if row["id"] is not None))
        for family in families.values()
    ]


async def heads(session: Session, asked: Sequence[tuple[UUID, Owner | None]]) -> dict[UUID, Row]:
    """Of (trade, who asks) those that there are for whoever asks."""
    asks = [_asks(owner) for _, owner in asked]
    rows = await session.rows(
        SQL_HEADS, *([ask[n] for ask in asks] for n in range(3)), [trade_id for trade_id, _ in asked]
    )
    return {row["id"]: row for row in rows}


async def destinations(session: Session, trade_ids: Sequence[UUID]) -> dict[UUID, Address]:
    rows = await session.rows(SQL_DESTINATIONS, list(trade_ids))
    return {row["id"]: Address(**row["address"]) for row in rows}


async def deliveries(session: Session, order_ids: Sequence[UUID]) -> dict[UUID, DeliveryStatus]:
    return {row["id"]: row["delivery"] for row in await session.rows(SQL_DELIVERIES, list(order_ids))}


async def orders(session: Session, *, order_ids: Sequence[UUID], owner: Owner | None) -> list[Order]:
    """Orders with their lines and units, the last placed first; those of others are left out."""
    rows = await session.rows(SQL_ORDERS, *_asks(owner), list(order_ids))
    lines = await _lines(session, [row["id"] for row in rows])
    return [_order(row, lines) for row in rows]


async def list_trades(
    session: Session,
    *,
    owner: Owner | None,
    status: str | None,
    text: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[tuple[datetime, UUID]]:
    """(placed_at, id) of a page."""
    placed_at, last = after or (None, None)
    rows = await session.rows(SQL_LIST_TRADES, *_asks(owner), status, text, placed_at, last, limit)
    return [(row["placed_at"], row["id"]) for row in rows]


async def list_orders(
    session: Session,
    *,
    seller_id: UUID | None,
    site_id: UUID | None,
    delivery: str | None,
    status: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[tuple[datetime, UUID]]:
    """(placed_at, id) of a page."""
    placed_at, last = after or (None, None)
    rows = await session.rows(SQL_LIST_ORDERS, seller_id, site_id, delivery, status, placed_at, last, limit)
    return [(row["placed_at"], row["id"]) for row in rows]


async def timeline(session: Session, *, trade_id: UUID, public_only: bool) -> list[Entry]:
    return [Entry(**row) for row in await session.rows(SQL_TIMELINE, trade_id, public_only)]


async def by_external(session: Session, *, channel: str, external_ref: str) -> UUID | None:
    found: UUID | None = await session.value(SQL_BY_EXTERNAL, channel, external_ref)
    return found


def unit(row: Row) -> Unit:
    return Unit(**{name: row[name] for name in Unit.__struct_fields__})


def _asks(owner: Owner | None) -> tuple[bool, UUID | None, str | None]:
    return (True, None, None) if owner is None else (False, owner.shopper_id, owner.guest_token)


async def _lines(session: Session, order_ids: Sequence[UUID]) -> dict[UUID, tuple[Line, ...]]:
    if not order_ids:
        return {}
    rows = await session.rows(SQL_LINES_OF, list(order_ids))
    units: dict[UUID, list[Unit]] = {}
    for row in await session.rows(SQL_UNITS_OF, list(order_ids)):
        units.setdefault(row["line_id"], []).append(unit(row))
    found: dict[UUID, list[Line]] = {}
    for row in rows:
        fields: dict[str, Any] = {name: row[name] for name in Line.__struct_fields__ if name != "units"}
        found.setdefault(row["order_id"], []).append(Line(**fields, units=tuple(units.get(row["id"], ()))))
    return {order_id: tuple(some) for order_id, some in found.items()}


def _order(row: Row, lines: dict[UUID, tuple[Line, ...]]) -> Order:
    fields: dict[str, Any] = {name: row[name] for name in Order.__struct_fields__ if name != "lines"}
    return Order(**fields, lines=lines.get(row["id"], ()))


def _trade(row: Row, orders: tuple[Order, ...]) -> Trade:
    shopper_id, guest_token = row["shopper_id"], row["guest_token"]
    owned = shopper_id is not None or guest_token is not None
    return Trade(
        id=row["trade_id"],
        number=row["trade_number"],
        owner=Owner(shopper_id=shopper_id, guest_token=guest_token) if owned else None,
        channel=row["channel"],
        currency=row["currency"],
        lang=row["lang"],
        status=row["trade_status"],
        payment=row["payment"],
        goods=row["trade_goods"],
        freight=row["trade_freight"],
        discount=row["trade_discount"],
        tax=row["trade_tax"],
        total=row["trade_total"],
        difference=row["difference"],
        due=row["trade_total"] + row["difference"],
        contact=Contact(name=row["contact_name"], phone=row["contact_phone"], email=row["contact_email"]),
        address=Address(**row["address"]),
        placed_at=row["placed_at"],
        pay_by=row["pay_by"],
        external_ref=row["external_ref"],
        orders=orders,
    )
