"""One order as staff see it: money per unit, payments, books, parcels, returns, and one timeline of it all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from daji.care.aftersales import api as aftersales
from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.fulfil.warehouse import api as warehouse
from daji.kit.db import Session
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments

SQL_STAFF_NAMES = """
SELECT id, name FROM identity.account WHERE id = ANY($1::uuid[])
"""

Source = Literal["order", "parcel", "case", "work"]

# What a room of its own tells in more detail is not told twice.
_TOLD_BY: Mapping[str, Source] = {
    "delivery_picking": "work",
    "delivery_packed": "work",
    "delivery_shipped": "work",
    "delivery_delivered": "parcel",
    "delivery_failed": "parcel",
    "delivery_returned": "parcel",
    "return_opened": "case",
    "return_kept": "case",
    "return_taken_back": "case",
}


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the whole story. `code` is a word of its `source`; `by` a name where we know one.

    `amount` is in minor units of `currency` when money is the matter.
    """

    source: Source
    code: str
    at: datetime
    by: str
    public: bool
    order_id: UUID | None = None
    note: str = ""
    amount: int | None = None
    currency: str | None = None


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment with what its carrier told."""

    shipment: delivery.Shipment
    events: tuple[delivery.TrackingEvent, ...]


class OrderScreen(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one trade; `payable` is None for a sale whose money was taken elsewhere."""

    trade: orders.Trade
    payable: payments.Payable | None
    entries: tuple[payments.Entry, ...]
    sites: tuple[inventory.Site, ...]
    pick_lists: tuple[warehouse.PickList, ...]
    parcels: tuple[Parcel, ...]
    cases: tuple[aftersales.Case, ...]
    timeline: tuple[Moment, ...]

    def site(self, site_id: UUID) -> inventory.Site | None:
        return next((site for site in self.sites if site.id == site_id), None)

    def pick_list(self, order_id: UUID) -> warehouse.PickList | None:
        return next((one for one in self.pick_lists if one.order_id == order_id), None)

    def parcels_of(self, order_id: UUID) -> tuple[Parcel, ...]:
        return tuple(one for one in self.parcels if one.shipment.order_id == order_id)


async def get_order_screen(session: Session, *, trade_id: UUID) -> OrderScreen:
    """Raise TradeUnknown for an id that names no trade."""
    trade = await orders.get_trade(session, trade_id=trade_id, owner=None)
    payable = await payments.find_payable(session, trade_id=trade_id)
    entries = await payments.list_entries(session, trade_id=trade_id)
    sites = await inventory.sites(session, ids=[order.site_id for order in trade.orders])
    pick_lists: list[warehouse.PickList] = []
    parcels: list[Parcel] = []
    for order in trade.orders:
        found = await warehouse.find_pick_list(session, order_id=order.id)
        if found is not None:
            pick_lists.append(found)
        for shipment in await delivery.find_by_order(session, order_id=order.id):
            events = await delivery.list_events(session, shipment_id=shipment.id)
            parcels.append(Parcel(shipment=shipment, events=events))
    cases = (await aftersales.list_cases(session, owner=None, trade_id=trade_id, limit=100)).items
    told = await orders.timeline(session, trade_id=trade_id, public_only=False)
    moments = _moments(told, pick_lists, parcels, cases)
    return OrderScreen(
        trade=trade,
        payable=payable,
        entries=entries,
        sites=sites,
        pick_lists=tuple(pick_lists),
        parcels=tuple(parcels),
        cases=cases,
        timeline=await with_names(session, moments),
    )


def _moments(
    told: tuple[orders.Entry, ...],
    pick_lists: list[warehouse.PickList],
    parcels: list[Parcel],
    cases: tuple[aftersales.Case, ...],
) -> list[Moment]:
    moments = [
        Moment(source="work", code=step.verb, at=step.at, by=step.by, public=False, order_id=one.order_id)
        for one in pick_lists
        for step in one.history
    ]
    moments += [
        Moment(
            source="parcel",
            code=event.code,
            at=event.at,
            by=f"carrier:{parcel.shipment.carrier}",
            public=True,
            order_id=parcel.shipment.order_id,
            note=" ".join(part for part in (event.place, event.note) if part),
        )
        for parcel in parcels
        for event in parcel.events
    ]
    moments += [
        Moment(
            source="case",
            code=step.verb,
            at=step.at,
            by=step.by,
            public=True,
            order_id=case.order_id,
            note=step.note,
        )
        for case in cases
        for step in case.history
    ]
    by_rooms = {(moment.source, moment.order_id) for moment in moments}
    moments += [
        _from_entry(entry) for entry in told if (_TOLD_BY.get(entry.code), entry.order_id) not in by_rooms
    ]
    # At one instant the order speaks first: the rooms act on what it says.
    return sorted(moments, key=lambda moment: (moment.at, moment.source != "order"))


def _from_entry(entry: orders.Entry) -> Moment:
    currency, amount = entry.params.get("currency"), entry.params.get("amount")
    known_money = isinstance(currency, str) and isinstance(amount, int)
    text = entry.params.get("text") or entry.params.get("reason") or ""
    return Moment(
        source="order",
        code=entry.code,
        at=entry.at,
        by=entry.by,
        public=entry.public,
        order_id=entry.order_id,
        note=str(text),
        amount=amount if known_money and isinstance(amount, int) else None,
        currency=currency if known_money and isinstance(currency, str) else None,
    )


async def with_names(session: Session, moments: list[Moment]) -> tuple[Moment, ...]:
    """Put the names of staff in the place of their ids. One statement, none when no staff acted."""
    wanted = {moment.by: _staff_id(moment.by) for moment in moments}
    known = sorted({staff_id for staff_id in wanted.values() if staff_id is not None})
    if not known:
        return tuple(moments)
    names = {row["id"]: row["name"] for row in await session.rows(SQL_STAFF_NAMES, known)}
    return tuple(
        msgspec.structs.replace(moment, by=names.get(wanted[moment.by], moment.by)) for moment in moments
    )


def _staff_id(by: str) -> UUID | None:
    """Id of the member of staff; None for others, and for staff of another shop whose history was imported."""
    kind, _, rest = by.partition(":")
    if kind != "staff":
        return None
    try:
        return UUID(rest)
    except ValueError:
        return None
