"""The cart as its owner sees it: today's names, prices and stock beside each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.kit.db import Row, Session
from daji.kit.problems import NotFound
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.trade.cart import api as cart
from daji.views.shots import Shot, shot_from, shots_of
from daji.views.store_cards import Stock, stock_word

SQL_PRICES_THEN = """
SELECT wanted.sku_id, earlier.amount
  FROM unnest($1::uuid[], $2::timestamptz[]) AS wanted(sku_id, at)
 CROSS JOIN LATERAL (
       SELECT f.amount FROM pricing.price f JOIN pricing.price_list l ON l.id = f.list_id
        WHERE f.sku_id = wanted.sku_id AND l.channel = $3 AND f.valid_from <= wanted.at
          AND (f.valid_to IS NULL OR f.valid_to > wanted.at)
          AND (f.withdrawn_at IS NULL OR f.withdrawn_at > wanted.at)
        ORDER BY l.priority DESC, l.code LIMIT 1) earlier
"""


SQL_CARTS = """
WITH mine AS (
  SELECT a.place, a.at, c.id, c.version
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS a(shopper_id, guest_token, at, place)
    LEFT JOIN LATERAL (SELECT * FROM cart.cart WHERE shopper_id = a.shopper_id AND channel = $4
                       UNION ALL
                       SELECT * FROM cart.cart WHERE guest_token = a.guest_token AND channel = $4) c ON true
), lines AS (
  SELECT m.place, l.sku_id, l.qty, l.selected, l.added_at FROM mine m JOIN cart.line l ON l.cart_id = m.id
  UNION ALL
  SELECT w.place, w.sku_id, NULL, NULL, NULL FROM unnest($5::bigint[], $6::uuid[]) AS w(place, sku_id)
   WHERE NOT EXISTS (SELECT FROM cart.line l JOIN mine m ON m.id = l.cart_id
                      WHERE m.place = w.place AND l.sku_id = w.sku_id)
)
SELECT ch.currency, m.place, m.version, l.sku_id, l.qty, l.selected, l.added_at,
       s.id IS NOT NULL AS known, p.slug, p.options, s.option_values,
       s.status = 'active' AND p.status = 'listed' AS sellable,
       coalesce(s.media_id, (p.media -> 0 ->> 'media_id')::uuid) AS media_id,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       today.amount AS price, coalesce(stock.available, 0) AS available,
       CASE WHEN i.id IS NOT NULL THEN
       jsonb_build_object('id', i.id, 'width', i.width, 'height', i.height, 'blur', i.blur,
                          'widths', jsonb_path_query_array(i.renditions, '$[*].width'))
       END AS shot
  FROM pricing.channel ch
 CROSS JOIN mine m
  LEFT JOIN lines l ON l.place = m.place
  LEFT JOIN catalog.sku s ON s.id = l.sku_id
  LEFT JOIN catalog.product p ON p.id = s.product_id
  LEFT JOIN media.media i ON i.id = coalesce(s.media_id, (p.media -> 0 ->> 'media_id')::uuid) AND i.kind = 'image'
  LEFT JOIN LATERAL (
       SELECT f.amount FROM pricing.price f JOIN pricing.price_list x ON x.id = f.list_id
        WHERE f.sku_id = l.sku_id AND x.channel = $4 AND f.withdrawn_at IS NULL
          AND f.valid_from <= m.at AND (f.valid_to IS NULL OR f.valid_to > m.at)
        ORDER BY x.priority DESC, x.code LIMIT 1) today ON true
  LEFT JOIN LATERAL (
       SELECT sum(b.on_hand - b.held)::bigint AS available
         FROM inventory.balance b JOIN inventory.site t ON t.id = b.site_id AND t.active
        WHERE b.sku_id = l.sku_id) stock ON true
 WHERE ch.code = $4
 ORDER BY m.place, l.added_at NULLS LAST, l.sku_id
"""


class CartRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line; `price` None and `slug` None when it is not for sale (any more)."""

    sku_id: UUID
    slug: str | None
    titles: dict[str, str]
    option_texts: dict[str, str]
    media_id: UUID | None
    shot: Shot | None
    qty: int
    selected: bool
    price: int | None
    stock: Stock
    enough: bool

    @property
    def amount(self) -> int | None:
        return None if self.price is None else self.price * self.qty

    @property
    def buyable(self) -> bool:
        return self.price is not None and self.enough


