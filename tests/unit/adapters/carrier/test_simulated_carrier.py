"""The simulated carrier, with its file in a temporary folder and no network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daji.adapters.carrier.simulated import SimulatedCarrier
from daji.adapters.carrier.simulated.books import tracking_number
from daji.adapters.carrier.simulated.signing import HEADER_SIGNATURE, HEADER_TIMESTAMP, Signer
from daji.fulfil.delivery.ports import (
    BookRequest,
    Carrier,
    CarrierRefused,
    CarrierUnknown,
    CarrierUnreachable,
    ForgedEvent,
    Origin,
    RateRequest,
    RateUnavailable,
    TrackingEvent,
    UnreadableEvent,
)
from daji.kit.ids import new_id
from daji.kit.outbound import Answer, NotReached, Question, Within
from daji.kit.places import Address

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
SECRET = b"a secret of the installation"
ORIGIN = Origin(site_id=new_id(), name="hz", postcode="310000", city="Hangzhou", lat=30.25, lon=120.17)


class Shop:
    """The shop's door for webhooks; `refuse` answers that many times with an error."""

    def __init__(self, carrier_of: list[SimulatedCarrier], *, refuse: int = 0) -> None:
        self.refuse = refuse
        self.taken: list[TrackingEvent] = []
        self.forged = 0
        self._carrier_of = carrier_of

    async def __call__(self, told: Question) -> Answer:
        if self.refuse:
            self.refuse -= 1
            return Answer(status=503)
        try:
            self.taken += self._carrier_of[0].parse_event(told.headers, told.body, NOW)
        except ForgedEvent:
            self.forged += 1
            return Answer(status=401)
        return Answer(status=204)


def make(folder: Path, *, http: Within | None = None, now: datetime = NOW) -> SimulatedCarrier:
    return SimulatedCarrier(
        folder=folder, secret=SECRET, clock=lambda: now, http=http, notify_url="http://shop.test/notify"
    )


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[SimulatedCarrier]:
    made = make(tmp_path)
    yield made
    made._books.close()


def to(note: str = "", *, lat: float | None = 31.23, lon: float | None = 121.47) -> Address:
    return Address(
        name=f"Li {note}",
        phone="1",
        country="CN",
        region="Shanghai",
        city="Shanghai",
        line="Road 1",
        lat=lat,
        lon=lon,
    )


def request(key: str = "shp_1", note: str = "", weight_g: int = 700) -> BookRequest:
    return BookRequest(
        shipment_id=new_id(), key=key, origin=ORIGIN, destination=to(note), weight_g=weight_g, at=NOW
    )


def told(carrier: SimulatedCarrier, until: datetime) -> list[TrackingEvent]:
    events: list[TrackingEvent] = []
    for notice in carrier.take(until):
        events += carrier.parse_event(notice.headers, notice.body, until)
    return events


async def test_it_is_a_carrier(carrier: SimulatedCarrier) -> None:
    behind_port: Carrier = carrier
    assert behind_port.code == "simulated"


async def test_the_same_key_is_the_same_parcel(carrier: SimulatedCarrier, tmp_path: Path) -> None:
    first = await carrier.book(request())
    assert await carrier.book(request()) == first
    assert await carrier.find_booking("shp_1") == first
    assert await carrier.find_booking("shp_2") is None
    other = await carrier.book(request("shp_2"))
    assert other.tracking_no != first.tracking_no
    with pytest.raises(CarrierRefused, match="key_reused"):
        await carrier.book(request(weight_g=701))
    again = make(tmp_path)
    assert await again.book(request()) == first
    await again.aclose()


async def test_a_delivery_is_told_in_order_and_once(carrier: SimulatedCarrier) -> None:
    booking = await carrier.book(request())
    assert told(carrier, NOW) == []
    events = told(carrier, NOW + timedelta(days=9))
    assert [event.code for event in events] == [
        "picked_up",
        "in_transit",
        "in_transit",
        "out_for_delivery",
        "delivered",
    ]
    assert {event.tracking_no for event in events} == {booking.tracking_no}
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert told(carrier, NOW + timedelta(days=99)) == []
    assert carrier.next_due() is None


