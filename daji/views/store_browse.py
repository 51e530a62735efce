"""Screens for looking around: a category with its products, a product with its reviews and the price of the way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.delivery import api as delivery
from daji.kit.db import Session
from daji.kit.paging import Page
from daji.kit.problems import NotFound
from daji.shop.reviews import api as opinions
from daji.views.store_cards import Card, list_cards
from daji.views.store_product import ProductPage, TrailStep, get_product_page

SQL_CATEGORY = """
SELECT c.id,
       (SELECT jsonb_agg(jsonb_build_object('id', u.id, 'slug', u.slug, 'names', u.names) ORDER BY cardinality(u.path))
          FROM catalog.category u WHERE u.id = ANY(c.path)) AS trail,
       (SELECT jsonb_agg(jsonb_build_object('id', d.id, 'slug', d.slug, 'names', d.names) ORDER BY d.position, d.slug)
          FROM catalog.category d WHERE d.parent_id = c.id) AS children
  FROM catalog.category c WHERE c.slug = $1
"""


class CategoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """`trail` runs from the root to the category itself."""

    id: UUID
    trail: tuple[TrailStep, ...]
    children: tuple[TrailStep, ...]
    cards: Page[Card]


class FreightHint(msgspec.Struct, frozen=True, kw_only=True):
    """What sending costs, roughly: from `fee` on, nothing from `free_from` on, about `hours` on the way.

    Amounts in minor units of `currency`; None where it depends on the address alone.
    """

    currency: str
    fee: int | None
    free_from: int | None
    hours: int | None


class ProductScreen(msgspec.Struct, frozen=True, kw_only=True):
    product: ProductPage
    reviews: Page[opinions.Review]
    summary: opinions.Summary | None
    freight: FreightHint | None


async def get_category_page(
    session: Session, *, slug: str, channel: str, at: datetime, sort: str, cursor: str | None
) -> CategoryPage:
    """A category and a page of its products; NotFound for an unknown slug. Three statements."""
    row = await session.row(SQL_CATEGORY, slug) if slug.isascii() and slug.isprintable() else None
    if row is None:
        raise NotFound(kind="category")
    cards = await list_cards(
        session, channel=channel, at=at, category_id=row["id"], sort=sort, cursor=cursor, limit=24
    )
    return CategoryPage(
        id=row["id"],
        trail=msgspec.convert(row["trail"] or [], tuple[TrailStep, ...]),
        children=msgspec.convert(row["children"] or [], tuple[TrailStep, ...]),
        cards=cards,
    )


async def get_product_screen(
    session: Session, *, slug: str, channel: str, at: datetime, reviews_cursor: str | None
) -> ProductScreen:
    """A product with what others say of it and what sending costs. Four statements."""
    product = await get_product_page(session, slug=slug, channel=channel, at=at)
    page = await opinions.list_for_product(session, product_id=product.id, cursor=reviews_cursor, limit=6)
    tally = await opinions.summary(session, product_ids=[product.id]) if product.review_count else {}
    return ProductScreen(
        product=product,
        reviews=page,
        summary=tally.get(product.id),
        freight=await _freight(session, product.seller_id),
    )


async def _freight(session: Session, seller_id: UUID | None) -> FreightHint | None:
    try:
        template = (await delivery.templates_for(session, seller_ids=[seller_id]))[seller_id]
    except delivery.NoService:
        return None
    if template.mode == "carrier" or not template.rules:
        return FreightHint(currency=template.currency, fee=None, free_from=None, hours=None)
    cheapest = min(template.rules, key=lambda rule: rule.first_fee)
    return FreightHint(
        currency=template.currency,
        fee=cheapest.first_fee,
        free_from=cheapest.free_from,
        hours=cheapest.transit_hours,
    )