class CartPage(msgspec.Struct, frozen=True, kw_only=True):
    """`goods` sums the selected lines that have a price."""

    currency: str
    rows: tuple[CartRow, ...]
    version: int

    @property
    def goods(self) -> int:
        return sum(row.amount or 0 for row in self.rows if row.selected)

    @property
    def selected(self) -> tuple[CartRow, ...]:
        return tuple(row for row in self.rows if row.selected)

    @property
    def ready(self) -> bool:
        """Whether the selected lines could go to the checkout now."""
        return bool(self.selected) and all(row.buyable for row in self.selected)


async def get_cart_page(
    session: Session, *, owner: cart.Owner | None, channel: str, at: datetime
) -> CartPage:
    """The owner's cart, empty when there is none. One statement."""
    if owner is None:
        currency = (await pricing.get_channel(session, code=channel)).currency
        return CartPage(currency=currency, rows=(), version=0)
    (seen,) = await look_at_carts(session, asked=[(owner, (), at)], channel=channel)
    return seen.page(version=seen.version, lines=seen.lines)


async def price_rows(
    session: Session,
    *,
    lines: list[tuple[UUID, int, bool]],
    currency: str,
    version: int,
    channel: str,
    at: datetime,
) -> CartPage:
    """Rows for (SKU, quantity, selected). Four statements."""
    sku_ids = [sku_id for sku_id, _, _ in lines]
    skus = {sku.id: sku for sku in await catalog.skus_for_sale(session, sku_ids=sku_ids)}
    prices = await pricing.prices_for(session, sku_ids=sku_ids, channel=channel, at=at)
    stock = await inventory.availability(session, sku_ids=sku_ids)
    shots = await shots_of(session, [sku.media_id for sku in skus.values()])
    held: dict[UUID, int] = {}
    for place in stock:
        held[place.sku_id] = held.get(place.sku_id, 0) + place.available
    return CartPage(
        currency=currency,
        version=version,
        rows=tuple(_row(sku_id, qty, selected, skus, prices, held, shots) for sku_id, qty, selected in lines),
    )


def _row(
    sku_id: UUID,
    qty: int,
    selected: bool,  # noqa: FBT001 - a line's own mark, not a mode
    skus: Mapping[UUID, catalog.SkuForSale],
    prices: Mapping[UUID, pricing.Price],
    held: Mapping[UUID, int],
    shots: Mapping[UUID, Shot],
) -> CartRow:
    sku = skus.get(sku_id)
    price = prices.get(sku_id)
    for_sale = sku is not None and sku.sellable and price is not None
    available = held.get(sku_id, 0)
    return CartRow(
        sku_id=sku_id,
        slug=sku.slug if sku is not None and sku.sellable else None,
        titles=sku.titles if sku is not None else {},
        option_texts=sku.option_texts if sku is not None else {},
        media_id=sku.media_id if sku is not None else None,
        shot=shots.get(sku.media_id) if sku is not None and sku.media_id is not None else None,
        qty=qty,
        selected=selected,
        price=price.amount if for_sale and price is not None else None,
        stock=stock_word(available),
        enough=available >= qty,
    )


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """What a cart's page says of one SKU, whatever quantity is wanted; `known` is whether there is such a SKU."""

    known: bool
    slug: str | None
    titles: dict[str, str]
    option_texts: dict[str, str]
    media_id: UUID | None
    shot: Shot | None
    price: int | None
    available: int


class CartLook(msgspec.Struct, frozen=True, kw_only=True):
    """A cart with the goods in it, and goods that may go into it, all read at once.

    `version` 0 and no lines for a cart that was not opened yet. `currency` is the channel's.
    """

    currency: str
    version: int
    lines: tuple[cart.CartLine, ...]
    goods: dict[UUID, Goods]

    def page(self, *, version: int, lines: Sequence[cart.CartLine]) -> CartPage:
        """The cart's page as it is with these lines, all of goods that were looked at."""
        return CartPage(
            currency=self.currency,
            version=version,
            rows=tuple(_line_row(line, self.goods[line.sku_id]) for line in lines),
        )


async def look_at_carts(
    session: Session, *, asked: Sequence[tuple[cart.Owner, Sequence[UUID], datetime]], channel: str
) -> list[CartLook]:
    """The cart of each (owner, SKUs beside it, when). One statement. Raises NotFound for a channel nobody opened."""
    beside = [(place, sku_id) for place, (_, sku_ids, _) in enumerate(asked, 1) for sku_id in sku_ids]
    rows = await session.rows(
        SQL_CARTS,
        [owner.shopper_id for owner, _, _ in asked],
        [owner.guest_token for owner, _, _ in asked],
        [at for _, _, at in asked],
        channel,
        [place for place, _ in beside],
        [sku_id for _, sku_id in beside],
    )
    if not rows:
        raise NotFound(kind="channel", code=channel)
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["place"], []).append(row)
    return [_look(found[place]) for place in range(1, len(asked) + 1)]


