"""One box for everything: orders, buyers and articles that begin with what was typed. One statement for each kind."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session
from daji.shop.catalog import api as catalog

SQL_FIND_ORDERS = """
SELECT t.id, t.number, t.placed_at, t.status, t.payment, t.contact_name, t.total + t.difference AS due, t.currency
  FROM orders.trade t
 WHERE t.id = ANY(ARRAY(
                SELECT x.id FROM orders.trade x WHERE x.number >= upper($1) AND x.number < upper($1) || '~'
                UNION SELECT x.id FROM orders.trade x WHERE x.contact_phone = ANY($2::text[])
                UNION SELECT x.id FROM orders.trade x WHERE lower(x.contact_email) = lower($1)
                UNION SELECT x.id FROM orders.trade x WHERE x.contact_name = $1
                UNION SELECT x.id FROM orders.trade x WHERE x.external_ref = $1
                UNION SELECT x.trade_id FROM orders."order" x WHERE x.number = upper($1)))
 ORDER BY t.placed_at DESC, t.id DESC LIMIT $3
"""
SQL_FIND_BUYERS = """
SELECT a.id, a.name, a.phone, a.email,
       (SELECT count(*) FROM orders.trade t WHERE t.shopper_id = a.id) AS orders
  FROM identity.account a
 WHERE a.kind = 'shopper'
   AND (a.phone = ANY($2::text[]) OR a.email = lower($1) OR strpos(lower(a.name), lower($1)) = 1)
 ORDER BY a.created_at DESC, a.id DESC LIMIT $3
"""
# A code is looked for as it was typed and in capitals: between two ends, which an index of bytes answers.
SQL_FIND_CODES = """
WITH coded AS (
    (SELECT p.id, NULL AS sku FROM catalog.product p
      WHERE p.code ~>=~ $1 AND p.code ~<~ ($1 || chr(1114111)) ORDER BY p.code USING ~<~ LIMIT $2)
    UNION ALL
    (SELECT p.id, NULL FROM catalog.product p
      WHERE p.code ~>=~ upper($1) AND p.code ~<~ (upper($1) || chr(1114111)) ORDER BY p.code USING ~<~ LIMIT $2)
    UNION ALL
    (SELECT s.product_id, s.code FROM catalog.sku s
      WHERE s.code ~>=~ $1 AND s.code ~<~ ($1 || chr(1114111)) ORDER BY s.code USING ~<~ LIMIT $2)
    UNION ALL
    (SELECT s.product_id, s.code FROM catalog.sku s
      WHERE s.code ~>=~ upper($1) AND s.code ~<~ (upper($1) || chr(1114111)) ORDER BY s.code USING ~<~ LIMIT $2)
    UNION ALL
    (SELECT s.product_id, s.code FROM catalog.sku s WHERE s.barcode = $1 LIMIT $2)
)
SELECT p.id, p.code, p.texts, p.status, c.sku
  FROM (SELECT id, min(sku) AS sku FROM coded GROUP BY id) c JOIN catalog.product p ON p.id = c.id
 ORDER BY (p.status = 'listed') DESC, p.updated_at DESC, p.id LIMIT $2
"""
# A word of three letters is looked up by them; two letters are in so much that the newest goods will do.
SQL_FIND_GOODS = """
SELECT p.id, p.code, p.texts, p.status, NULL AS sku
  FROM (SELECT x.id, x.code, x.texts, x.status, x.updated_at FROM catalog.product x
         WHERE catalog.grams(x.search_text) @> $3::text[] AND x.search_text LIKE $1 LIMIT $4) p
 ORDER BY (p.status = 'listed') DESC, p.updated_at DESC, p.id LIMIT $2
"""
SQL_FIND_SHORT = """
SELECT p.id, p.code, p.texts, p.status, NULL AS sku
  FROM (SELECT x.id, x.code, x.texts, x.status, x.search_text, x.created_at FROM catalog.product x
         ORDER BY x.created_at DESC, x.id DESC LIMIT $3) p
 WHERE p.search_text LIKE $1 ORDER BY p.created_at DESC, p.id DESC LIMIT $2
"""

MOST = 6
_LOOKED_AT, _NEWEST = 2_000, 5_000
_MAX_TEXT = 100
_HOME_CODE = "+86"
_HOME_DIGITS = 11


class OrderHit(msgspec.Struct, frozen=True, kw_only=True):
    """A trade; `due` in minor units of `currency`."""

    trade_id: UUID
    number: str
    placed_at: datetime
    status: str
    payment: str
    contact_name: str
    due: int
    currency: str


class BuyerHit(msgspec.Struct, frozen=True, kw_only=True):
    shopper_id: UUID
    name: str
    phone: str | None
    email: str | None
    orders: int


class GoodsHit(msgspec.Struct, frozen=True, kw_only=True):
    """A product by its title in every language; `sku` is the code that was found, None when the product itself was."""

    product_id: UUID
    code: str
    titles: dict[str, str]
    status: str
    sku: str | None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    orders: tuple[OrderHit, ...] = ()
    buyers: tuple[BuyerHit, ...] = ()
    goods: tuple[GoodsHit, ...] = ()


async def find(session: Session, *, text: str, orders: bool, buyers: bool, goods: bool) -> Found:
    """At most `MOST` of each kind that is asked for; nothing for less than two characters. Four statements at most.

    Goods by their codes; by their words only where no code begins so.
    """
    wanted = text.replace("\0", "").strip()[:_MAX_TEXT]
    if len(wanted) < 2:  # noqa: PLR2004 - one letter would find everything
        return Found()
    phones = _phones(wanted)
    order_rows = await session.rows(SQL_FIND_ORDERS, wanted, phones, MOST) if orders else []
    buyer_rows = await session.rows(SQL_FIND_BUYERS, wanted, phones, MOST) if buyers else []
    goods_rows = await session.rows(SQL_FIND_CODES, wanted, MOST) if goods else []
    if goods and not goods_rows:
        goods_rows = await _by_words(session, wanted)
    return Found(
        orders=tuple(
            OrderHit(trade_id=row["id"], **{name: row[name] for name in OrderHit.__struct_fields__[1:]})
            for row in order_rows
        ),
        buyers=tuple(
            BuyerHit(shopper_id=row["id"], **{name: row[name] for name in BuyerHit.__struct_fields__[1:]})
            for row in buyer_rows
        ),
        goods=tuple(
            GoodsHit(
                product_id=row["id"],
                code=row["code"],
                titles={lang: str(texts.get("title", "")) for lang, texts in row["texts"].items()},
                status=row["status"],
                sku=row["sku"],
            )
            for row in goods_rows
        ),
    )


async def _by_words(session: Session, text: str) -> list[Row]:
    """Goods that have a text in their words: some of the thousands that may, or for two letters of the newest."""
    grams, pattern = catalog.grams(text), catalog.pattern(text)
    if grams:
        return await session.rows(SQL_FIND_GOODS, pattern, MOST, grams, _LOOKED_AT)
    return await session.rows(SQL_FIND_SHORT, pattern, MOST, _NEWEST)


def _phones(text: str) -> list[str]:
    """The number as typed and as kept: with the country's code, for one typed as people here write theirs."""
    digits = "".join(one for one in text if one.isdigit() or one == "+")
    return [text, digits, _HOME_CODE + digits] if len(digits) == _HOME_DIGITS else [text, digits]
