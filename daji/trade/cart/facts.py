"""Facts and refusals of the cart room."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from daji.kit.places import Address
from daji.kit.problems import NotFound, Problem

MAX_TOKEN_CHARS = 200


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose cart, quote or order it is: a shopper who signed in, or the guest who holds a token; exactly one.

    ValueError otherwise: an owner of nothing must never be able to match a row of nobody (CVE-2026-22588).
    """

    shopper_id: UUID | None = None
    guest_token: str | None = None

    def __post_init__(self) -> None:
        if (self.shopper_id is None) == (self.guest_token is None):
            raise ValueError("an owner is either a shopper or a guest")
        if self.guest_token is not None and not 0 < len(self.guest_token) <= MAX_TOKEN_CHARS:
            raise ValueError(f"a guest token has 1 to {MAX_TOKEN_CHARS} characters")


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to tell; an empty text for what is not known."""

    name: Annotated[str, msgspec.Meta(max_length=80)]
    phone: Annotated[str, msgspec.Meta(max_length=32)] = ""
    email: Annotated[str, msgspec.Meta(max_length=254)] = ""


class CartLine(msgspec.Struct, frozen=True, kw_only=True):
    """`selected` lines go to the checkout, the others wait."""

    sku_id: UUID
    qty: int
    selected: bool
    added_at: datetime


class LineChange(msgspec.Struct, frozen=True, kw_only=True):
    """Hold `qty` pieces of a SKU, 0 for none of it, or add that many to what is there."""

    sku_id: UUID
    qty: int
    mode: Literal["set", "add"] = "set"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Changes to the cart that somebody has just read at `version` with these lines (0 and none: not opened)."""

    owner: Owner
    version: int
    lines: tuple[CartLine, ...]
    changes: tuple[LineChange, ...]
    now: datetime


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """One cart per owner and channel; lines oldest first. `version` grows with every change."""

    id: UUID
    owner: Owner
    channel: str
    currency: str
    lines: tuple[CartLine, ...]
    version: int


class QuoteLine(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU of an offer; `amount` is that of all `qty` units, in minor units, before discount and tax.

    `weight_g` is that of one unit. A SKU stands on one line only.
    """

    sku_id: UUID
    code: str
    product_id: UUID
    titles: dict[str, str]
    option_texts: dict[str, str]
    seller_id: UUID | None
    qty: int
    unit_price: int
    amount: int
    weight_g: int
    price_id: UUID


class QuoteParcel(msgspec.Struct, frozen=True, kw_only=True):
    """What one site sends for one seller. `items` are (SKU, quantity).

    `unit_freights` are (SKU, fee) as the carrier told them: one entry per unit, or one per SKU that is the fee of
    each of its units; None when only the sum is known.
    """

    seller_id: UUID | None
    site_id: UUID
    items: tuple[tuple[UUID, int], ...]
    freight: int
    unit_freights: tuple[tuple[UUID, int], ...] | None
    weight_g: int
    promised_by: datetime


class SaleRef(msgspec.Struct, frozen=True, kw_only=True):
    """The flash sale that an offer is of, the pass it was made with, and how long the buyer then has to pay."""

    sale_id: UUID
    pass_id: UUID
    pay_minutes: int


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that binds until `expires_at` (exclusive): `total = goods + freight - discount + tax`.

    All amounts in minor units of `currency`. `from_cart` tells whether buying it empties cart lines.
    """

    id: UUID
    owner: Owner
    channel: str
    currency: str
    lang: str
    address: Address
    contact: Contact
    lines: tuple[QuoteLine, ...]
    parcels: tuple[QuoteParcel, ...]
    goods: int
    freight: int
    discount: int
    tax: int
    total: int
    made_at: datetime
    expires_at: datetime
    from_cart: bool
    sale: SaleRef | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a newer quote differs: `orders.quote_change.<code>` in the catalogue, with its parameters.

    With `currency` among the parameters, `old` and `new` are minor units of it; in `promise_later` they are
    aware datetimes, in `quantity_short` counts.
    """

    code: str
    params: dict[str, object]


class CartFull(Problem):
    """A cart holds at most `maximum` different SKUs."""

    code = "cart.full"
    status = 409


class QuantityOutOfRange(Problem):
    """Parameters `minimum`, `maximum` and the quantity that would result, `wanted`."""

    code = "cart.quantity_out_of_range"
    status = 422


class QuoteNotFound(NotFound):
    code = "cart.quote_not_found"
    status = 404


class CartNotFound(NotFound):
    code = "cart.not_found"
    status = 404


class UnreadableText(Problem):
    """A text holds the character U+0000, which no PostgreSQL text can."""

    code = "cart.unreadable_text"
    status = 422