@pytest.mark.parametrize(
    ("note", "last"),
    [("#fail", ["failed", "returning", "returned"]), ("#lost", ["in_transit", "lost"])],
)
async def test_scripts_that_end_badly(carrier: SimulatedCarrier, note: str, last: list[str]) -> None:
    await carrier.book(request(note=note))
    events = told(carrier, NOW + timedelta(days=30))
    assert [event.code for event in events][-len(last) :] == last


async def test_an_address_may_be_given_a_fate_that_it_does_not_tell(carrier: SimulatedCarrier) -> None:
    carrier.obey(to(), frozenset({"lost", "no such word"}))
    await carrier.book(request("shp_1"))
    await carrier.book(request("shp_2", note="elsewhere"))
    ends = {event.tracking_no: event.code for event in told(carrier, NOW + timedelta(days=30))}
    assert sorted(ends.values()) == ["delivered", "lost"]
    carrier.obey(to(), frozenset())
    await carrier.book(request("shp_3"))
    assert told(carrier, NOW + timedelta(days=60))[-1].code == "delivered"


async def test_slow_parcels_miss_their_promise(carrier: SimulatedCarrier) -> None:
    rate = await carrier.rates(rating("CNY"))
    await carrier.book(request(note="#slow"))
    assert told(carrier, NOW + timedelta(days=30))[-1].at > rate.promised_by


async def test_duplicates_and_disorder(carrier: SimulatedCarrier) -> None:
    await carrier.book(request(note="#duplicate #reorder"))
    events = told(carrier, NOW + timedelta(days=30))
    assert [event.code for event in events[:3]] == ["delivered"] * 3
    assert len(events) == 15
    assert len({event.event_id for event in events}) == 5
    assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)


async def test_silence_unreachability_and_refusal(carrier: SimulatedCarrier) -> None:
    with pytest.raises(CarrierUnknown):
        await carrier.book(request("silent", "#silent"))
    assert await carrier.find_booking("silent") == await carrier.book(request("silent", "#silent"))
    with pytest.raises(CarrierUnreachable):
        await carrier.book(request("far", "#unreachable"))
    assert await carrier.find_booking("far") is None
    assert (await carrier.book(request("far", "#unreachable"))).tracking_no
    for bad in (request("no", "#refuse"), request("heavy", weight_g=10**6), request("none", weight_g=0)):
        with pytest.raises(CarrierRefused):
            await carrier.book(bad)
        assert await carrier.find_booking(bad.key) is None


async def test_cancelling_before_and_after_the_pick_up(carrier: SimulatedCarrier, tmp_path: Path) -> None:
    booking = await carrier.book(request())
    for _ in range(2):
        await carrier.cancel(booking.tracking_no)
    assert await carrier.find_booking("shp_1") is None
    with pytest.raises(CarrierRefused, match="cancelled"):
        await carrier.book(request())
    assert told(carrier, NOW + timedelta(days=30)) == []
    late = await carrier.book(request("late"))
    tomorrow = make(tmp_path, now=NOW + timedelta(days=1))
    with pytest.raises(CarrierRefused, match="already_collected"):
        await tomorrow.cancel(late.tracking_no)
    with pytest.raises(CarrierRefused, match="unknown_parcel"):
        await tomorrow.cancel("'; DROP TABLE booking; --")
    await tomorrow.aclose()


def rating(currency: str, *, weight_g: int = 700, note: str = "") -> RateRequest:
    return RateRequest(
        seller_id=None,
        site_id=ORIGIN.site_id,
        origin_postcode=ORIGIN.postcode,
        origin_lat=ORIGIN.lat,
        origin_lon=ORIGIN.lon,
        address=to(note),
        weight_g=weight_g,
        lines=(),
        currency=currency,
        at=NOW,
    )


async def test_rates_by_weight_distance_and_currency(carrier: SimulatedCarrier) -> None:
    light = await carrier.rates(rating("CNY"))
    heavy = await carrier.rates(rating("CNY", weight_g=1001))
    assert (light.fee, heavy.fee) == (1250, 1550)
    assert (await carrier.rates(rating("JPY"))).fee == 12
    assert (await carrier.rates(rating("KWD"))).fee == 12500
    assert light.promised_by > NOW
    for bad in (rating("CNY", note="#norate"), rating("CNY", weight_g=0), rating("CNY", weight_g=10**9)):
        with pytest.raises(RateUnavailable):
            await carrier.rates(bad)


