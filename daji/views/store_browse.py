"""Screens for looking around: a category with its products, a product with its reviews and the price of the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from daji.fulfil.delivery import api as delivery
from daji.kit.db import Session
from daji.kit.paging import Page
from daji.kit.places import Address
from daji.kit.problems import NotFound
from daji.shop.reviews import api as opinions
from daji.trade.cart.api import Owner
from daji.views.store_beside import Beside, get_beside
from daji.views.store_cards import Card, list_cards
from daji.views.store_product import ProductPage, SkuOffer, get_product_page
from daji.views.store_shell import Here, Shell, get_shell


class CategoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """`shell` is the frame of this very page, read together with it."""

    here: Here
    cards: Page[Card]
    shell: Shell


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What sending one piece to a region costs and when it is there.

    Amounts in minor units of `currency`; `fee` and `by` None where they depend on the address alone, `free_from` None
    where no amount of goods travels free.
    """

    currency: str
    fee: int | None
    free_from: int | None
    by: datetime | None


class ProductScreen(msgspec.Struct, frozen=True, kw_only=True):
    product: ProductPage
    reviews: Page[opinions.Review]
    template: delivery.FreightTemplate | None
    beside: Beside

    def delivery(self, sku: SkuOffer, *, country: str, region: str, at: datetime) -> Delivery | None:
        """The way of one piece to a region of a country, an empty name for none in particular.

        None where nothing is sent.
        """
        if self.template is None:
            return None
        if self.template.mode == "carrier":
            return Delivery(currency=self.template.currency, fee=None, free_from=None, by=None)
        place = Address(name="", phone="", country=country, region=region, city="", line="")
        try:
            quote = delivery.freight(self.template, place, sku.weight_g, sku.amount or 0)
        except delivery.NoService:
            return None
        return Delivery(
            currency=self.template.currency,
            fee=quote.fee,
            free_from=delivery.free_from(self.template, country),
            by=at + timedelta(hours=quote.transit_hours),
        )


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
    session: Session,
    *,
    slug: str,
    channel: str,
    at: datetime,
    reviews_cursor: str | None,
    score: int | None = None,
    pictured: bool = False,
) -> ProductScreen:
    """A product with what others say of it, what sending costs, and what stands beside it. Five statements."""
    product = await get_product_page(session, slug=slug, channel=channel, at=at)
    page = await opinions.list_for_product(
        session, product_id=product.id, cursor=reviews_cursor, limit=6, score=score, pictured=pictured
    )
    return ProductScreen(
        product=product,
        reviews=page,
        template=await _template(
            session, product.seller_id, next((sku.currency for sku in product.skus if sku.currency), None)
        ),
        beside=await get_beside(
            session, product_id=product.id, category_id=product.trail[-1].id, channel=channel, at=at
        ),
    )


async def _template(
    session: Session, seller_id: UUID | None, currency: str | None
) -> delivery.FreightTemplate | None:
    if currency is None:
        return None
    try:
        found = await delivery.templates_for(session, seller_ids=[seller_id], currency=currency)
        return found[seller_id]
    except (delivery.NoService, delivery.NoFreight):
        return None
