"""What a setting is, and how it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

SettingKind = Literal["number", "choice", "texts"]
SettingValue = int | str | dict[str, str]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration. `minimum` and `maximum` bound a number, `choices` lists what a choice may be.

    `texts` are words by language, one of `choices`, each of at most `maximum` characters on one line; a language that
    is left out is said as the shop says it by itself.

    `unit` says what a number counts: minutes, days, pieces, percent.
    """

    key: str
    kind: SettingKind
    default: SettingValue
    group: str
    unit: str = ""
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()


class SettingNow(msgspec.Struct, frozen=True, kw_only=True):
    """A setting as it stands; `version` 0 means that it was never changed."""

    setting: Setting
    value: SettingValue
    version: int
    changed_by: UUID | None = None
    changed_at: datetime | None = None
