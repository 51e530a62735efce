"""The administrative divisions of China as data: provinces, cities, districts, and where they lie.

Codes follow GB/T 2260 (two, four and six digits). Cities that stand directly under their province (济源市) have six
digits and no districts; Dongguan, Zhongshan, Danzhou and Jiayuguan have none either. A municipality is its own city.
The list is made by `tools/divisions.py`.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import msgspec

from daji.kit.places import Address

_FILE = Path(__file__).with_name("divisions.tsv")
_SAME_CITY = {"5002": "5001"}  # The counties of Chongqing, which the codes keep apart from its districts.
SPECIAL = {"81": "HK", "82": "MO", "71": "TW"}
"""Provinces which ISO 3166-1 lists as countries of their own, and which have customs and freight of their own."""


class Division(msgspec.Struct, frozen=True, kw_only=True):
    """One division; `lon` and `lat` are WGS 84-like degrees of its seat, None where the list has none."""

    code: str
    name: str
    lon: float | None = None
    lat: float | None = None


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A division with what it lies in; `city` and `district` are None as far as they are not known."""

    province: Division
    city: Division | None = None
    district: Division | None = None

    @property
    def last(self) -> Division:
        return self.district or self.city or self.province

    @property
    def country(self) -> str:
        return SPECIAL.get(self.province.code, "CN")


@lru_cache(maxsize=1)
def every() -> dict[str, Division]:
    """All divisions by code, in the order of their codes."""
    found = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        code, name, *place = line.split("\t")
        lon, lat = (float(place[0]), float(place[1])) if place else (None, None)
        found[code] = Division(code=code, name=name, lon=lon, lat=lat)
    return found


@lru_cache(maxsize=1)
def _below() -> dict[str, tuple[Division, ...]]:
    found: dict[str, list[Division]] = defaultdict(list)
    for one in every().values():
        found[parent_code(one.code)].append(one)
    return {code: tuple(inside) for code, inside in found.items()}


def parent_code(code: str) -> str:
    """The code of what `code` lies in; empty for a province."""
    city = _SAME_CITY.get(code[:4], code[:4])
    if len(code) == 6 and city in every():  # noqa: PLR2004 - digits of a district
        return city
    return code[:2] if len(code) > 2 else ""  # noqa: PLR2004 - digits of a province


def lies_in(code: str, outer: str) -> bool:
    """Whether a division lies in another one, at whatever depth; none lies in itself."""
    while code := parent_code(code):
        if code == outer:
            return True
    return False


def children(code: str = "") -> tuple[Division, ...]:
    """What lies directly in `code`; without one, the provinces."""
    return _below().get(code, ())


def way_to(code: str) -> Way:
    """The way down to a division; KeyError for a code that there is not."""
    known = every()
    steps = [known[code]]
    while parent := parent_code(steps[0].code):
        steps.insert(0, known[parent])
    return Way(
        province=steps[0],
        city=steps[1] if len(steps) > 1 else None,
        district=steps[2] if len(steps) > 2 else None,  # noqa: PLR2004 - the third level
    )


def find(region: str, city: str = "", district: str = "") -> Way | None:
    """The divisions of these official names, as far down as they are known; None for an unknown province."""
    province = _named(children(), region)
    if province is None:
        return None
    found = _named(children(province.code), city)
    inner = _named(children(found.code), district) if found else None
    return Way(province=province, city=found, district=inner)


def point(region: str, city: str = "", district: str = "") -> tuple[float, float] | None:
    """(latitude, longitude) of the narrowest division that has one; None when none of the names is known."""
    way = find(region, city, district)
    for one in (way.district, way.city, way.province) if way else ():
        if one is not None and one.lat is not None and one.lon is not None:
            return one.lat, one.lon
    return None


@lru_cache(maxsize=1)
def _cities() -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for province in children():
        for one in (province, *children(province.code)):
            if one.lat is not None and one.lon is not None:
                found.setdefault(one.name, (one.lat, one.lon))
                found.setdefault(one.name.removesuffix("市"), (one.lat, one.lon))
    return found


def city_point(name: str) -> tuple[float, float] | None:
    """(latitude, longitude) of a province or city by its name alone, as tracking messages give it."""
    return _cities().get(name.strip())


def located(address: Address) -> Address:
    """The address with the centre of its division, when it is one of ours and nothing better is known."""
    if address.lat is not None or address.country not in {"CN", *SPECIAL.values()}:
        return address
    found = point(address.region, address.city, address.district)
    return address if found is None else msgspec.structs.replace(address, lat=found[0], lon=found[1])


def _named(among: tuple[Division, ...], name: str) -> Division | None:
    return next((one for one in among if one.name == name), None) if name else None
