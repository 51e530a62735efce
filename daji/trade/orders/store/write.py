"""Statements that add rows: a trade with its family, the timeline, differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.db import Tx
from daji.trade.cart.api import stored_json
from daji.trade.orders.facts import Trade
from daji.trade.orders.rules import check_text

# The identity's sequence is drawn by hand, because the number is made of it in the same row.
SQL_PLACE = """
WITH wanted AS MATERIALIZED (
    SELECT r.*, nextval(pg_get_serial_sequence('orders.trade', 'seq')) AS seq
      FROM json_to_recordset($1::text::json)
           AS r(id uuid, placed_at timestamptz, shopper_id uuid, guest_token text, channel text, currency text,
                lang text, goods bigint, freight bigint, discount bigint, tax bigint, total bigint, name text,
                phone text, email text, address jsonb, buyer_keys text[], quote_id uuid, external_ref text,
                pay_by timestamptz, entry_id uuid, code text, params jsonb, by text)
), t AS (
    INSERT INTO orders.trade (id, seq, number, shopper_id, guest_token, channel, currency, lang, goods, freight,
                              discount, tax, total, contact_name, contact_phone, contact_email, address,
                              buyer_keys, quote_id, external_ref, placed_at, pay_by)
    SELECT w.id, w.seq,
           'D' || to_char(w.placed_at AT TIME ZONE 'UTC', 'YYMMDD')
               || lpad(w.seq::text, greatest(7, length(w.seq::text)), '0'),
           w.shopper_id, w.guest_token, w.channel, w.currency, w.lang, w.goods, w.freight, w.discount, w.tax, w.total,
           w.name, w.phone, w.email, w.address, w.buyer_keys, w.quote_id, w.external_ref, w.placed_at, w.pay_by
      FROM wanted w
    ON CONFLICT DO NOTHING
    RETURNING id, number, placed_at
), o AS (
    INSERT INTO orders."order" (id, trade_id, position, number, seller_id, site_id, goods, freight, discount, tax,
                                total, weight_g, placed_at, promised_by)
    SELECT c.id, t.id, c.position, t.number || '-' || c.position, c.seller_id, c.site_id, c.goods, c.freight,
           c.discount, c.tax, c.total, c.weight_g, t.placed_at, c.promised_by
      FROM json_to_recordset($2::text::json)
           AS c(trade_id uuid, id uuid, position int, seller_id uuid, site_id uuid, goods bigint, freight bigint,
                discount bigint, tax bigint, total bigint, weight_g bigint, promised_by timestamptz)
      JOIN t ON t.id = c.trade_id
), l AS (
    INSERT INTO orders.line (id, order_id, position, sku_id, product_id, code, titles, option_texts, qty, unit_price,
                             price_id)
    SELECT l.id, l.order_id, l.position, l.sku_id, l.product_id, l.code, l.titles, l.option_texts, l.qty,
           l.unit_price, l.price_id
      FROM json_to_recordset($3::text::json)
           AS l(trade_id uuid, id uuid, order_id uuid, position int, sku_id uuid, product_id uuid, code text,
                titles jsonb, option_texts jsonb, qty int, unit_price bigint, price_id uuid)
      JOIN t ON t.id = l.trade_id
), u AS (
    INSERT INTO orders.unit (id, line_id, order_id, n, price, discount, points, freight, tax, paid)
    SELECT u.id, u.line_id, u.order_id, u.n, u.price, u.discount, u.points, u.freight, u.tax, u.paid
      FROM json_to_recordset($4::text::json)
           AS u(trade_id uuid, id uuid, line_id uuid, order_id uuid, n int, price bigint, discount bigint,
                points bigint, freight bigint, tax bigint, paid bigint)
      JOIN t ON t.id = u.trade_id
), told AS (
    INSERT INTO orders.timeline (id, trade_id, code, params, by, public, at)
    SELECT w.entry_id, t.id, w.code, jsonb_build_object('number', t.number) || w.params, w.by, true, t.placed_at
      FROM t JOIN wanted w ON w.id = t.id
)
SELECT id, number FROM t
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


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A trade to be added with all below it and its first entry; the entry's parameters get the number besides."""

    trade: Trade
    buyer_keys: tuple[str, ...]
    quote_id: UUID | None
    price_ids: Mapping[UUID, UUID]
    placed: Happened
    by: str


async def place(tx: Tx, drafts: Sequence[Draft]) -> dict[UUID, str]:
    """Add trades; their numbers, none for a trade that exists already."""
    rows = await tx.rows(
        SQL_PLACE,
        stored_json([_trade(draft) for draft in drafts]),
        stored_json([row for draft in drafts for row in _orders(draft.trade)]),
        stored_json([row for draft in drafts for row in _lines(draft.trade, draft.price_ids)]),
        stored_json([row for draft in drafts for row in _units(draft.trade)]),
    )
    return {row["id"]: row["number"] for row in rows}


def _trade(draft: Draft) -> dict[str, object]:
    trade, owner, contact = draft.trade, draft.trade.owner, draft.trade.contact
    for text in (contact.name, contact.phone, contact.email, trade.external_ref or "", *draft.buyer_keys):
        check_text(text)
    return {
        "id": trade.id,
        "placed_at": trade.placed_at,
        "shopper_id": owner.shopper_id if owner else None,
        "guest_token": owner.guest_token if owner else None,
        "channel": trade.channel,
        "currency": trade.currency,
        "lang": trade.lang,
        "goods": trade.goods,
        "freight": trade.freight,
        "discount": trade.discount,
        "tax": trade.tax,
        "total": trade.total,
        "name": contact.name,
        "phone": contact.phone,
        "email": contact.email,
        "address": trade.address,
        "buyer_keys": draft.buyer_keys,
        "quote_id": draft.quote_id,
        "external_ref": trade.external_ref,
        "pay_by": trade.pay_by,
        "entry_id": ids.new_id(),
        "code": draft.placed.code,
        "params": draft.placed.params,
        "by": draft.by,
    }


def _orders(trade: Trade) -> list[dict[str, object]]:
    return [
        {
            "trade_id": trade.id,
            "id": order.id,
            "position": position,
            "seller_id": order.seller_id,
            "site_id": order.site_id,
            "goods": order.goods,
            "freight": order.freight,
            "discount": order.discount,
            "tax": order.tax,
            "total": order.total,
            "weight_g": order.weight_g,
            "promised_by": order.promised_by,
        }
        for position, order in enumerate(trade.orders, start=1)
    ]


def _lines(trade: Trade, price_ids: Mapping[UUID, UUID]) -> list[dict[str, object]]:
    return [
        {
            "trade_id": trade.id,
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
        for order in trade.orders
        for position, line in enumerate(order.lines, start=1)
    ]


def _units(trade: Trade) -> list[dict[str, object]]:
    return [
        {
            "trade_id": trade.id,
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
        for order in trade.orders
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
