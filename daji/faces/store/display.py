"""How pages look to one reader: colours, size of type, weight of pictures; chosen by the reader, else by rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from daji.kit.i18n import DEFAULT_ZONE

COOKIE = "daji_display"
YEAR_SECONDS = 365 * 24 * 3600
RULES = Path(__file__).with_name("display.toml")

Theme = Literal["auto", "system", "light", "dark"]
Text = Literal["normal", "large"]
Saver = Literal["auto", "on", "off"]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader chose; `auto` leaves it to the rules, `system` to the device alone."""

    theme: Theme = "auto"
    text: Text = "normal"
    saver: Saver = "auto"


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions, all of which must hold. `hours` is half-open and may pass midnight, in the shop's zone."""

    hours: tuple[int, int] | None = None
    saving: bool | None = None
    network: tuple[str, ...] | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do of itself, and when; `code` names the sentence that explains it."""

    code: str
    when: When
    theme: Literal["light", "dark"] | None = None
    saver: bool | None = None


class Signals(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the moment: the hour in the shop's zone, and what the browser says of its connection.

    `saving` is the header Save-Data, `network` the client hint ECT (WICG Network Information).
    """

    hour: int
    saving: bool = False
    network: str | None = None

    @classmethod
    def read(cls, headers: Mapping[str, str], now: datetime) -> Signals:
        return cls(
            hour=now.astimezone(ZoneInfo(DEFAULT_ZONE)).hour,
            saving=headers.get("save-data", "").lower() == "on",
            network=headers.get("ect"),
        )


class Display(msgspec.Struct, frozen=True, kw_only=True):
    """How to show pages now: `theme` None follows the device; `because` names the rules that had a say."""

    wish: Wish = Wish()
    theme: Literal["light", "dark"] | None = None
    saver: bool = False
    because: tuple[str, ...] = ()

    @property
    def large(self) -> bool:
        return self.wish.text == "large"


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The house's rules, in order; a later one has the last word."""
    return msgspec.convert(tomllib.loads(RULES.read_text(encoding="utf-8"))["rule"], tuple[Rule, ...])


def decide(wish: Wish, signals: Signals, given: tuple[Rule, ...] | None = None) -> Display:
    """Show as the reader wishes; what they leave to the rules, the rules that hold decide."""
    theme: Literal["light", "dark"] | None = wish.theme if wish.theme in {"light", "dark"} else None
    saver = wish.saver == "on"
    because: list[str] = []
    for rule in rules() if given is None else given:
        if not holds(rule.when, signals):
            continue
        if wish.theme == "auto" and rule.theme is not None:
            theme = rule.theme
            because.append(rule.code)
        if wish.saver == "auto" and rule.saver is not None:
            saver = rule.saver
            because.append(rule.code)
    return Display(wish=wish, theme=theme, saver=saver, because=tuple(because))


def holds(when: When, signals: Signals) -> bool:
    """Tell whether every condition that is given holds."""
    if when.hours is not None and not _within(when.hours, signals.hour):
        return False
    if when.saving is not None and when.saving != signals.saving:
        return False
    return when.network is None or signals.network in when.network


def _within(hours: tuple[int, int], hour: int) -> bool:
    start, end = hours
    return start <= hour < end if start < end else hour >= start or hour < end


def read(cookie: str | None) -> Wish:
    """Read the cookie; whatever in it is no choice of ours counts as not chosen."""
    chosen = dict(part.partition("-")[::2] for part in (cookie or "").split(".")[:8])
    return make(chosen)


def make(chosen: Mapping[str, str]) -> Wish:
    """Take a reader's choices by name, leaving out what is none."""
    known = {"theme": Theme, "text": Text, "saver": Saver}
    kept = {name: chosen[name] for name, kind in known.items() if chosen.get(name) in get_args(kind)}
    return msgspec.convert(kept, Wish)


def write(wish: Wish, *, secure: bool) -> str:
    """A Set-Cookie line. Not HttpOnly: it is no secret, and a page may want to read it."""
    value = f"theme-{wish.theme}.text-{wish.text}.saver-{wish.saver}"
    return f"{COOKIE}={value}; Path=/; Max-Age={YEAR_SECONDS}; SameSite=Lax{'; Secure' if secure else ''}"
