"""Freight templates, parcels and their events on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from uuid import UUID

import pytest

from daji.adapters.carrier.simulated import SimulatedCarrier
from daji.fulfil.delivery import api as delivery
from daji.kit.db import Database
from daji.kit.ids import new_id
from daji.kit.places import Address
from daji.kit.problems import Invalid, NotFound
from daji.kit.states import IllegalTransition

RULE = delivery.FreightRule(
    regions=("CN",), first_g=1000, first_fee=800, step_g=1000, step_fee=200, transit_hours=48
)


def to(note: str = "") -> Address:
    return Address(name=f"李雷 {note}", phone="1", country="CN", region="Zhejiang", city="杭州", line="1")


async def template(db: Database, code: str, now: datetime, currency: str = "CNY") -> delivery.FreightTemplate:
    async with db.transaction() as tx:
        return await delivery.save_template(
            tx, code=code, name=code, currency=currency, mode="table", rules=(RULE,), now=now
        )


async def assign(db: Database, seller_id: UUID | None, template_id: UUID) -> None:
    async with db.transaction() as tx:
        await delivery.assign_template(tx, seller_id=seller_id, template_id=template_id)


async def created(db: Database, now: datetime, *, order_id: UUID | None = None) -> delivery.Shipment:
    async with db.transaction() as tx:
        return await delivery.book_shipment(
            tx,
            shipment_id=new_id(),
            order_id=order_id or new_id(),
            carrier="simulated",
            address=to(),
            weight_g=700,
            now=now,
        )


async def on_the_way(db: Database, now: datetime, tracking_no: str = "DJ1") -> delivery.Shipment:
    made = await created(db, now)
    async with db.transaction() as tx:
        await delivery.record_booking(tx, shipment_id=made.id, tracking_no=tracking_no, now=now)
        return await delivery.hand_over(tx, shipment_id=made.id, now=now)


def event(code: delivery.EventCode, at: datetime, tracking_no: str = "DJ1") -> delivery.TrackingEvent:
    return delivery.TrackingEvent(event_id=f"{tracking_no}-{code}", tracking_no=tracking_no, code=code, at=at)


async def tell(db: Database, one: delivery.TrackingEvent, now: datetime) -> delivery.Tracked:
    async with db.transaction() as tx:
        return await delivery.record_event(tx, carrier="simulated", event=one, now=now)


async def test_sellers_without_a_template_use_the_default(db: Database, now: datetime) -> None:
    own, other = new_id(), new_id()
    async with db.read() as session:
        with pytest.raises(delivery.NoService):
            await delivery.templates_for(session, seller_ids=[None], currency="CNY")
        assert await delivery.templates_for(session, seller_ids=[], currency="CNY") == {}
    default, special = await template(db, "default", now), await template(db, "special", now)
    await assign(db, None, special.id)
    await assign(db, None, default.id)
    await assign(db, own, special.id)
    async with db.read() as session:
        found = await delivery.templates_for(session, seller_ids=[own, other, None, own], currency="CNY")
        assert {key: one.code for key, one in found.items()} == {
            own: "special",
            other: "default",
            None: "default",
        }
        assert [one.code for one in await delivery.list_templates(session)] == ["default", "special"]
    assert found[own].rules == (RULE,)
    with pytest.raises(delivery.UnknownTemplate):
        await assign(db, own, new_id())


async def test_a_seller_has_a_template_for_each_currency_and_none_stands_for_another(
    db: Database, now: datetime
) -> None:
    own = new_id()
    for code, currency, seller_id in (
        ("yuan", "CNY", None),
        ("dollar", "USD", None),
        ("own", "USD", own),
    ):
        await assign(db, seller_id, (await template(db, code, now, currency)).id)

    async def codes(currency: str) -> dict[UUID | None, str]:
        async with db.read() as session:
            found = await delivery.templates_for(session, seller_ids=[own, None], currency=currency)
        return {key: one.code for key, one in found.items()}

    assert await codes("CNY") == {own: "yuan", None: "yuan"}
    assert await codes("USD") == {own: "own", None: "dollar"}
    with pytest.raises(delivery.NoFreight) as refused:
        await codes("EUR")
    assert refused.value.params == {"currency": "EUR"}
    with pytest.raises(delivery.CurrencyTaken):
        await template(db, "yuan", now, "USD")
    # A template that changes its currency is no longer the one for what it was before.
    await template(db, "own", now, "EUR")
    assert await codes("USD") == {own: "dollar", None: "dollar"}
    with pytest.raises(delivery.NoService):
        await codes("EUR")


async def test_saving_again_replaces(db: Database, now: datetime) -> None:
    first = await template(db, "t", now)
    async with db.transaction() as tx:
        second = await delivery.save_template(
            tx, code="t", name="by carrier", currency="KWD", mode="carrier", now=now
        )
        with pytest.raises(Invalid):
            await delivery.save_template(tx, code="t", name="", currency="CNY", mode="table", now=now)
    assert (second.id, second.mode, second.rules) == (first.id, "carrier", ())


async def test_a_whole_life(db: Database, now: datetime) -> None:
    shipped = await on_the_way(db, now)
    assert (shipped.status, shipped.tracking_no, shipped.address) == ("in_transit", "DJ1", to())
    later = now + timedelta(days=2)
    assert not (await tell(db, event("picked_up", now), now)).changed
    assert (await tell(db, event("out_for_delivery", later), later)).changed
    at_the_door = later + timedelta(hours=3)
    done = await tell(db, event("delivered", at_the_door), at_the_door)
    assert (done.changed, done.shipment.status) == (True, "delivered")
    assert done.shipment.delivered_at == at_the_door
    again = await tell(db, event("delivered", at_the_door), at_the_door)
    assert (again.changed, again.fresh, again.shipment.status) == (False, False, "delivered")
    async with db.read() as session:
        events = await delivery.list_events(session, shipment_id=shipped.id)
        assert [one.code for one in events] == ["picked_up", "out_for_delivery", "delivered"]
        assert await delivery.find_by_order(session, order_id=shipped.order_id) == (done.shipment,)
        found = await delivery.find_by_tracking(session, carrier="simulated", tracking_no="DJ1")
        assert found == done.shipment
        assert await delivery.find_by_tracking(session, carrier="other", tracking_no="DJ1") is None
        with pytest.raises(NotFound):
            await delivery.get_shipment(session, shipment_id=new_id())


async def test_any_order_of_telling_ends_the_same(db: Database, now: datetime) -> None:
    """U-23: repeated and reordered scans never lead back; all of them are kept."""
    codes: Sequence[delivery.EventCode] = ("in_transit", "out_for_delivery", "delivered")
    for n, order in enumerate(permutations(codes)):
        number = f"DJ{n}"
        shipped = await on_the_way(db, now, number)
        for code in (*order, *order):
            at = now + timedelta(hours=codes.index(code))
            await tell(db, event(code, at, number), now)
        async with db.read() as session:
            seen = await delivery.get_shipment(session, shipment_id=shipped.id)
            events = await delivery.list_events(session, shipment_id=shipped.id)
        assert (seen.status, seen.delivered_at) == ("delivered", now + timedelta(hours=2))
        assert [one.code for one in events] == list(codes)


async def test_the_same_event_told_by_many_at_once_counts_once(db: Database, now: datetime) -> None:
    await on_the_way(db, now)
    told = await asyncio.gather(*(tell(db, event("delivered", now), now) for _ in range(10)))
    assert sum(one.changed for one in told) == 1
    assert sum(one.fresh for one in told) == 1


async def test_what_was_lost_may_turn_up(db: Database, now: datetime) -> None:
    await on_the_way(db, now)
    assert (await tell(db, event("lost", now), now)).shipment.status == "lost"
    assert not (await tell(db, event("in_transit", now), now)).changed
    assert (await tell(db, event("delivered", now), now)).shipment.status == "delivered"


async def test_an_order_has_one_live_parcel(db: Database, now: datetime) -> None:
    first = await created(db, now)
    with pytest.raises(delivery.AlreadyBooked):
        await created(db, now, order_id=first.order_id)
    async with db.transaction() as tx:
        for _ in range(2):
            assert (await delivery.cancel(tx, shipment_id=first.id, now=now)).status == "cancelled"
        with pytest.raises(IllegalTransition):
            await delivery.record_booking(tx, shipment_id=first.id, tracking_no="DJ1", now=now)
        with pytest.raises(IllegalTransition):
            await delivery.hand_over(tx, shipment_id=first.id, now=now)
    second = await created(db, now, order_id=first.order_id)
    async with db.transaction() as tx:
        again = await delivery.book_shipment(
            tx,
            shipment_id=second.id,
            order_id=second.order_id,
            carrier="simulated",
            address=to(),
            weight_g=1,
            now=now,
        )
    assert again == second
    rivals = await asyncio.gather(
        *(created(db, now, order_id=first.id) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(one, delivery.Shipment) for one in rivals) == 1
    assert sum(isinstance(one, delivery.AlreadyBooked) for one in rivals) == 5


async def test_booking_and_handing_over_again_change_nothing(db: Database, now: datetime) -> None:
    shipped = await on_the_way(db, now)
    later = now + timedelta(hours=1)
    async with db.transaction() as tx:
        assert await delivery.hand_over(tx, shipment_id=shipped.id, now=later) == shipped
        again = await delivery.record_booking(tx, shipment_id=shipped.id, tracking_no="DJ1", now=later)
        assert again == shipped
        with pytest.raises(IllegalTransition):
            await delivery.record_booking(tx, shipment_id=shipped.id, tracking_no="DJ2", now=later)
        with pytest.raises(IllegalTransition):
            await delivery.cancel(tx, shipment_id=shipped.id, now=later)
        with pytest.raises(NotFound):
            await delivery.cancel(tx, shipment_id=new_id(), now=later)


async def test_a_scan_before_our_own_hand_over_stands(db: Database, now: datetime) -> None:
    made = await created(db, now)
    async with db.transaction() as tx:
        await delivery.record_booking(tx, shipment_id=made.id, tracking_no="DJ1", now=now)
    await tell(db, event("out_for_delivery", now), now)
    async with db.transaction() as tx:
        handed = await delivery.hand_over(tx, shipment_id=made.id, now=now)
    assert (handed.status, handed.handed_over_at) == ("out_for_delivery", now)


@pytest.mark.parametrize("weight_g", [0, -1])
async def test_impossible_input(db: Database, now: datetime, weight_g: int) -> None:
    async with db.transaction() as tx:
        with pytest.raises(Invalid):
            await delivery.book_shipment(
                tx,
                shipment_id=new_id(),
                order_id=new_id(),
                carrier="simulated",
                address=to(),
                weight_g=weight_g,
                now=now,
            )
        with pytest.raises(NotFound):
            await delivery.record_event(
                tx, carrier="simulated", event=event("delivered", now, "' OR 1=1"), now=now
            )


@pytest.mark.parametrize(
    ("note", "status"),
    [("", "delivered"), ("#duplicate #reorder #slow", "delivered"), ("#fail", "returned"), ("#lost", "lost")],
)
async def test_the_simulated_carrier_drives_a_parcel(
    db: Database, now: datetime, tmp_path: Path, note: str, status: str
) -> None:
    carrier = SimulatedCarrier(
        folder=tmp_path, secret=b"s", clock=lambda: now, http=None, notify_url="http://nowhere.test"
    )
    made = await created(db, now)
    origin = delivery.Origin(site_id=new_id(), name="hz", postcode="", city="杭州", lat=None, lon=None)
    booking = await carrier.book(
        delivery.BookRequest(
            shipment_id=made.id, key=str(made.id), origin=origin, destination=to(note), weight_g=700, at=now
        )
    )
    async with db.transaction() as tx:
        await delivery.record_booking(tx, shipment_id=made.id, tracking_no=booking.tracking_no, now=now)
        await delivery.hand_over(tx, shipment_id=made.id, now=now)
    at = now
    while (due := carrier.next_due()) is not None:
        at = max(at, due)
        for notice in carrier.take(at):
            for one in carrier.parse_event(notice.headers, notice.body, at):
                await tell(db, one, at)
    async with db.read() as session:
        assert (await delivery.get_shipment(session, shipment_id=made.id)).status == status
    await carrier.aclose()
