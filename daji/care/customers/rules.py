"""What an address must be like to be kept."""

from __future__ import annotations

import unicodedata

import msgspec

from daji.kit.places import Address
from daji.kit.problems import FieldProblem, Invalid

MAX_ADDRESSES = 50

_TEXTS = ("name", "phone", "country", "region", "city", "district", "line", "postcode")
_NEEDED = ("name", "phone", "country", "line")
_MAX_LAT, _MAX_LON = 90.0, 180.0


def clean(address: Address) -> Address:
    """Trim every text and look at it.

    Raises
    ------
    Invalid
        With each field that is empty, too long, or holds what no label can be printed with.
    """
    trimmed = msgspec.structs.replace(
        address, **{name: " ".join(getattr(address, name).split(" ")).strip() for name in _TEXTS}
    )
    wrong = [
        FieldProblem(pointer=f"/{name}", code="required") for name in _NEEDED if not getattr(trimmed, name)
    ]
    wrong += [
        FieldProblem(pointer=f"/{name}", code="wrong_type")
        for name in _TEXTS
        if any(unicodedata.category(char) in {"Cc", "Cs"} for char in getattr(trimmed, name))
    ]
    wrong += _place(trimmed)
    if not wrong:
        wrong = _shape(trimmed)
    if wrong:
        raise Invalid(fields=wrong)
    return trimmed


def _place(address: Address) -> list[FieldProblem]:
    lat, lon = address.lat, address.lon
    if lat is None and lon is None:
        return []
    if lat is None or lon is None:
        return [FieldProblem(pointer="/lat" if lat is None else "/lon", code="required")]
    # Not-a-number compares false with everything, and so falls out of both.
    return [
        FieldProblem(pointer=f"/{name}", code="wrong_type")
        for name, value, most in (("lat", lat, _MAX_LAT), ("lon", lon, _MAX_LON))
        if not -most <= value <= most
    ]


def _shape(address: Address) -> list[FieldProblem]:
    """Hold the struct against its own declaration, since nobody checks one that code has built."""
    try:
        msgspec.convert(msgspec.structs.asdict(address), Address)
    except msgspec.ValidationError as error:
        field = str(error).rpartition("`$.")[2].rstrip("`")
        code = "too_long" if "length <=" in str(error) else "wrong_type"
        maximum = str(error).partition("length <= ")[2].partition(" ")[0]
        params = {"maximum": int(maximum)} if maximum else {}
        return [FieldProblem(pointer=f"/{field}", code=code, params=params)]
    return []
