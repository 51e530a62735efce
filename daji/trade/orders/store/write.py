"""Statements that add rows: a trade with its family, the timeline, differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.db import Tx
from daji.trade.cart.api import stored_json
from daji.trade.orders.facts import Order, Trade
from daji.trade.orders.rules import check_text

# The identity's sequence is drawn by hand, because the number is made of it in the same row.
SQL_PLACE = """
WITH n AS (
    SELECT nextval(pg_get_serial_sequence('orders.trade', 'seq')) AS seq
), t AS (
    INSERT INTO orders.trade (id, seq, number, shopper_id, guest_token, channel, currency, lang, goods, freight,
                              discount, tax, total, contact_name, contact_phone, contact_email, address,
                              buyer_keys, quote_id, external_ref, placed_at, pay_by)
    SELECT $1, n.seq,
           'D' || to_char($2::timestamptz AT TIME ZONE 'UTC', 'YYMMDD')
               || lpad(n.seq::text, greatest(7, length(n.seq::text)), '0'),
           $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::text::jsonb, $17::text[], $18, $19, $2, $20
      FROM n
    ON CONFLICT DO NOTHING
    RETURNING id, number, placed_at
), o AS (
    INSERT INTO orders."order" (id, trade_id, position, number, seller_id, site_id, goods, freight, discount, tax,
                                total, weight_g, placed_at, promised_by)
    SELECT c.id, t.id, c.position, t.number || '-' || c.position, c.seller_id, c.site_id, c.goods, c.freight,
           c.discount, c.tax, c.total, c.weight_g, t.placed_at, c.promised_by
      FROM t, unnest($21::uuid[], $22::uuid[], $23::uuid[], $24::bigint[], $25::bigint[], $26::bigint[],
                     $27::bigint[], $28::bigint[], $29::bigint[], $30::timestamptz[])
           WITH ORDINALITY AS c(id, seller_id, site_id, goods, freight, discount, tax, total, weight_g,
                                promised_by, position)
), l AS (
    INSERT INTO orders.line (id, order_id, position, sku_id, product_id, code, titles, option_texts, qty, unit_price,
                             price_id)
    SELECT l.id, l.order_id, l.position, l.sku_id, l.product_id, l.code, l.titles, l.option_texts, l.qty,
           l.unit_price, l.price_id
      FROM t, json_to_recordset($31::text::json)
              AS l(id uuid, order_id uuid, position int, sku_id uuid, product_id uuid, code text, titles jsonb,
                   option_texts jsonb, qty int, unit_price bigint, price_id uuid)
), u AS (
    INSERT INTO orders.unit (id, line_id, order_id, n, price, discount, points, freight, tax, paid)
    SELECT u.id, u.line_id, u.order_id, u.n, u.price, u.discount, u.points, u.freight, u.tax, u.paid
      FROM t, json_to_recordset($32::text::json)
              AS u(id uuid, line_id uuid, order_id uuid, n int, price bigint, discount bigint, points bigint,
                   freight bigint, tax bigint, paid bigint)
), told AS (
    INSERT INTO orders.timeline (id, trade_id, code, params, by, public, at)
    SELECT $33, t.id, $34, jsonb_build_object('number', t.number) || $35::text::jsonb, $36, true, $2 FROM t
)
SELECT number FROM t
"""
SQL_NOTE = """
INSERT INTO orders.timeline (id, trade_id, order_id, code, params, by, public, at)
SELECT n.id, t.id, n.order_id, n.code, n.params::jsonb, $5, $6, $7
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS n(id, order_id, code, params)
  JOIN orders.trade t ON t.id = $8
 WHERE n.order_id IS NULL OR EXISTS (SELECT FROM orders."order" o WHERE o.id = n.order_id AND o.trade_id = t.id)
"""
SQL_BOOK = """
INSERT INTO orders.difference (id, trade_id, amount, reason, note, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One timeline entry to be written."""

    code: str
    params: Mapping[str, object]
    order_id: UUID | None = None


async def place(
    tx: Tx,
    trade: Trade,
    *,
    buyer_keys: Sequence[str],
    quote_id: UUID | None,
    price_ids: Mapping[UUID, UUID],
    placed: Happened,
    by: str,
) -> str | None:
    """Add the trade with all below it and its first entry; its number, None when it exists already.

    The entry's parameters get the number beside what `placed` brings.
    """
    owner, orders, contact = trade.owner, trade.orders, trade.contact
    for text in (contact.name, contact.phone, contact.email, trade.external_ref or "", *buyer_keys):
        check_text(text)
    number: str | None = await tx.value(
        SQL_PLACE,
        trade.id,
        trade.placed_at,
        owner.shopper_id if owner else None,
        owner.guest_token if owner else None,
        trade.channel,
        trade.currency,
        trade.lang,
        trade.goods,
        trade.freight,
        trade.discount,
        trade.tax,
        trade.total,
        contact.name,
        contact.phone,
        contact.email,
        stored_json(trade.address),
        list(buyer_keys),
        quote_id,
        trade.external_ref,
        trade.pay_by,
        [order.id for order in orders],
        [order.seller_id for order in orders],
        [order.site_id for order in orders],
        [order.goods for order in orders],
        [order.freight for order in orders],
        [order.discount for order in orders],
        [order.tax for order in orders],
        [order.total for order in orders],
        [order.weight_g for order in orders],
        [order.promised_by for order in orders],
        stored_json(_lines(orders, price_ids)),
        stored_json(_units(orders)),
        ids.new_id(),
        placed.code,
        stored_json(placed.params),
        by,
    )
    return number


def _lines(orders: Sequence[Order], price_ids: Mapping[UUID, UUID]) -> list[dict[str, object]]:
    return [
        {
            "id": line.id,
            "order_id": order.id,
            "position": position,
            "sku_id": line.sku_id,
            "product_id": line.product_id,
            "code": line.code,
            "titles": line.titles,
            "option_texts": line.option_texts,
            "qty": line.qty,
            "unit_price": line.unit_price,
            "price_id": price_ids[line.sku_id],
        }
        for order in orders
        for position, line in enumerate(order.lines, start=1)
    ]


def _units(orders: Sequence[Order]) -> list[dict[str, object]]:
    return [
        {
            "id": unit.id,
            "line_id": line.id,
            "order_id": order.id,
            "n": unit.n,
            "price": unit.price,
            "discount": unit.discount,
            "points": unit.points,
            "freight": unit.freight,
            "tax": unit.tax,
            "paid": unit.paid,
        }
        for order in orders
        for line in order.lines
        for unit in line.units
    ]


async def note(
    tx: Tx, *, trade_id: UUID, entries: Sequence[Happened], by: str, now: datetime, public: bool = True
) -> int:
    """Add to the timeline; how many entries found their trade and order."""
    return await tx.execute(
        SQL_NOTE,
        [ids.new_id() for _ in entries],
        [entry.order_id for entry in entries],
        [entry.code for entry in entries],
        [stored_json(entry.params) for entry in entries],
        by,
        public,
        now,
        trade_id,
    )


async def book(
    tx: Tx, *, trade_id: UUID, amount: int, reason: str, note: str, by: str, now: datetime
) -> None:
    await tx.execute(SQL_BOOK, ids.new_id(), trade_id, amount, reason, note, by, now)
