"""Typed settings read from the environment, one small block per concern.

A block is a frozen `msgspec.Struct` whose field names, upper-cased and prefixed, are the variables:
`read(Database, "DAJI_DATABASE_", env)` fills `url` from `DAJI_DATABASE_URL`. Only `boot` and the command
line call it, so that no room can look at the environment behind a test's back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class BadSetting(Exception):
    """A variable of the environment cannot be read; the text names it, its value and what is allowed."""


def read(block: type[T], prefix: str, env: Mapping[str, str]) -> T:
    """Fill `block` from `env`; an absent or empty variable leaves the field's default.

    Raises
    ------
    BadSetting
        When a value cannot be converted or breaks the field's constraint.
    """
    given: dict[str, str] = {}
    for field in msgspec.structs.fields(block):
        value = env.get(prefix + field.name.upper(), "").strip()
        if value:
            given[field.name] = value
    try:
        return msgspec.convert(given, block, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise BadSetting(f"{prefix}*: {error} (given: {', '.join(sorted(given)) or 'nothing'})") from error


def _decode(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise NotImplementedError(f"no reader for settings of type {kind.__name__}")
