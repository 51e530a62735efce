"""Facts and refusals of the orders room."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from daji.kit.places import Address
from daji.kit.problems import NotFound, Problem
from daji.trade.cart.api import Contact, Owner, Quote

TradeStatus = Literal["placed", "confirmed", "completed", "cancelled", "expired"]
PaymentStatus = Literal["unpaid", "part_paid", "paid", "part_refunded", "refunded"]
OrderStatus = Literal["placed", "confirmed", "completed", "cancelled"]
DeliveryStatus = Literal[
    "none", "released", "picking", "packed", "shipped", "delivered", "failed", "returned", "stopped"
]
AftersalesStatus = Literal["none", "open", "part_returned", "returned"]
UnitStatus = Literal["sold", "cancelled", "in_return", "returned"]


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """One piece sold with its frozen share of the trade: `paid = price - discount - points + freight + tax`.

    A refund of the piece is `paid` less what was `refunded` before; nothing is ever recomputed (U-40).
    `n` counts the pieces of the line from 1.
    """

    id: UUID
    n: int
    price: int
    discount: int
    points: int
    freight: int
    tax: int
    paid: int
    refunded: int
    status: UnitStatus


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU in one order, with the words it was sold under."""

    id: UUID
    sku_id: UUID
    product_id: UUID
    code: str
    titles: dict[str, str]
    option_texts: dict[str, str]
    qty: int
    unit_price: int
    units: tuple[Unit, ...]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What one site sends for one seller; the child of a trade. Amounts in the trade's `currency`."""

    id: UUID
    number: str
    trade_id: UUID
    seller_id: UUID | None
    site_id: UUID
    status: OrderStatus
    delivery: DeliveryStatus
    aftersales: AftersalesStatus
    currency: str
    goods: int
    freight: int
    discount: int
    tax: int
    total: int
    weight_g: int
    promised_by: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    lines: tuple[Line, ...]


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """One purchase: `total` was promised, `due = total + difference` is to be paid, in minor units.

    `owner` is None, and `pay_by` too, for a sale made elsewhere; `external_ref` is its number there.
    """

    id: UUID
    number: str
    owner: Owner | None
    channel: str
    currency: str
    lang: str
    status: TradeStatus
    payment: PaymentStatus
    goods: int
    freight: int
    discount: int
    tax: int
    total: int
    difference: int
    due: int
    contact: Contact
    address: Address
    placed_at: datetime
    pay_by: datetime | None
    external_ref: str | None
    orders: tuple[Order, ...]


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's word at `at`: a trade at exactly this quote, to be paid by `pay_by`.

    `buyer_keys` name user, device and address; `external_ref` is the number it has in another shop.
    """

    trade_id: UUID
    quote: Quote
    buyer_keys: tuple[str, ...]
    pay_by: datetime
    by: str
    at: datetime
    external_ref: str | None = None


class TradeHead(msgspec.Struct, frozen=True, kw_only=True):
    """What paying needs to know of a trade; amounts in minor units of `currency`."""

    id: UUID
    number: str
    status: TradeStatus
    payment: PaymentStatus
    currency: str
    due: int
    pay_by: datetime | None


class ConfirmedLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of one SKU that are to be sent."""

    id: UUID
    sku_id: UUID
    qty: int


class ConfirmedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was just released to its site."""

    id: UUID
    number: str
    site_id: UUID
    lines: tuple[ConfirmedLine, ...]


class OrdersAudit(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit counted; three empty lists are well.

    `doubled` were placed twice for one quote or one outside number, `paid_not_confirmed` have all their money and stand
    as placed, the sums of `unbalanced` are not those of their orders and units.
    """

    trades: int
    doubled: tuple[UUID, ...]
    paid_not_confirmed: tuple[UUID, ...]
    unbalanced: tuple[UUID, ...]


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """A trade that was just confirmed; no `orders` for a sale of which only the sum is known."""

    trade_id: UUID
    orders: tuple[ConfirmedOrder, ...]


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """The sums captured and refunded for a trade so far, as they stand at `at`; `settled`: they cover what is due.

    `parts` are the payments that came since, where they are known one by one.
    """

    trade_id: UUID
    captured: int
    refunded: int
    settled: bool
    by: str
    at: datetime
    parts: tuple[int, ...] = ()


class MoneyTaken(msgspec.Struct, frozen=True, kw_only=True):
    """Where a trade stands with its money. `confirmed` when this money was what it waited for."""

    head: TradeHead
    confirmed: Confirmed | None


class DeliveryStep(msgspec.Struct, frozen=True, kw_only=True):
    """Who moves an order on its delivery axis, and when."""

    order_id: UUID
    by: str
    at: datetime


class MovedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that just took a step on its delivery axis."""

    id: UUID
    number: str
    trade_id: UUID
    delivery: DeliveryStatus


class CancelledOrder(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` is what its cancelled `units` cost and was not refunded yet: the refund, if they were paid."""

    order: Order
    amount: int
    units: tuple[Unit, ...]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of a trade's life: `orders.timeline.<code>` in the catalogue, with its parameters.

    With `currency` among the parameters, `amount` is in its minor units. `public` entries are for the buyer too.
    """

    id: UUID
    trade_id: UUID
    order_id: UUID | None
    code: str
    params: dict[str, object]
    by: str
    public: bool
    at: datetime


class TradeUnknown(NotFound):
    """No such trade, or it is somebody else's."""

    code = "orders.trade_unknown"
    status = 404


class OrderUnknown(NotFound):
    """No such order, or it is somebody else's."""

    code = "orders.order_unknown"
    status = 404


class QuoteUnbalanced(Problem):
    """The parts of a quote do not add up, so that it cannot be promised; parameter `what`."""

    code = "orders.quote_unbalanced"
    status = 422


class TooManyUnits(Problem):
    """One trade has at most `maximum` pieces, for each is a row of its own; parameter `wanted`."""

    code = "orders.too_many_units"
    status = 422


class AlreadyPlaced(Problem):
    """The quote, or the number of another shop, has become a trade before; parameter `external_ref`."""

    code = "orders.already_placed"
    status = 409


class TooLateToCancel(Problem):
    """Its goods are on the road or with the buyer; parameters `number` and `delivery`."""

    code = "orders.too_late_to_cancel"
    status = 409


class CancelWholeTrade(Problem):
    """An order of an unpaid trade cannot be cancelled alone, for what is due was promised as one sum."""

    code = "orders.cancel_whole_trade"
    status = 409


class UnitNotReturnable(Problem):
    """At least one unit is not of this order, or is cancelled, returned or in a return; parameter `unit_ids`."""

    code = "orders.unit_not_returnable"
    status = 409


class UnitNotInReturn(Problem):
    """At least one unit is in no open return; parameter `unit_ids`."""

    code = "orders.unit_not_in_return"
    status = 409


class RefundExceedsPaid(Problem):
    """More would go back for a unit than was paid for it; parameter `unit_ids`."""

    code = "orders.refund_exceeds_paid"
    status = 409


class DifferenceTooLarge(Problem):
    """What is due would fall below zero; parameters `amount`, `due`, `currency`."""

    code = "orders.difference_too_large"
    status = 409
