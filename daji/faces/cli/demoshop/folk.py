"""The many who buy in the demo shop besides those of the story: drawn by a seed, from real cities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import Random

import msgspec

from daji.faces.cli.demoshop.goods import Names, read
from daji.faces.cli.demoshop.people import Buyer

_SPREAD = 0.08
_FLATS = 4


class City(msgspec.Struct, frozen=True, kw_only=True):
    region: str
    city: str
    postcode: str
    lat: float
    lon: float
    share: int
    districts: tuple[str, ...]
    streets: tuple[str, ...]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Why something goes back; `answer` is why it does not."""

    reason: str
    note: Names
    kind: str = "refund_only"
    answer: Names = {}


class Folk(msgspec.Struct, frozen=True, kw_only=True):
    surnames: tuple[str, ...]
    given: tuple[str, ...]
    foreign: tuple[str, ...]
    cities: tuple[City, ...]
    wishes: tuple[Wish, ...]
    disputes: tuple[Wish, ...]


@lru_cache(maxsize=1)
def folk() -> Folk:
    return msgspec.convert(read("folk.toml"), Folk)


def somebody(dice: Random, n: int, *, lang: str) -> Buyer:
    """Draw a person and where they live; `n` makes contact data that nobody else has."""
    known = folk()
    (city,) = dice.choices(known.cities, weights=[one.share for one in known.cities])
    at = dice.randrange(len(city.districts))
    name = (
        dice.choice(known.foreign) if lang == "en" else dice.choice(known.surnames) + dice.choice(known.given)
    )
    house = f"{dice.randint(3, 480)} 号" if lang == "zh" else f"No. {dice.randint(3, 480)}"
    flat = f"{dice.randint(1, 18)} 幢 {dice.randint(1, 24)}0{dice.randint(1, _FLATS)}" if lang == "zh" else ""
    return Buyer(
        key=f"b{n}",
        name=name,
        phone=f"+8613{700_000_000 + n}",
        email=f"buyer{n:05d}@daji.example",
        region=city.region,
        city=city.city,
        district=city.districts[at],
        line=f"{city.streets[at % len(city.streets)]} {house} {flat}".strip(),
        postcode=city.postcode,
        lat=round(city.lat + dice.uniform(-_SPREAD, _SPREAD), 4),
        lon=round(city.lon + dice.uniform(-_SPREAD, _SPREAD), 4),
        lang=lang,
    )


def pick(dice: Random, wishes: Sequence[Wish], lang: str) -> tuple[Wish, str, str]:
    """Draw a wish, with its note and answer in the buyer's language."""
    wish = dice.choice(wishes)
    return wish, wish.note[lang], _said(wish.answer, lang)


def _said(words: Mapping[str, str], lang: str) -> str:
    return words.get(lang, "")
