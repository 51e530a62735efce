"""Shapes of flash sales in the store API. Amounts are minor units of the sale's `currency`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from daji.faces.store.api.wire import AddressBody, Amount, ContactBody, Currency, SkuId, Texts
from daji.faces.store.api.wire_cart import ItemBody
from daji.grow.flash import api as flash
from daji.kit import ids

Ticket = Annotated[str, msgspec.Meta(min_length=1, max_length=400, examples=["WyJ…"])]
State = Literal["scheduled", "open", "sold_out", "closed"]


class SaleLineWire(msgspec.Struct, frozen=True, kw_only=True):
    """`left` of `quota` pieces are in nobody's order."""

    sku: SkuId
    price: Amount
    quota: int
    left: int


class SaleWire(msgspec.Struct, frozen=True, kw_only=True):
    """A flash sale as it stands; `server_time` is for whoever counts down."""

    id: Annotated[str, msgspec.Meta(examples=["fls_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    titles: Texts
    currency: Currency
    state: State
    opens_at: datetime
    closes_at: datetime
    line_opens_at: datetime
    per_buyer: int
    members_only: bool
    left: int
    lines: tuple[SaleLineWire, ...]
    server_time: datetime

    @classmethod
    def of(cls, sale: flash.Sale, now: datetime) -> SaleWire:
        state = flash.phase(sale, now)
        return cls(
            id=ids.show("fls", sale.id),
            titles=sale.titles,
            currency=sale.currency,
            state="closed" if state == "draft" else state,
            opens_at=sale.opens_at,
            closes_at=sale.closes_at,
            line_opens_at=sale.opens_at - flash.EARLY,
            per_buyer=sale.per_buyer,
            members_only=sale.audience == "members",
            left=sale.left,
            lines=tuple(
                SaleLineWire(
                    sku=ids.show("sku", line.sku_id),
                    price=line.price,
                    quota=line.quota,
                    left=line.quota - line.taken,
                )
                for line in sale.lines
            ),
            server_time=now,
        )


class SaleListWire(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[SaleWire, ...]


class JoinBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`ticket` is the one of before, if there is one: it keeps its place."""

    ticket: Ticket | None = None


class TicketBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ticket: Ticket


class StandingWire(msgspec.Struct, frozen=True, kw_only=True):
    """`early` waits for the opening, `waiting` for its turn, `called` may get a pass now, `over` need not ask again.

    `ahead` buyers come before; with several web processes it is an estimate. Ask again in `again_in` seconds.
    """

    state: Literal["early", "waiting", "called", "over"]
    ahead: int
    waiting: int
    left: int
    again_in: int

    @classmethod
    def of(cls, how: flash.Standing) -> StandingWire:
        return cls(
            state=how.state, ahead=how.ahead, waiting=how.waiting, left=how.left, again_in=how.again_in
        )


class InLineWire(msgspec.Struct, frozen=True, kw_only=True):
    """The place in line, and how it stands."""

    ticket: str
    standing: StandingWire


class PassWire(msgspec.Struct, frozen=True, kw_only=True):
    """The right to one order, until `expires_at`."""

    token: str
    expires_at: datetime


class FlashQuoteBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to buy with a pass, and where to send it."""

    token: Ticket
    address: AddressBody
    contact: ContactBody
    items: Annotated[tuple[ItemBody, ...], msgspec.Meta(min_length=1, max_length=20)]
