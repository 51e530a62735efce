"""The carrier of the past asks what was recorded, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from daji.adapters.carrier.replayed import ReplayedRates
from daji.fulfil.delivery import api as delivery
from daji.kit import ids
from daji.kit.places import Address

NOW = datetime(2017, 3, 1, tzinfo=UTC)
THERE = Address(name="a", phone="-", country="BR", region="SP", city="x", line="y")


def request(*lines: tuple[object, int]) -> delivery.RateRequest:
    return delivery.RateRequest(
        seller_id=None,
        site_id=ids.new_id(),
        origin_postcode="",
        origin_lat=None,
        origin_lon=None,
        address=THERE,
        weight_g=0,
        lines=tuple(lines),  # type: ignore[arg-type]
        currency="BRL",
        at=NOW,
    )


async def test_the_recorded_fee_of_each_unit():
    carrier, one, two = ReplayedRates(), ids.new_id(), ids.new_id()
    with pytest.raises(delivery.RateUnavailable):
        await carrier.rates(request((one, 1)))
    carrier.recorded(at=NOW, unit_fees={one: 1185, two: 0}, promised_by=NOW)
    rate = await carrier.rates(request((one, 2), (two, 1)))
    assert (rate.fee, rate.promised_by) == (2370, NOW)
    assert rate.unit_fees == ((one, 1185), (one, 1185), (two, 0))
    with pytest.raises(delivery.RateUnavailable):
        await carrier.rates(request((one, 1), (ids.new_id(), 1)))
    carrier.forget()
    with pytest.raises(delivery.RateUnavailable):
        await carrier.rates(request((one, 2)))


async def test_a_parcel_is_found_again_without_a_memory():
    wanted = delivery.BookRequest(
        shipment_id=ids.new_id(),
        key="shp_1",
        origin=delivery.Origin(site_id=ids.new_id(), name="", postcode="", city="", lat=None, lon=None),
        destination=THERE,
        weight_g=0,
        at=NOW,
    )
    booked = await ReplayedRates().book(wanted)
    assert await ReplayedRates().find_booking("shp_1") == booked
    assert await ReplayedRates().find_booking("shp_2") != booked


def test_it_sends_no_messages():
    with pytest.raises(delivery.ForgedEvent):
        ReplayedRates().parse_event({}, b"{}", NOW)
