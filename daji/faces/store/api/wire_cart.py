"""Carts and quotes on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from daji.faces.store.api.wire import (
    AddressBody,
    AddressWire,
    Amount,
    ContactBody,
    ContactWire,
    Currency,
    Quantity,
    SkuId,
    Texts,
)
from daji.faces.store.api.wire_shop import StockWord, picture
from daji.kit import ids
from daji.trade.cart.api import MAX_LINES, Quote, QuoteParcel
from daji.views.store_cart import CartPage, CartRow


class LineBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many of the SKU the cart shall hold: 0 takes it out, `add` counts on top of what is there."""

    qty: Quantity
    add: bool = False


class SkuLineBody(LineBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same of the SKU that it names."""

    sku: SkuId


class LinesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of several lines, in the order in which the cart shall show them."""

    lines: Annotated[tuple[SkuLineBody, ...], msgspec.Meta(min_length=1, max_length=MAX_LINES)]


class SelectBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark lines for the checkout; `skus` None means all of them."""

    selected: bool
    skus: Annotated[tuple[SkuId, ...], msgspec.Meta(max_length=120)] | None = None


class CartLineWire(msgspec.Struct, frozen=True, kw_only=True):
    """`price` and `amount` are None when the SKU is not for sale now; `stock` covers the quantity or not."""

    sku: SkuId
    product_slug: str | None
    titles: Texts
    options: dict[str, str]
    picture: str | None
    qty: Quantity
    selected: bool
    price: Amount | None
    amount: Amount | None
    stock: StockWord
    enough: bool

    @classmethod
    def of(cls, row: CartRow) -> CartLineWire:
        return cls(
            sku=ids.show("sku", row.sku_id),
            product_slug=row.slug,
            titles=row.titles,
            options=row.option_texts,
            picture=picture(row.media_id, 320),
            qty=row.qty,
            selected=row.selected,
            price=row.price,
            amount=row.amount,
            stock=row.stock,
            enough=row.enough,
        )


class CartWire(msgspec.Struct, frozen=True, kw_only=True):
    """`goods` sums the selected lines that are for sale, before freight."""

    currency: Currency
    lines: tuple[CartLineWire, ...]
    goods: Amount
    version: int

    @classmethod
    def of(cls, page: CartPage) -> CartWire:
        return cls(
            currency=page.currency,
            lines=tuple(CartLineWire.of(row) for row in page.rows),
            goods=page.goods,
            version=page.version,
        )


class ItemBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sku: SkuId
    qty: Annotated[int, msgspec.Meta(ge=1, le=999, examples=[1])]


class QuoteBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to price: the cart's selected lines, or `items`. No amount is taken from a client (U-22)."""

    address: AddressBody
    contact: ContactBody
    items: Annotated[tuple[ItemBody, ...], msgspec.Meta(min_length=1, max_length=120)] | None = None


class QuoteLineWire(msgspec.Struct, frozen=True, kw_only=True):
    sku: SkuId
    titles: Texts
    options: dict[str, str]
    qty: int
    unit_price: Amount
    amount: Amount


class QuoteItemWire(msgspec.Struct, frozen=True, kw_only=True):
    sku: SkuId
    qty: int


class QuoteParcelWire(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[QuoteItemWire, ...]
    freight: Amount
    weight_g: int
    promised_by: datetime

    @classmethod
    def of(cls, parcel: QuoteParcel) -> QuoteParcelWire:
        return cls(
            items=tuple(QuoteItemWire(sku=ids.show("sku", sku_id), qty=qty) for sku_id, qty in parcel.items),
            freight=parcel.freight,
            weight_g=parcel.weight_g,
            promised_by=parcel.promised_by,
        )


class QuoteWire(msgspec.Struct, frozen=True, kw_only=True):
    """A binding offer until `expires_at`: `total = goods + freight - discount + tax`."""

    id: Annotated[str, msgspec.Meta(examples=["quo_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    currency: Currency
    lines: tuple[QuoteLineWire, ...]
    parcels: tuple[QuoteParcelWire, ...]
    goods: Amount
    freight: Amount
    discount: Amount
    tax: Amount
    total: Amount
    address: AddressWire
    contact: ContactWire
    expires_at: datetime

    @classmethod
    def of(cls, quote: Quote) -> QuoteWire:
        return cls(
            id=ids.show("quo", quote.id),
            currency=quote.currency,
            lines=tuple(
                QuoteLineWire(
                    sku=ids.show("sku", line.sku_id),
                    titles=line.titles,
                    options=line.option_texts,
                    qty=line.qty,
                    unit_price=line.unit_price,
                    amount=line.amount,
                )
                for line in quote.lines
            ),
            parcels=tuple(QuoteParcelWire.of(parcel) for parcel in quote.parcels),
            goods=quote.goods,
            freight=quote.freight,
            discount=quote.discount,
            tax=quote.tax,
            total=quote.total,
            address=AddressWire.of(quote.address),
            contact=ContactWire(
                name=quote.contact.name, phone=quote.contact.phone, email=quote.contact.email
            ),
            expires_at=quote.expires_at,
        )
