"""Decisions of the orders room: the frozen shares of units, and what follows from the states of children."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.money import LIMIT, AmountOutOfRange, exponent, share_out, split
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.cart.api import Quote, QuoteLine, QuoteParcel, UnreadableText
from daji.trade.orders.facts import DeliveryStatus, QuoteUnbalanced, TooManyUnits
from daji.trade.orders.states import DELIVERY, GOODS_AT_HAND

_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")

COMPLETION_WINDOW = timedelta(days=7)
"""How long after delivery an order completes by itself, and how long an open return puts that off."""

MAX_UNITS = 20_000
"""Pieces in one trade: each is a row, and so many take a small machine a second or two to write."""

CANCEL_REASONS = (
    "changed_mind",
    "ordered_by_mistake",
    "wrong_address",
    "found_cheaper",
    "too_slow",
    "buyer_request",
    "out_of_stock",
    "missing",
    "damaged",
    "undeliverable",
    "suspected_fraud",
    "payment_problem",
    "made_elsewhere",
    "other",
)


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's part of the quote, in minor units."""

    sku_id: UUID
    price: int
    discount: int
    freight: int
    tax: int

    @property
    def paid(self) -> int:
        return self.price - self.discount + self.freight + self.tax


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """What one order of the trade will be; `items` hold one share per unit, SKU by SKU."""

    seller_id: UUID | None
    site_id: UUID
    items: tuple[tuple[QuoteLine, tuple[Share, ...]], ...]
    weight_g: int
    promised_by: datetime

    @property
    def shares(self) -> tuple[Share, ...]:
        return tuple(share for _, shares in self.items for share in shares)


def children(quote: Quote) -> tuple[Child, ...]:
    """Divide a quote into one child per seller and site, and every amount into shares of single units.

    The shares of all units add up to the quote's total, each part of it to its part, to the minor unit
    (U-40, U-60). Freight stays in its parcel: as the carrier told it per unit, else by price. Discount and tax
    are spread over the whole quote, by price and by discounted price. Largest remainder throughout.

    Raises
    ------
    QuoteUnbalanced
        When the quote's parts contradict each other.
    TooManyUnits
        More than `MAX_UNITS` pieces.
    AmountOutOfRange
        Beyond what a PostgreSQL bigint holds.
    """
    lines = _checked(quote)
    parcels: list[QuoteParcel] = []
    units: list[tuple[UUID, int, int]] = []
    for parcel in quote.parcels:
        priced = [(sku_id, lines[sku_id].unit_price) for sku_id, qty in parcel.items for _ in range(qty)]
        parcels += [parcel] * len(priced)
        freights = _freights(parcel, priced)
        units += [(sku, price, freight) for (sku, price), freight in zip(priced, freights, strict=True)]
    discounts = share_out(quote.discount, [price for _, price, _ in units])
    taxes = split(quote.tax, [price - off for (_, price, _), off in zip(units, discounts, strict=True)])
    by_child: dict[tuple[UUID | None, UUID], dict[UUID, list[Share]]] = {}
    for parcel, (sku_id, price, freight), discount, tax in zip(parcels, units, discounts, taxes, strict=True):
        share = Share(sku_id=sku_id, price=price, discount=discount, freight=freight, tax=tax)
        by_child.setdefault((parcel.seller_id, parcel.site_id), {}).setdefault(sku_id, []).append(share)
    return tuple(
        Child(
            seller_id=seller_id,
            site_id=site_id,
            items=tuple((lines[sku_id], tuple(shares)) for sku_id, shares in items.items()),
            weight_g=sum(parcel.weight_g for parcel in _of(quote, seller_id, site_id)),
            promised_by=max(parcel.promised_by for parcel in _of(quote, seller_id, site_id)),
        )
        for (seller_id, site_id), items in by_child.items()
    )


def _of(quote: Quote, seller_id: UUID | None, site_id: UUID) -> list[QuoteParcel]:
    return [one for one in quote.parcels if (one.seller_id, one.site_id) == (seller_id, site_id)]


