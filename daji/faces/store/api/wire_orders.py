"""Purchases and returns on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from daji.care.aftersales.api import Case
from daji.faces.store.api.wire import AddressWire, Amount, ContactWire, Currency, Texts
from daji.faces.store.api.wire_paying import Number, TenderWire, TradeId
from daji.kit import ids
from daji.trade.orders.api import Entry, Line, Order, Trade
from daji.trade.payments.api import Payable
from daji.views.store_orders import OPEN_TENDERS, Parcel, TradePage

OrderId = Annotated[str, msgspec.Meta(examples=["ord_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
UnitId = Annotated[str, msgspec.Meta(max_length=64, examples=["unt_01jd0v9k2m8e6t4r7w3y5z1a2b"])]


class UnitWire(msgspec.Struct, frozen=True, kw_only=True):
    """One piece with its frozen share of what was paid (U-40)."""

    id: UnitId
    n: int
    price: Amount
    discount: Amount
    points: Amount
    freight: Amount
    tax: Amount
    paid: Amount
    refunded: Amount
    status: Annotated[str, msgspec.Meta(examples=["sold"])]


class LineWire(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    sku: str
    code: str
    titles: Texts
    options: dict[str, str]
    qty: int
    unit_price: Amount
    units: tuple[UnitWire, ...]

    @classmethod
    def of(cls, line: Line) -> LineWire:
        return cls(
            id=ids.show("lin", line.id),
            sku=ids.show("sku", line.sku_id),
            code=line.code,
            titles=line.titles,
            options=line.option_texts,
            qty=line.qty,
            unit_price=line.unit_price,
            units=tuple(
                UnitWire(
                    id=ids.show("unt", unit.id),
                    n=unit.n,
                    price=unit.price,
                    discount=unit.discount,
                    points=unit.points,
                    freight=unit.freight,
                    tax=unit.tax,
                    paid=unit.paid,
                    refunded=unit.refunded,
                    status=unit.status,
                )
                for unit in line.units
            ),
        )


class TrackWire(msgspec.Struct, frozen=True, kw_only=True):
    code: Annotated[str, msgspec.Meta(examples=["in_transit"])]
    at: datetime
    place: str
    note: str


class ShipmentWire(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel on its way, the latest event first."""

    id: Annotated[str, msgspec.Meta(examples=["shp_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    carrier: str
    tracking_no: str | None
    status: str
    events: tuple[TrackWire, ...]

    @classmethod
    def of(cls, parcel: Parcel) -> ShipmentWire:
        return cls(
            id=ids.show("shp", parcel.id),
            carrier=parcel.carrier,
            tracking_no=parcel.tracking_no,
            status=parcel.status,
            events=tuple(
                TrackWire(code=one.code, at=one.at, place=one.place, note=one.note) for one in parcel.events
            ),
        )


class CaseWire(msgspec.Struct, frozen=True, kw_only=True):
    """A return or a refund without one; `expected_refund_by` is a promise."""

    id: Annotated[str, msgspec.Meta(examples=["cas_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    order_id: OrderId
    kind: Annotated[str, msgspec.Meta(examples=["return"])]
    status: Annotated[str, msgspec.Meta(examples=["requested"])]
    reason: str
    note: str
    units: tuple[UnitId, ...]
    amount: Amount
    refunded_amount: Amount
    currency: Currency
    expected_refund_by: datetime

    @classmethod
    def of(cls, case: Case) -> CaseWire:
        return cls(
            id=ids.show("cas", case.id),
            order_id=ids.show("ord", case.order_id),
            kind=case.kind,
            status=case.status,
            reason=case.reason,
            note=case.note,
            units=tuple(ids.show("unt", unit.unit_id) for unit in case.units),
            amount=case.amount,
            refunded_amount=case.refunded_amount,
            currency=case.currency,
            expected_refund_by=case.expected_refund_by,
        )


class EntryWire(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, in words that a client can translate."""

    code: Annotated[str, msgspec.Meta(examples=["placed"])]
    params: dict[str, Any]
    at: datetime

    @classmethod
    def of(cls, entry: Entry) -> EntryWire:
        return cls(code=entry.code, params=dict(entry.params), at=entry.at)


class OrderWire(msgspec.Struct, frozen=True, kw_only=True):
    """What one place sends for one seller."""

    id: OrderId
    number: Number
    status: Annotated[str, msgspec.Meta(examples=["confirmed"])]
    delivery: Annotated[str, msgspec.Meta(examples=["shipped"])]
    aftersales: Annotated[str, msgspec.Meta(examples=["none"])]
    goods: Amount
    freight: Amount
    discount: Amount
    tax: Amount
    total: Amount
    promised_by: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    lines: tuple[LineWire, ...]
    shipments: tuple[ShipmentWire, ...]
    cases: tuple[CaseWire, ...]

    @classmethod
    def of(cls, order: Order, page: TradePage | None = None) -> OrderWire:
        return cls(
            id=ids.show("ord", order.id),
            number=order.number,
            status=order.status,
            delivery=order.delivery,
            aftersales=order.aftersales,
            goods=order.goods,
            freight=order.freight,
            discount=order.discount,
            tax=order.tax,
            total=order.total,
            promised_by=order.promised_by,
            shipped_at=order.shipped_at,
            delivered_at=order.delivered_at,
            lines=tuple(LineWire.of(line) for line in order.lines),
            shipments=tuple(
                ShipmentWire.of(parcel)
                for parcel in (page.parcels if page else ())
                if parcel.order_id == order.id
            ),
            cases=tuple(
                CaseWire.of(case) for case in (page.cases if page else ()) if case.order_id == order.id
            ),
        )


class PaymentWire(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, came in and went back."""

    due: Amount
    captured: Amount
    refunding: Amount
    refunded: Amount
    tenders: tuple[TenderWire, ...]

    @classmethod
    def of(cls, payable: Payable) -> PaymentWire:
        return cls(
            due=payable.due,
            captured=payable.captured,
            refunding=payable.refunding,
            refunded=payable.refunded,
            tenders=tuple(
                TenderWire(
                    id=ids.show("ten", tender.id),
                    status=tender.status,
                    amount=tender.amount,
                    pay_url=tender.pay_url if tender.status in OPEN_TENDERS else None,
                )
                for tender in payable.tenders
            ),
        )


class TradeWire(msgspec.Struct, frozen=True, kw_only=True):
    """One purchase. Its parts are `orders`, one for each seller and place that sends."""

    id: TradeId
    number: Number
    status: Annotated[str, msgspec.Meta(examples=["confirmed"])]
    payment: Annotated[str, msgspec.Meta(examples=["paid"])]
    currency: Currency
    goods: Amount
    freight: Amount
    discount: Amount
    tax: Amount
    total: Amount
    due: Amount
    contact: ContactWire
    address: AddressWire
    placed_at: datetime
    pay_by: datetime | None
    orders: tuple[OrderWire, ...]
    paid_by: PaymentWire | None = None
    timeline: tuple[EntryWire, ...] = ()

    @classmethod
    def of(cls, trade: Trade, page: TradePage | None = None) -> TradeWire:
        return cls(
            id=ids.show("trd", trade.id),
            number=trade.number,
            status=trade.status,
            payment=trade.payment,
            currency=trade.currency,
            goods=trade.goods,
            freight=trade.freight,
            discount=trade.discount,
            tax=trade.tax,
            total=trade.total,
            due=trade.due,
            contact=ContactWire(
                name=trade.contact.name, phone=trade.contact.phone, email=trade.contact.email
            ),
            address=AddressWire.of(trade.address),
            placed_at=trade.placed_at,
            pay_by=trade.pay_by,
            orders=tuple(OrderWire.of(order, page) for order in trade.orders),
            paid_by=PaymentWire.of(page.payable) if page and page.payable else None,
            timeline=tuple(EntryWire.of(entry) for entry in page.timeline) if page else (),
        )


class TradePageWire(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[TradeWire, ...]
    next_cursor: str | None


class CancelBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, as a code of the list of reasons; `order` cancels only this part."""

    reason: Annotated[str, msgspec.Meta(max_length=60, examples=["changed_mind"])] = "buyer_request"
    order: OrderId | None = None


class CancelledWire(msgspec.Struct, frozen=True, kw_only=True):
    """`give_back` is on its way to the buyer."""

    id: TradeId
    status: str
    give_back: Amount
    currency: Currency


class ReturnBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which pieces to give back; "refund_only" asks for money without sending anything."""

    units: Annotated[tuple[UnitId, ...], msgspec.Meta(min_length=1, max_length=999)]
    kind: Literal["return", "refund_only"] = "return"
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=60, examples=["damaged"])]
    note: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class AskedWire(msgspec.Struct, frozen=True, kw_only=True):
    id: Annotated[str, msgspec.Meta(examples=["cas_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    amount: Amount
    currency: Currency
    expected_refund_by: datetime


class PhotoWire(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that was taken in."""

    id: Annotated[str, msgspec.Meta(examples=["med_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    width: int
    height: int


class ReviewBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the buyer thinks of a delivered line."""

    score: Annotated[int, msgspec.Meta(ge=1, le=5, examples=[5])]
    title: Annotated[str, msgspec.Meta(max_length=120)] = ""
    text: Annotated[str, msgspec.Meta(max_length=5000)] = ""
