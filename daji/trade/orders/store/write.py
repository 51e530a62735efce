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
)
SELECT number FROM t
"""
SQL_LINES = """
INSERT INTO orders.line (id, order_id, position, sku_id, product_id, code, titles, option_texts, qty, unit_price,
                         price_id)
SELECT l.id, l.order_id, l.position, l.sku_id, l.product_id, l.code, l.titles::jsonb, l.option_texts::jsonb, l.qty,
       l.unit_price, l.price_id
  FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[],
              $9::int[], $10::bigint[], $11::uuid[])
       AS l(id, order_id, position, sku_id, product_id, code, titles, option_texts, qty, unit_price, price_id)
"""
SQL_UNITS = """
INSERT INTO orders.unit (id, line_id, order_id, n, price, discount, points, freight, tax, paid)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::bigint[], $6::bigint[], $7::bigint[],
                     $8::bigint[], $9::bigint[], $10::bigint[])
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


async def place(tx: Tx, trade: Trade, *, buyer_keys: Sequence[str], quote_id: UUID | None) -> str | None:
    """Add the trade and its orders; its number, None when it exists already."""
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
    )
    return number


async def add_lines(tx: Tx, orders: Sequence[Order], *, price_ids: Mapping[UUID, UUID]) -> None:
    """Add the lines and the units of these orders, in one statement each."""
    lines = [
        (order.id, position, line) for order in orders for position, line in enumerate(order.lines, start=1)
    ]
    await tx.execute(
        SQL_LINES,
        [line.id for _, _, line in lines],
        [order_id for order_id, _, _ in lines],
        [position for _, position, _ in lines],
        [line.sku_id for _, _, line in lines],
        [line.product_id for _, _, line in lines],
        [line.code for _, _, line in lines],
        [stored_json(line.titles) for _, _, line in lines],
        [stored_json(line.option_texts) for _, _, line in lines],
        [line.qty for _, _, line in lines],
        [line.unit_price for _, _, line in lines],
        [price_ids[line.sku_id] for _, _, line in lines],
    )
    units = [(line.id, order_id, unit) for order_id, _, line in lines for unit in line.units]
    await tx.execute(
        SQL_UNITS,
        [unit.id for _, _, unit in units],
        [line_id for line_id, _, _ in units],
        [order_id for _, order_id, _ in units],
        [unit.n for _, _, unit in units],
        [unit.price for _, _, unit in units],
        [unit.discount for _, _, unit in units],
        [unit.points for _, _, unit in units],
        [unit.freight for _, _, unit in units],
        [unit.tax for _, _, unit in units],
        [unit.paid for _, _, unit in units],
    )


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
