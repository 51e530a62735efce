"""One box for everything: orders, buyers and articles that begin with what was typed. One statement for each kind."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Session

SQL_FIND_ORDERS = """
SELECT t.id, t.number, t.placed_at, t.status, t.payment, t.contact_name, t.total + t.difference AS due, t.currency
  FROM orders.trade t
 WHERE t.id IN (SELECT x.id FROM orders.trade x WHERE x.number >= upper($1) AND x.number < upper($1) || '~'
                UNION SELECT x.id FROM orders.trade x WHERE x.contact_phone = ANY($2::text[])
                UNION SELECT x.id FROM orders.trade x WHERE lower(x.contact_email) = lower($1)
                UNION SELECT x.id FROM orders.trade x WHERE x.contact_name = $1
                UNION SELECT x.id FROM orders.trade x WHERE x.external_ref = $1
                UNION SELECT x.trade_id FROM orders."order" x WHERE x.number = upper($1))
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
SQL_FIND_GOODS = """
SELECT p.id, p.code, p.texts, p.status,
       (SELECT s.code FROM catalog.sku s WHERE s.product_id = p.id AND (s.code ILIKE $2 OR s.barcode = $1)
         ORDER BY s.code LIMIT 1) AS sku
  FROM catalog.product p
 WHERE p.code ILIKE $2 OR p.search_text LIKE $3
    OR p.id IN (SELECT s.product_id FROM catalog.sku s WHERE s.code ILIKE $2 OR s.barcode = $1)
 ORDER BY (p.status = 'listed') DESC, p.updated_at DESC, p.id LIMIT $4
"""

MOST = 6
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
    """At most `MOST` of each kind that is asked for; nothing for less than two characters. Three statements at most."""
    wanted = text.replace("\0", "").strip()[:_MAX_TEXT]
    if len(wanted) < 2:  # noqa: PLR2004 - one letter would find everything
        return Found()
    phones = _phones(wanted)
    order_rows = await session.rows(SQL_FIND_ORDERS, wanted, phones, MOST) if orders else []
    buyer_rows = await session.rows(SQL_FIND_BUYERS, wanted, phones, MOST) if buyers else []
    pattern = wanted.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    goods_rows = (
        await session.rows(SQL_FIND_GOODS, wanted, f"{pattern}%", f"%{pattern}%", MOST) if goods else []
    )
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


def _phones(text: str) -> list[str]:
    """The number as typed and as kept: with the country's code, for one typed as people here write theirs."""
    digits = "".join(one for one in text if one.isdigit() or one == "+")
    return [text, digits, _HOME_CODE + digits] if len(digits) == _HOME_DIGITS else [text, digits]