async def test_posting_retries_until_the_shop_takes_it(tmp_path: Path) -> None:
    carriers: list[SimulatedCarrier] = []
    shop = Shop(carriers, refuse=2)
    carrier = make(tmp_path, http=Within(shop))
    carriers.append(carrier)
    await carrier.book(
        BookRequest(
            shipment_id=new_id(),
            key="old",
            origin=ORIGIN,
            destination=to("#forge"),
            weight_g=1,
            at=NOW - timedelta(days=30),
        )
    )
    first = await carrier.advance(NOW)
    assert (first.told, first.failed) == (9, 1)
    assert (await carrier.advance(NOW)).told == 0
    second = await carrier.advance(NOW + timedelta(minutes=5))
    assert (second.told, second.failed) == (1, 0)
    assert len({event.event_id for event in shop.taken}) == 5
    assert not any("forged" in event.event_id for event in shop.taken)
    assert shop.forged == 4
    await carrier.aclose()


async def test_a_shop_that_is_gone_is_given_up_on_at_last(tmp_path: Path) -> None:
    async def gone(_: Question) -> Answer:
        raise NotReached("gone")

    carrier = make(tmp_path, http=Within(gone))
    await carrier.book(request())
    at = NOW + timedelta(days=30)
    assert (await carrier.advance(at)).failed == 1
    for _ in range(120):
        assert (await carrier.advance(at)).told == 0
        at += timedelta(hours=2)
    assert carrier.next_due() is None
    await carrier.aclose()


EVENT = TrackingEvent(event_id="e-1", tracking_no="DJ1", code="delivered", at=NOW)


def test_only_fresh_messages_with_the_right_signature_are_read() -> None:
    signer = Signer(SECRET)
    good = signer.sign((EVENT,), NOW)
    assert signer.open({k.upper(): v for k, v in good.headers.items()}, good.body, NOW) == (EVENT,)
    for headers, body, at in (
        (good.headers, good.body + b" ", NOW),
        (good.headers, good.body, NOW + timedelta(seconds=301)),
        (good.headers, good.body, NOW - timedelta(seconds=301)),
        ({**good.headers, HEADER_SIGNATURE: "é"}, good.body, NOW),
        ({**good.headers, HEADER_TIMESTAMP: "²"}, good.body, NOW),
        ({**good.headers, HEADER_TIMESTAMP: "9" * 40}, good.body, NOW),
        ({}, good.body, NOW),
    ):
        with pytest.raises(ForgedEvent):
            signer.open(headers, body, at)
    forged = signer.sign((EVENT,), NOW, forged=True)
    with pytest.raises(ForgedEvent):
        signer.open(forged.headers, forged.body, NOW)
    other = Signer(b"another installation").sign((EVENT,), NOW)
    with pytest.raises(ForgedEvent):
        signer.open(other.headers, other.body, NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"events":[{"event_id":"","tracking_no":"x","code":"delivered","at":"2026-01-01T00:00:00Z"}]}',
        b'{"events":[{"event_id":"x\\u0000","tracking_no":"x","code":"lost","at":"2026-01-01T00:00:00Z"}]}',
        b'{"events":[{"event_id":"x","tracking_no":"x","code":"eaten","at":"2026-01-01T00:00:00Z"}]}',
        b'{"events":[{"event_id":"x","tracking_no":"x","code":"lost","at":"2026-01-01T00:00:00"}]}',
        b" " * 100_001,
    ],
)
def test_genuine_nonsense_is_refused(body: bytes) -> None:
    signer = Signer(SECRET)
    timestamp = str(int(NOW.timestamp()))
    headers = {
        HEADER_TIMESTAMP: timestamp,
        HEADER_SIGNATURE: signer._signature(signer._key, timestamp, body),
    }
    with pytest.raises(UnreadableEvent):
        signer.open(headers, body, NOW)


def test_tracking_numbers_bear_the_check_digit_of_s10() -> None:
    # The example of UPU S10: 47312482 has the check digit 9.
    assert tracking_number(47312482) == "DJ473124829CN"
    assert len({tracking_number(n) for n in range(1000)}) == 1000
