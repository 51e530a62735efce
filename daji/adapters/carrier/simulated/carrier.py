"""The simulated carrier behind our port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from daji.adapters.carrier.simulated import script
from daji.adapters.carrier.simulated.books import BookingRow, Books, NoticeRow
from daji.adapters.carrier.simulated.signing import SignedNotice, Signer
from daji.fulfil.delivery.ports import (
    Booking,
    BookRequest,
    CarrierRefused,
    CarrierUnknown,
    CarrierUnreachable,
    Rate,
    RateRequest,
    RateUnavailable,
    TrackingEvent,
)
from daji.kit import tracing
from daji.kit.money import exponent
from daji.kit.outbound import NoAnswer, NotReached, Outbound, Wire
from daji.kit.places import Address

log = structlog.get_logger(__name__)

MAX_WEIGHT_G = 100_000
_BATCH = 200
_LEASE = timedelta(seconds=60)
_RETRY = timedelta(seconds=15)
_RETRY_MAX = timedelta(hours=1)
_MAX_TRIES = 20
_POST_SECONDS = 5.0
_FIRST_KG = 1200
_NEXT_KG = 300
_PER_100_KM = 50
_BUFFER_HOURS = 24
_SUCCESS = range(200, 300)


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What one round of telling did."""

    told: int
    failed: int


