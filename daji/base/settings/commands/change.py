"""Change one setting."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.base.settings import rules, store
from daji.base.settings.facts import Setting, SettingNow
from daji.kit.db import Tx
from daji.kit.problems import Stale


async def change(
    tx: Tx, *, setting: Setting, value: object, version: int, by: UUID | None, now: datetime
) -> SettingNow:
    """Set a value; `version` is the one the writer has seen, 0 for a setting that was never changed.

    Raises
    ------
    Invalid
        At `/value`, for what the declaration does not take.
    Stale
        When somebody else was quicker.
    """
    checked = rules.check(setting, value)
    written = await store.put(tx, setting.key, checked, version=version, by=by, now=now)
    if written is None:
        raise Stale
    return SettingNow(
        setting=setting,
        value=checked,
        version=written.version,
        changed_by=written.changed_by,
        changed_at=written.changed_at,
    )
