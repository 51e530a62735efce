"""Where people and goods are: the one address shape that carts, orders and parcels share."""

from __future__ import annotations

from typing import Annotated

import msgspec

Line = Annotated[str, msgspec.Meta(max_length=200)]
Short = Annotated[str, msgspec.Meta(max_length=80)]


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A place goods can be sent to. `country` is ISO 3166-1 alpha-2, `region` the province or state.

    `lat` and `lon` are WGS 84 degrees, known when the place was looked up; distance falls back to nothing without.
    """

    name: Short
    phone: Annotated[str, msgspec.Meta(max_length=32)]
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    region: Short
    city: Short
    district: Short = ""
    line: Line
    postcode: Annotated[str, msgspec.Meta(max_length=16)] = ""
    lat: float | None = None
    lon: float | None = None
