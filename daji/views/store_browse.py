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
from daji.trade.cart.api import Owner
from daji.views.store_cards import Card, list_cards
from daji.views.store_product import ProductPage, get_product_page
from daji.views.store_shell import Here, Shell, get_shell


class CategoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """`shell` is the frame of this very page, read together with it."""

    here: Here
    cards: Page[Card]
    shell: Shell


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
    session: Session,
    *,
    slug: str,
    owner: Owner | None,
    channel: str,
    at: datetime,
    sort: str,
    cursor: str | None,
) -> CategoryPage:
    """A category and a page of its products; NotFound for an unknown slug. Three statements."""
    if not (slug.isascii() and slug.isprintable()):
        raise NotFound(kind="category")
    shell = await get_shell(session, owner=owner, channel=channel, category=slug)
    if shell.here is None:
        raise NotFound(kind="category")
    cards = await list_cards(
        session, channel=channel, at=at, category_id=shell.here.id, sort=sort, cursor=cursor, limit=24
    )
    return CategoryPage(here=shell.here, cards=cards, shell=shell)


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
