"""The sections of the home page, as data: `home.toml` beside this file, or one in the installation's own folder."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from daji.base.settings.api import Setting
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


# What a section says, and how much of it has room.
_SAID = {"eyebrow": 40, "title": 60, "text": 200, "go": 30}
_LANGUAGES = ("zh", "en")
_CODE = re.compile(r"[a-z][a-z_]*")


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


def texts(found: tuple[Section, ...]) -> tuple[Setting, ...]:
    """What these sections say, as settings: whoever runs the shop may put it in other words.

    A section whose code is no plain word is left as its file says.
    """
    return tuple(
        Setting(
            key=key,
            kind="texts",
            default=dict(getattr(section, field)),
            group="home",
            maximum=_SAID[field],
            choices=_LANGUAGES,
        )
        for section in found
        for field, key in _keys(section)
    )


def reworded(found: tuple[Section, ...], rewritten: Mapping[str, Mapping[str, str]]) -> tuple[Section, ...]:
    """The sections in the words that stand in the settings; a language that is left out stays as the file says."""
    return tuple(
        msgspec.structs.replace(
            section,
            **{
                field: {**getattr(section, field), **rewritten[key]}
                for field, key in _keys(section)
                if key in rewritten
            },
        )
        for section in found
    )


def _keys(section: Section) -> Iterator[tuple[str, str]]:
    """The fields of a section that say something, each with the key of its setting."""
    if _CODE.fullmatch(section.code):
        for field in _SAID:
            if getattr(section, field):
                yield field, f"home.{section.code}.{field}"