class SimulatedCarrier:
    """Speaks as a real carrier would: HTTP webhooks under an HMAC, its own file, its own mistakes.

    `advance(now)` posts what is due, with retry; `take(now)` hands it over instead, signed all the same, for a
    replay that runs no server. `hour_seconds` makes a demonstration's parcels drive faster.
    """

    def __init__(
        self,
        *,
        folder: Path,
        secret: bytes,
        clock: Callable[[], datetime],
        http: Outbound | None,
        notify_url: str,
        hour_seconds: float = 3600.0,
    ) -> None:
        self._books = Books(folder / "carrier.sqlite3")
        self._signer = Signer(secret)
        self._clock = clock
        self._http = http or Wire(also=tracing.carried)
        self._notify_url = notify_url
        self._hour = timedelta(seconds=hour_seconds)
        self._obeyed: dict[Address, frozenset[str]] = {}

    @property
    def code(self) -> str:
        return "simulated"

    def obey(self, destination: Address, told: frozenset[str]) -> None:
        """Let bookings to this address meet these words of `script`, though it does not say them."""
        self._obeyed[destination] = told & script.WORDS

    def misbehave(self, kind: Literal["dead", "slow"], *, until: datetime) -> None:
        """Be away, or answer nobody in time, for all processes that share this carrier's folder."""
        self._books.set_trouble(kind, until=until)

    async def _suffer(self) -> None:
        """Whoever calls meets the trouble of the day: no connection, or an answer that comes when it is over."""
        found = self._books.trouble(now=self._clock())
        if found is None:
            return
        kind, seconds = found
        if kind == "dead":
            raise CarrierUnreachable("no connection")
        await asyncio.sleep(seconds)

    async def rates(self, request: RateRequest) -> Rate:
        """Price by weight begun and distance; a promise with a day to spare. Raises RateUnavailable."""
        await self._suffer()
        if "norate" in script.words(request.address) or not 0 < request.weight_g <= MAX_WEIGHT_G:
            raise RateUnavailable
        km = script.distance_km(request.origin_lat, request.origin_lon, request.address)
        kilograms = -(-request.weight_g // 1000)
        cents = _FIRST_KG + (kilograms - 1) * _NEXT_KG + km // 100 * _PER_100_KM
        # The price list is in hundredths; yen have none, dinars have thousandths.
        digits = exponent(request.currency)
        fee = cents * 10 ** (digits - 2) if digits > 1 else cents // 10 ** (2 - digits)
        hours = script.PICK_UP_HOURS + script.transit_hours(km) + _BUFFER_HOURS
        return Rate(fee=fee, promised_by=request.at + self._hour * hours)

    async def book(self, request: BookRequest) -> Booking:
        """Book once for a key. Raises CarrierRefused, CarrierUnknown and CarrierUnreachable."""
        await self._suffer()
        told = script.words(request.destination) | self._obeyed.get(request.destination, frozenset())
        times = self._books.count_attempt(request.key)
        if "unreachable" in told and times == 1:
            raise CarrierUnreachable("no connection")
        if "refuse" in told:
            raise CarrierRefused("address_not_served")
        if not 0 < request.weight_g <= MAX_WEIGHT_G:
            raise CarrierRefused("weight_not_taken")
        fingerprint = _fingerprint(request)
        booked = self._books.book(
            key=request.key,
            fingerprint=fingerprint,
            scans=script.itinerary(
                key=request.key,
                origin=request.origin,
                destination=request.destination,
                booked_at=request.at,
                hour=self._hour,
                told=told,
            ),
            copies=script.copies(told),
            forge="forge" in told,
        )
        if "silent" in told and times == 1:
            raise CarrierUnknown("no answer in time")
        if booked.fingerprint != fingerprint:
            raise CarrierRefused("key_reused")
        if booked.cancelled:
            raise CarrierRefused("cancelled")
        return _booking(booked)

    async def find_booking(self, key: str) -> Booking | None:
        await self._suffer()
        booked = self._books.find(key)
        return None if booked is None or booked.cancelled else _booking(booked)

    async def cancel(self, tracking_no: str) -> None:
        """Call a pick-up off; repeating it is harmless. Raises CarrierRefused."""
        await self._suffer()
        if self._books.cancel(tracking_no, now=self._clock()):
            return
        known = self._books.find_tracking(tracking_no) is not None
        raise CarrierRefused("already_collected" if known else "unknown_parcel")

    def parse_event(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> tuple[TrackingEvent, ...]:
        """Prove a webhook and read it. Raises ForgedEvent and UnreadableEvent."""
        return self._signer.open(headers, body, now)

    def next_due(self) -> datetime | None:
        """When there is something to tell next; None when every parcel has come to rest."""
        return self._books.next_due()

    def take(self, now: datetime, *, limit: int = 10_000) -> tuple[SignedNotice, ...]:
        """Hand over what is due at `now`, in the order of telling; it counts as told."""
        due = self._books.claim_due(now=now, limit=limit, lease=_LEASE)
        self._books.told([row.seq for row in due], now=now)
        return tuple(self._signed(row, now) for row in due)

    async def advance(self, now: datetime) -> Posted:
        """Post what is due at `now`; what the shop does not take comes again later, and is dropped at last."""
        if self._books.trouble(now=self._clock()) is not None:
            return Posted(told=0, failed=0)
        told = failed = 0
        silent = False
        for row in self._books.claim_due(now=now, limit=_BATCH, lease=_LEASE):
            if silent:
                # One time-out is enough for a round: the others would only wait for theirs.
                self._books.put_off(row.seq, until=now + _RETRY, tried=False)
                continue
            status = await self._post(self._signed(row, now))
            silent = status is None
            # A forger does not try again.
            if status in _SUCCESS or row.forged:
                self._books.told([row.seq], now=now)
                told += 1
            else:
                self._later(row, now)
                failed += 1
        return Posted(told=told, failed=failed)

    def _later(self, row: NoticeRow, now: datetime) -> None:
        if row.tries + 1 >= _MAX_TRIES:
            self._books.told([row.seq], now=now)
            log.warning("carrier_gave_up", tracking_no=row.event.tracking_no, scan=row.event.event_id)
            return
        pause: timedelta = min(_RETRY * 2**row.tries, _RETRY_MAX)
        self._books.put_off(row.seq, until=now + pause, tried=True)

    async def run(self, *, every: float = 1.0) -> None:
        """Advance by the clock until cancelled."""
        while True:
            await self.advance(self._clock())
            await asyncio.sleep(every)

    async def aclose(self) -> None:
        """Close the books and the way out."""
        self._books.close()
        await self._http.aclose()

    def _signed(self, row: NoticeRow, now: datetime) -> SignedNotice:
        return self._signer.sign((row.event,), now, forged=row.forged)

    async def _post(self, notice: SignedNotice) -> int | None:
        """Send one webhook; the shop's status, None when it gave none."""
        try:
            answer = await self._http.ask(
                "POST", self._notify_url, headers=notice.headers, body=notice.body, seconds=_POST_SECONDS
            )
        except (NotReached, NoAnswer):
            return None
        return answer.status


def _booking(booked: BookingRow) -> Booking:
    return Booking(tracking_no=booked.tracking_no, label_ref=f"label/{booked.tracking_no}")


def _fingerprint(request: BookRequest) -> str:
    """What makes a parcel this parcel; the time of asking is not part of it."""
    return sha256(msgspec.json.encode((request.destination, request.weight_g))).hexdigest()
