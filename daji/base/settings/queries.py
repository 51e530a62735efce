"""How the settings stand."""

from __future__ import annotations

from collections.abc import Sequence

from daji.base.settings import rules, store
from daji.base.settings.facts import Setting, SettingNow, SettingValue
from daji.kit.db import Session


async def get_setting(session: Session, *, setting: Setting) -> SettingNow:
    """One setting as it stands."""
    return _now(setting, await store.get(session, setting.key))


async def list_settings(session: Session, *, declared: Sequence[Setting]) -> tuple[SettingNow, ...]:
    """Each declared setting as it stands, in the order of declaration; one statement."""
    entries = {entry.key: entry for entry in await store.listed(session)}
    return tuple(_now(setting, entries.get(setting.key)) for setting in declared)


async def values(session: Session, *, declared: Sequence[Setting]) -> dict[str, SettingValue]:
    """Key to value, defaults included."""
    return {found.setting.key: found.value for found in await list_settings(session, declared=declared)}


def _now(setting: Setting, entry: store.Entry | None) -> SettingNow:
    if entry is None:
        return SettingNow(setting=setting, value=setting.default, version=0)
    return SettingNow(
        setting=setting,
        value=rules.usable(setting, entry.value),
        version=entry.version,
        changed_by=entry.changed_by,
        changed_at=entry.changed_at,
    )
