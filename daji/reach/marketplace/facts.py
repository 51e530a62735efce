"""What other rooms may know of a seller."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec

Status = Literal["active", "suspended"]

# PostgreSQL keeps every character but NUL.
STORABLE = r"^[^\x00]*\Z"

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=STORABLE)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120, pattern=STORABLE)]
Place = Annotated[str, msgspec.Meta(max_length=80, pattern=STORABLE)]
Postcode = Annotated[str, msgspec.Meta(max_length=16, pattern=STORABLE)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]


class NewSeller(msgspec.Struct, frozen=True, kw_only=True):
    """A seller to be written, by code; `lat` and `lon` are WGS 84 degrees, both or neither."""

    code: Code
    name: Name
    city: Place = ""
    region: Place = ""
    postcode: Postcode = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    status: Status = "active"


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """A seller as stored."""

    id: UUID
    code: str
    name: str
    city: str
    region: str
    postcode: str
    lat: float | None
    lon: float | None
    status: Status
