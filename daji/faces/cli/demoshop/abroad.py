"""What the demo shop's goods cost in the currencies of its further channels, and how prices end there."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

import msgspec

from daji.faces.cli.demoshop.goods import read
from daji.kit.money import exponent

HOME_CURRENCY = "CNY"


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """From `start` on, the nearest multiple of `step`, less `minus`; minor units."""

    start: int = msgspec.field(name="from")
    step: int
    minus: int

    def end(self, amount: Decimal) -> int:
        steps = (amount / self.step).to_integral_value(ROUND_HALF_EVEN)
        return max(int(steps), 1) * self.step - self.minus


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """`to` names regions that `places` knows."""

    to: str
    first: int
    next: int
    hours: int
    free_from: int | None = None


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """A freight template, of the house or of the seller."""

    code: str
    name: str
    zones: tuple[Zone, ...]
    seller: bool = False


class Abroad(msgspec.Struct, frozen=True, kw_only=True):
    """A further channel: `rate` is what one unit of the home currency comes to in its own."""

    channel: str
    name: str
    currency: str
    lang: str
    rate: Decimal
    ends: tuple[Ending, ...]
    ways: tuple[Ways, ...]

    def price(self, amount: int) -> int:
        """A price of the home currency in this one; both in minor units."""
        scale = Decimal(10) ** (exponent(self.currency) - exponent(HOME_CURRENCY))
        plain = amount * self.rate * scale
        return max((one for one in self.ends if plain >= one.start), key=lambda one: one.start).end(plain)

    def prices(self, amount: int, was: int | None) -> tuple[int, int | None]:
        """A price and what it is shown against, which has to be more."""
        now, before = self.price(amount), None if was is None else self.price(was)
        return now, before if before is not None and before > now else None


class _File(msgspec.Struct, frozen=True):
    shops: tuple[Abroad, ...]


@lru_cache(maxsize=1)
def shops() -> Sequence[Abroad]:
    """Every further channel."""
    return msgspec.convert(read("abroad.toml"), _File).shops
