"""What was read out of a text, and how sure it is."""

from __future__ import annotations

import msgspec

from daji.kit.divisions import Way

MAX_TEXT = 1_000
NEEDED = ("name", "phone", "region", "city", "district", "line")
"""What an address within China needs; elsewhere a region and a district are not asked for."""

WRITTEN = 1.0
"""The text says it in full."""
SHORT = 0.95
"""The text says it in short: 杭州 for 杭州市."""
FOLLOWS = 0.9
"""It follows from what the text says: a district lies in one city only."""
GUESSED = 0.7
"""It stands where such a thing would stand."""
SURE = 0.8
"""Below this a reader is asked to look."""


class Pasted(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of an address; empty where the text says nothing.

    `sure` gives each part that was found a confidence from 0 to 1. `missing` names what still has to be asked for.
    `choices` are the places a district may lie in when its name alone does not tell.
    """

    name: str = ""
    phone: str = ""
    country: str = "CN"
    region: str = ""
    city: str = ""
    district: str = ""
    line: str = ""
    postcode: str = ""
    sure: dict[str, float]
    missing: tuple[str, ...]
    choices: tuple[Way, ...] = ()

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Parts that were found but ought to be looked at."""
        return tuple(part for part, sure in self.sure.items() if sure < SURE)