def _freights(parcel: QuoteParcel, units: Sequence[tuple[UUID, int]]) -> tuple[int, ...]:
    """Freight of each unit of a parcel, in the order of `units` (SKU, price)."""
    if parcel.unit_freights is None:
        return split(parcel.freight, [price for _, price in units])
    told: dict[UUID, list[int]] = {}
    for sku_id, fee in parcel.unit_freights:
        told.setdefault(sku_id, []).append(fee)
    taken: dict[UUID, int] = {}
    weights: list[int] = []
    for sku_id, _ in units:
        fees = told.get(sku_id, [0])
        weights.append(fees[min(taken.get(sku_id, 0), len(fees) - 1)])
        taken[sku_id] = taken.get(sku_id, 0) + 1
    # What was told adds up as a rule, and is then kept as it is; else it tells the proportion.
    return tuple(weights) if sum(weights) == parcel.freight else split(parcel.freight, weights)


def _checked(quote: Quote) -> dict[UUID, QuoteLine]:
    """Lines by SKU, of a quote that adds up."""
    exponent(quote.currency)
    lines = {line.sku_id: line for line in quote.lines}
    packed: dict[UUID, int] = dict.fromkeys(lines, 0)
    for parcel in quote.parcels:
        for sku_id, qty in parcel.items:
            if sku_id not in lines or lines[sku_id].seller_id != parcel.seller_id:
                raise QuoteUnbalanced(what="parcels")
            packed[sku_id] += qty
    fees = [fee for one in quote.parcels for _, fee in one.unit_freights or ()]
    amounts = (quote.goods, quote.freight, quote.discount, quote.tax, quote.total, *fees)
    amounts += tuple(one.freight for one in quote.parcels) + tuple(line.amount for line in quote.lines)
    counts = [qty for one in quote.parcels for _, qty in one.items] + [line.qty for line in quote.lines]
    rules = {
        "lines": bool(lines)
        and len(lines) == len(quote.lines)
        and all(line.amount == line.unit_price * line.qty for line in quote.lines),
        "negative": min(amounts) >= 0,
        "quantities": min(counts, default=0) > 0
        and all(packed[sku_id] == line.qty for sku_id, line in lines.items()),
        "parcels": all(one.items and one.weight_g >= 0 for one in quote.parcels),
        "goods": quote.goods == sum(line.amount for line in quote.lines),
        "freight": quote.freight == sum(one.freight for one in quote.parcels),
        "discount": quote.discount <= quote.goods,
        "total": quote.total == quote.goods - quote.discount + quote.freight + quote.tax,
    }
    for what, holds in rules.items():
        if not holds:
            raise QuoteUnbalanced(what=what)
    if (wanted := sum(line.qty for line in quote.lines)) > MAX_UNITS:
        raise TooManyUnits(maximum=MAX_UNITS, wanted=wanted)
    if max(amounts) > LIMIT:
        raise AmountOutOfRange(limit=LIMIT)
    return lines


def check_reason(reason: str) -> None:
    """Refuse a reason of cancelling that is not in `CANCEL_REASONS`. Raises Invalid."""
    if reason not in CANCEL_REASONS:
        raise Invalid(fields=(FieldProblem(pointer="/reason", code="unknown_value"),))


def check_code(pointer: str, code: str) -> None:
    """Refuse what is no code of lower-case letters, digits and underscores. Raises Invalid."""
    if not _CODE.fullmatch(code):
        raise Invalid(fields=(FieldProblem(pointer=pointer, code="wrong_type"),))


def check_text(text: str) -> None:
    """Refuse U+0000, which PostgreSQL stores in no text. Raises UnreadableText."""
    if "\0" in text:
        raise UnreadableText


def may_return(status: str, delivery: str) -> bool:
    """Tell whether units can come back: their goods have left. What has not left is cancelled instead."""
    return status in {"confirmed", "completed"} and delivery not in GOODS_AT_HAND


def shown_units(unit_ids: Iterable[UUID]) -> list[str]:
    """Ids of units as a problem tells them."""
    return [ids.show("unt", unit_id) for unit_id in unit_ids]


def trade_verb(statuses: Iterable[str]) -> str | None:
    """What the states of its orders do to a trade: complete or cancel it, or nothing yet.

    It completes when every order that was not cancelled has, and is cancelled when all are.
    """
    seen = set(statuses)
    if not seen or seen & {"placed", "confirmed"}:
        return None
    return "complete" if "completed" in seen else "cancel"


def delivery_allows(delivery: str, verb: str) -> bool:
    """Tell whether the delivery axis has this step, without taking it."""
    return DELIVERY.allows(delivery, verb)


def delivery_after(delivery: DeliveryStatus, verb: str) -> DeliveryStatus:
    """Where the delivery axis stands after a step that it allows. Raises IllegalTransition."""
    return cast("DeliveryStatus", DELIVERY.after(delivery, verb))
