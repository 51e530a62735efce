"""The sections of the home page, as data: `home.toml` beside this file, or one in the installation's own folder."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from daji.faces.store.display import Signals, When, holds

FILE = "home.toml"
Kind = Literal["hero", "categories", "goods", "stories"]
Names = dict[str, str]


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A brand in its own voice; left out while the shop has no goods of it."""

    brand: str
    title: Names
    text: Names


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One section; what does not belong to its kind is left out of the file.

    `code` names it in the page, `list` says which goods (see `views.store_home`), `link` is an address of the shop
    without its language, `when` the hours and networks at which it is shown.
    """

    code: str
    kind: Kind
    eyebrow: Names = {}
    title: Names = {}
    text: Names = {}
    go: Names = {}
    link: str = ""
    list: Literal["newest", "loved", "sold", "sale"] = "newest"
    limit: int = 8
    tone: Literal["plain", "warm", "pine"] = "plain"
    when: When = When()
    stories: tuple[Story, ...] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    section: tuple[Section, ...]


@lru_cache(maxsize=4)
def read(path: Path) -> tuple[Section, ...]:
    """Read a file of sections. Raises msgspec.ValidationError, which names what is wrong."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).section


def sections(own: Path) -> tuple[Section, ...]:
    """The installation's sections where it has a file of its own, else the house's."""
    mine = own / FILE
    return read(mine if mine.is_file() else Path(__file__).with_name(FILE))


def shown(found: tuple[Section, ...], signals: Signals) -> tuple[Section, ...]:
    """The sections whose hour and network have come."""
    return tuple(one for one in found if holds(one.when, signals))