def _look(rows: Sequence[Row]) -> CartLook:
    return CartLook(
        currency=rows[0]["currency"],
        version=rows[0]["version"] or 0,
        lines=tuple(
            cart.CartLine(
                sku_id=row["sku_id"], qty=row["qty"], selected=row["selected"], added_at=row["added_at"]
            )
            for row in rows
            if row["qty"] is not None
        ),
        goods={row["sku_id"]: _goods(row) for row in rows if row["sku_id"] is not None},
    )


def _goods(row: Row) -> Goods:
    known, sellable = bool(row["known"]), bool(row["sellable"])
    titles: dict[str, str] = row["titles"] if known else {}
    options = msgspec.convert(row["options"] or (), tuple[catalog.Option, ...])
    return Goods(
        known=known,
        slug=row["slug"] if sellable else None,
        titles=titles,
        option_texts=catalog.option_texts(tuple(titles), options, row["option_values"]) if known else {},
        media_id=row["media_id"],
        shot=shot_from(row["shot"]),
        price=row["price"] if sellable else None,
        available=row["available"],
    )


def _line_row(line: cart.CartLine, goods: Goods) -> CartRow:
    return CartRow(
        sku_id=line.sku_id,
        slug=goods.slug,
        titles=goods.titles,
        option_texts=goods.option_texts,
        media_id=goods.media_id,
        shot=goods.shot,
        qty=line.qty,
        selected=line.selected,
        price=goods.price,
        stock=stock_word(goods.available),
        enough=goods.available >= line.qty,
    )


class CartScreen(msgspec.Struct, frozen=True, kw_only=True):
    """The cart with what has changed since, and how far it is to free freight.

    `then` is each SKU's price when it was put in, where that is not today's. `free_from` is the amount of goods from
    which the house's own parcels travel free somewhere in the
    country that was asked for; None when they never do.
    """

    page: CartPage
    then: dict[UUID, int]
    free_from: int | None

    @property
    def to_free(self) -> int:
        """What is lacking for free freight, in minor units; 0 when nothing is."""
        return max((self.free_from or 0) - self.page.goods, 0)


async def get_cart_screen(
    session: Session, *, owner: cart.Owner | None, channel: str, country: str, at: datetime
) -> CartScreen:
    """The owner's cart as a page shows it. Two statements more than the cart alone."""
    found = None if owner is None else await cart.find_cart(session, owner=owner, channel=channel)
    if found is None or not found.lines:
        return CartScreen(
            page=await get_cart_page(session, owner=None, channel=channel, at=at), then={}, free_from=None
        )
    page = await price_rows(
        session,
        lines=[(line.sku_id, line.qty, line.selected) for line in found.lines],
        currency=found.currency,
        version=found.version,
        channel=channel,
        at=at,
    )
    earlier = await session.rows(
        SQL_PRICES_THEN,
        [line.sku_id for line in found.lines],
        [line.added_at for line in found.lines],
        channel,
    )
    today = {row.sku_id: row.price for row in page.rows}
    return CartScreen(
        page=page,
        then={
            row["sku_id"]: row["amount"]
            for row in earlier
            if today[row["sku_id"]] not in {None, row["amount"]}
        },
        free_from=await _free_from(session, page.currency, country),
    )


async def _free_from(session: Session, currency: str, country: str) -> int | None:
    try:
        template = (await delivery.templates_for(session, seller_ids=[None], currency=currency))[None]
    except (delivery.NoService, delivery.NoFreight):
        return None
    return delivery.free_from(template, country)


async def get_checkout_rows(
    session: Session,
    *,
    owner: cart.Owner | None,
    items: tuple[tuple[UUID, int], ...] | None,
    channel: str,
    at: datetime,
) -> CartPage:
    """What would be bought: `items`, or the selected lines of the owner's cart."""
    if items is not None:
        currency = (await pricing.get_channel(session, code=channel)).currency
        return await price_rows(
            session,
            lines=[(sku_id, qty, True) for sku_id, qty in items],
            currency=currency,
            version=0,
            channel=channel,
            at=at,
        )
    page = await get_cart_page(session, owner=owner, channel=channel, at=at)
    return msgspec.structs.replace(page, rows=page.selected)
