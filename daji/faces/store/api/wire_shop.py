"""What the shop offers, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from daji.faces.store.api.wire import Amount, Currency, Texts
from daji.kit import ids
from daji.shop.catalog.api import Category
from daji.shop.reviews.api import Review
from daji.views.store_cards import Card
from daji.views.store_product import ProductPage, SkuOffer

StockWord = Annotated[Literal["in_stock", "low", "sold_out"], msgspec.Meta(examples=["in_stock"])]
Slug = Annotated[str, msgspec.Meta(examples=["bao-wen-bei-620ml"])]


def picture(media_id: UUID | None, width: int = 640) -> str | None:
    """Where the WebP of a picture is; None when there is none."""
    return None if media_id is None else f"/media/{ids.show('med', media_id)}/{width}.webp"


class CategoryWire(msgspec.Struct, frozen=True, kw_only=True):
    id: Annotated[str, msgspec.Meta(examples=["cat_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    parent_id: str | None
    slug: Slug
    names: Texts

    @classmethod
    def of(cls, category: Category) -> CategoryWire:
        return cls(
            id=ids.show("cat", category.id),
            parent_id=None if category.parent_id is None else ids.show("cat", category.parent_id),
            slug=category.slug,
            names=category.names,
        )


class CategoryList(msgspec.Struct, frozen=True, kw_only=True):
    """The whole tree, parents before children."""

    items: tuple[CategoryWire, ...]


class ReviewSummary(msgspec.Struct, frozen=True, kw_only=True):
    """`average` is written with one decimal; None without reviews."""

    count: Annotated[int, msgspec.Meta(examples=[1286])]
    average: Annotated[str, msgspec.Meta(examples=["4.8"])] | None

    @classmethod
    def of(cls, count: int, total: int) -> ReviewSummary:
        return cls(count=count, average=average(count, total))


def average(count: int, total: int) -> str | None:
    """Round a mean score to one decimal, half up; None of nothing."""
    if not count:
        return None
    tenths = (total * 20 + count) // (count * 2)
    return f"{tenths // 10}.{tenths % 10}"


class CardWire(msgspec.Struct, frozen=True, kw_only=True):
    """A product in a list."""

    id: Annotated[str, msgspec.Meta(examples=["prd_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    slug: Slug
    titles: Texts
    subtitles: dict[str, str]
    picture: str | None
    currency: Currency | None
    price_from: Amount | None
    price_to: Amount | None
    compare_at: Amount | None
    stock: StockWord
    reviews: ReviewSummary

    @classmethod
    def of(cls, card: Card) -> CardWire:
        return cls(
            id=ids.show("prd", card.id),
            slug=card.slug,
            titles=card.titles,
            subtitles=card.subtitles,
            picture=picture(card.media_id, 320),
            currency=card.currency,
            price_from=card.lowest,
            price_to=card.highest,
            compare_at=card.compare_at,
            stock=card.stock,
            reviews=ReviewSummary.of(card.review_count, card.review_sum),
        )


class OptionValueWire(msgspec.Struct, frozen=True, kw_only=True):
    code: Annotated[str, msgspec.Meta(examples=["teal"])]
    names: Texts


class OptionWire(msgspec.Struct, frozen=True, kw_only=True):
    code: Annotated[str, msgspec.Meta(examples=["colour"])]
    names: Texts
    values: tuple[OptionValueWire, ...]


class SkuWire(msgspec.Struct, frozen=True, kw_only=True):
    """One choice of every option. `left` is told only when little is left."""

    id: Annotated[str, msgspec.Meta(examples=["sku_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    code: str
    options: Annotated[dict[str, str], msgspec.Meta(examples=[{"colour": "teal", "size": "500ml"}])]
    price: Amount | None
    compare_at: Amount | None
    currency: Currency | None
    stock: StockWord
    left: int | None
    picture: str | None
    weight_g: int

    @classmethod
    def of(cls, sku: SkuOffer) -> SkuWire:
        return cls(
            id=ids.show("sku", sku.id),
            code=sku.code,
            options=sku.option_values,
            price=sku.amount,
            compare_at=sku.compare_at,
            currency=sku.currency,
            stock=sku.stock,
            left=sku.left,
            picture=picture(sku.media_id),
            weight_g=sku.weight_g,
        )


class TextWire(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    subtitle: str
    description: str


class AttributeWire(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    names: dict[str, str]
    value: str


class PictureWire(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    alt: dict[str, str]


class TrailWire(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    slug: Slug
    names: Texts


class ProductWire(msgspec.Struct, frozen=True, kw_only=True):
    """A product with everything its page shows but the reviews."""

    id: Annotated[str, msgspec.Meta(examples=["prd_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    slug: Slug
    code: str
    seller: str | None
    brand: dict[str, str] | None
    texts: dict[str, TextWire]
    categories: tuple[TrailWire, ...]
    options: tuple[OptionWire, ...]
    skus: tuple[SkuWire, ...]
    pictures: tuple[PictureWire, ...]
    attributes: tuple[AttributeWire, ...]
    reviews: ReviewSummary

    @classmethod
    def of(cls, page: ProductPage) -> ProductWire:
        return cls(
            id=ids.show("prd", page.id),
            slug=page.slug,
            code=page.code,
            seller=page.seller,
            brand=page.brand,
            texts={
                lang: TextWire(title=text.title, subtitle=text.subtitle, description=text.description)
                for lang, text in page.texts.items()
            },
            categories=tuple(
                TrailWire(id=ids.show("cat", step.id), slug=step.slug, names=step.names)
                for step in page.trail
            ),
            options=tuple(
                OptionWire(
                    code=option.code,
                    names=option.names,
                    values=tuple(
                        OptionValueWire(code=value.code, names=value.names) for value in option.values
                    ),
                )
                for option in page.options
            ),
            skus=tuple(SkuWire.of(sku) for sku in page.skus),
            pictures=tuple(
                PictureWire(url=f"/media/{ids.show('med', one.media_id)}/1280.webp", alt=one.alt)
                for one in page.media
            ),
            attributes=tuple(
                AttributeWire(code=one.code, names=one.names, value=one.value) for one in page.attributes
            ),
            reviews=ReviewSummary.of(page.review_count, page.review_sum),
        )


class ReviewWire(msgspec.Struct, frozen=True, kw_only=True):
    id: Annotated[str, msgspec.Meta(examples=["rev_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    author: Annotated[str, msgspec.Meta(examples=["林**"])]
    score: Annotated[int, msgspec.Meta(examples=[5])]
    title: str
    text: str
    reply: str | None
    posted_at: datetime

    @classmethod
    def of(cls, review: Review) -> ReviewWire:
        return cls(
            id=ids.show("rev", review.id),
            author=review.author,
            score=review.score,
            title=review.title,
            text=review.text,
            reply=review.reply.text if review.reply else None,
            posted_at=review.posted_at,
        )


class ReviewPage(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[ReviewWire, ...]
    next_cursor: str | None
