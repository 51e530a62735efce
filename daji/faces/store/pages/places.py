"""The fields of an address in a form: what was pasted, what may be chosen, what official names the words stand for."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from daji.care.customers import api as customers
from daji.kit import divisions
from daji.kit.places import Address

ADDRESS_FIELDS = ("name", "phone", "country", "region", "city", "district", "line", "postcode")
COUNTRIES = ("CN", "HK", "MO", "TW", "SG", "MY", "JP", "KR", "US", "CA", "GB", "DE", "FR", "AU", "BR")
VERBS = frozenset({"read", "places"})
"""What a form may ask for before it is sent: read the pasted text, offer the places inside the chosen one."""


class AddressForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a form of an address shows.

    `cities` and `districts` are choices; empty means that the name is typed. `pasted` is what was read, with the parts
    that are missing or ought to be looked at.
    """

    values: dict[str, str]
    regions: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    pasted: customers.Pasted | None = None
    text: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """Whole names of the places that a district may lie in."""
        if self.pasted is None:
            return ()
        return tuple(
            " ".join(dict.fromkeys(one.name for one in (way.province, way.city, way.district) if one))
            for way in self.pasted.choices
        )


def of_address(address: Address | None, email: str = "", *, country: str = COUNTRIES[0]) -> dict[str, str]:
    """Fill a form from an address, or leave it empty."""
    if address is None:
        return {
            **dict.fromkeys(ADDRESS_FIELDS, ""),
            "country": country if country in COUNTRIES else COUNTRIES[0],
            "email": email,
        }
    return {**{name: str(getattr(address, name)) for name in ADDRESS_FIELDS}, "email": email}


def form_of(
    values: Mapping[str, str], *, pasted: customers.Pasted | None = None, text: str = ""
) -> AddressForm:
    """The form with its choices; within China they come from the list of divisions."""
    shown = {**of_address(None), **values}
    if shown["country"] != "CN":
        return AddressForm(values=shown, pasted=pasted, text=text)
    regions = tuple(one.name for one in divisions.children() if one.code not in divisions.SPECIAL)
    way = divisions.find(shown["region"], shown["city"])
    cities = divisions.children(way.province.code) if way else ()
    districts = divisions.children(way.city.code) if way and way.city else ()
    if len(cities) == 1 and not shown["city"]:
        # A municipality is its own only city; nobody should have to choose it.
        shown["city"], districts = cities[0].name, divisions.children(cities[0].code)
    return AddressForm(
        values=shown,
        regions=regions,
        cities=tuple(one.name for one in cities),
        districts=tuple(one.name for one in districts),
        pasted=pasted,
        text=text,
    )


def answer(form: Mapping[str, str]) -> AddressForm:
    """The form after the reader pressed one of VERBS: nothing that was typed is lost."""
    values = {name: form.get(name, "") for name in (*ADDRESS_FIELDS, "email")}
    if form.get("verb") != "read":
        return form_of(_fitting(values))
    text = form.get("pasted", "")
    pasted = customers.read_pasted(text)
    found = {name: getattr(pasted, name) for name in ADDRESS_FIELDS}
    return form_of(
        {**values, **{name: value for name, value in found.items() if value}}
        if not pasted.region and pasted.country == "CN"
        else {
            **values,
            **found,
            "name": found["name"] or values["name"],
            "phone": found["phone"] or values["phone"],
        },
        pasted=pasted,
        text=text,
    )


def _fitting(values: dict[str, str]) -> dict[str, str]:
    """Drop a city that is not in the province that was chosen after it, and a district likewise."""
    if values["country"] != "CN":
        return values
    way = divisions.find(values["region"], values["city"], values["district"])
    if way is None:
        return values
    return {
        **values,
        "city": way.city.name if way.city else "",
        "district": way.district.name if way.district else "",
    }


def settled(address: Address) -> Address:
    """The address under the official names of its divisions, and with the point where they lie."""
    if address.country == "CN" and divisions.find(address.region, address.city) is None:
        read = customers.read_pasted(f"{address.region} {address.city} {address.district}")
        if read.region and read.city:
            address = msgspec.structs.replace(
                address, region=read.region, city=read.city, district=read.district or address.district
            )
    return divisions.located(address)
