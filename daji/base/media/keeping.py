"""Files first, then the row that names them; or neither."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from daji.base.media import store as rows
from daji.base.media.facts import Media, Quota, QuotaExceeded
from daji.base.media.ports import Storage
from daji.kit.db import Database, Tx


async def keep(
    db: Database,
    *,
    storage: Storage,
    media: Media,
    contents: Mapping[str, bytes],
    original: rows.Original,
    now: datetime,
    quota: Quota | None,
) -> None:
    """Write `contents` under their names and remember `media`; without a quota the owner may keep any number.

    Raises
    ------
    QuotaExceeded, StorageUnavailable
    """

    async def remember(tx: Tx) -> None:
        if quota is not None:
            await rows.lock_owner(tx, original.owner)
            if not await rows.fits(tx, owner=original.owner, size=original.bytes, quota=quota, now=now):
                raise QuotaExceeded(files=quota.files, bytes=quota.bytes)
        await rows.insert(tx, media, original, now)

    try:
        for name, body in contents.items():
            await storage.put(name, body)
        await db.run(remember)
    except BaseException:
        for name in contents:
            await storage.delete(name)
        raise
