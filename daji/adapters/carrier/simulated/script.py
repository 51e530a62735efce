"""What will happen to a parcel: decided when it is booked, from words in its address, so that a test can choose.

A recipient's name or address line may hold `#fail`, `#slow`, `#lost`, `#duplicate`, `#reorder`, `#forge` (a false
webhook precedes each true one), `#refuse`, `#silent` (booked, but the answer is lost), `#unreachable`, `#norate`.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hashlib import blake2b
from math import asin, cos, radians, sin, sqrt

import msgspec

from daji.fulfil.delivery.ports import EventCode, Origin
from daji.kit.places import Address

WORDS = frozenset(
    {
        "fail",
        "slow",
        "lost",
        "duplicate",
        "reorder",
        "forge",
        "refuse",
        "silent",
        "unreachable",
        "norate",
    }
)
PICK_UP_HOURS = 2
_HUB_HOURS = 4
_DOOR_HOURS = 3
_RETURN_HOURS = 24
_LOST_HOURS = 240
_HANDLING_HOURS = 12
_KM_PER_HOUR = 40
_SLOW = 4
_UNKNOWN_KM = 500
_EARTH_KM = 6371
_DUPLICATES = 3
_JITTER_MINUTES = 45
_MARK = re.compile(r"#([a-z]+)")


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happens at `at`, and is told at `told_at`."""

    code: EventCode
    at: datetime
    told_at: datetime
    place: str


def words(address: Address) -> frozenset[str]:
    """The stage directions in an address."""
    return frozenset(_MARK.findall(f"{address.name} {address.line}")) & WORDS


def distance_km(lat: float | None, lon: float | None, address: Address) -> int:
    """Kilometres of the great circle (haversine); a middling distance when either end is not on the map."""
    if lat is None or lon is None or address.lat is None or address.lon is None:
        return _UNKNOWN_KM
    phi_a, phi_b = radians(lat), radians(address.lat)
    half_phi, half_lambda = (phi_b - phi_a) / 2, radians(address.lon - lon) / 2
    h = sin(half_phi) ** 2 + cos(phi_a) * cos(phi_b) * sin(half_lambda) ** 2
    return round(2 * _EARTH_KM * asin(min(1.0, sqrt(h))))


def transit_hours(km: int) -> int:
    """Hours from the pick-up to the door, as promised."""
    return _HANDLING_HOURS + km // _KM_PER_HOUR


def itinerary(
    *,
    key: str,
    origin: Origin,
    destination: Address,
    booked_at: datetime,
    hour: timedelta,
    told: frozenset[str],
) -> tuple[Scan, ...]:
    """Every scan of a parcel, in the order of telling; the same key has the same journey.

    `hour` is how long an hour takes, so that a demonstration need not wait for days; `told` are the stage directions.
    """
    road = transit_hours(distance_km(origin.lat, origin.lon, destination)) * (_SLOW if "slow" in told else 1)
    here, there = origin.city, destination.city
    arrival = PICK_UP_HOURS + _HUB_HOURS + road
    steps: list[tuple[EventCode, int, str]] = [
        ("picked_up", PICK_UP_HOURS, here),
        ("in_transit", PICK_UP_HOURS + _HUB_HOURS, here),
    ]
    if "lost" in told:
        steps.append(("lost", PICK_UP_HOURS + _LOST_HOURS, here))
    else:
        steps += [("in_transit", arrival - 1, there), ("out_for_delivery", arrival, there)]
        door = arrival + _DOOR_HOURS
        if "fail" in told:
            steps += [
                ("failed", door, there),
                ("returning", door + _RETURN_HOURS, there),
                ("returned", door + _RETURN_HOURS + road, here),
            ]
        else:
            steps.append(("delivered", door, there))
    scans = [
        Scan(code=code, at=at, told_at=at, place=place)
        for n, (code, hours, place) in enumerate(steps)
        for at in [booked_at + hour * hours + hour * _jitter(key, n) / 60]
    ]
    return _retold(scans, told)


def _retold(scans: list[Scan], told: frozenset[str]) -> tuple[Scan, ...]:
    if "reorder" in told:
        # All at the end and the wrong way round: the worst a queue at the carrier's can do.
        last = max(scan.at for scan in scans)
        scans = [msgspec.structs.replace(scan, told_at=last) for scan in reversed(scans)]
    return tuple(scans)


def copies(told: frozenset[str]) -> int:
    """How often each scan is told."""
    return _DUPLICATES if "duplicate" in told else 1


def _jitter(key: str, n: int) -> int:
    """Minutes of chance, the same for the same parcel and step; less than the gap between any two steps."""
    digest = blake2b(f"{key}/{n}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % _JITTER_MINUTES
