"""Take a picture from outside."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime

from daji.base.media import rules
from daji.base.media import store as rows
from daji.base.media.facts import Media, Quota, QuotaExceeded, Rendition
from daji.base.media.keeping import keep
from daji.base.media.ports import Storage
from daji.kit import ids
from daji.kit.db import Database, forbid_transaction


async def store(
    db: Database,
    *,
    storage: Storage,
    content: bytes,
    declared_type: str,
    owner: str,
    purpose: str,
    now: datetime,
    quota: Quota | None = None,
    private: bool = False,
) -> Media:
    """Make a picture harmless, keep it in `rules.WIDTHS`, and remember whose it is.

    A `private` one is not to be had by its id alone; whoever shows it asks first who looks.

    Takes the database, not a transaction: decoding and writing files last too long to hold one. Files are written
    before the row, so that a row never names what is not there; files without a row are harmless.

    Raises
    ------
    NoOwner, UnsupportedType, TypeMismatch, TooLarge, Unreadable, QuotaExceeded
    StorageUnavailable
    """
    forbid_transaction("media.store")
    limits = quota or Quota()
    rules.check(content, declared_type=declared_type, owner=owner)
    async with db.read() as session:
        if not await rows.fits(session, owner=owner, size=len(content), quota=limits, now=now):
            raise QuotaExceeded(files=limits.files, bytes=limits.bytes)
    made = await asyncio.to_thread(rules.make, content, declared_type=declared_type)
    media_id = ids.new_id()
    kept = Media(
        id=media_id,
        kind="image",
        width=made.width,
        height=made.height,
        blur=made.blur,
        renditions=tuple(
            Rendition(
                width=width,
                pixels=pixels,
                bytes=len(body),
                name=rules.path_of(media_id, width, private=private),
            )
            for width, pixels, body in made.renditions
        ),
    )
    await keep(
        db,
        storage=storage,
        media=kept,
        contents={
            rules.path_of(media_id, width, private=private): body for width, _, body in made.renditions
        },
        original=rows.Original(
            owner=owner,
            purpose=purpose[: rules.MAX_PURPOSE],
            source_type=declared_type,
            digest=hashlib.sha256(content).digest(),
            bytes=len(content),
        ),
        now=now,
        quota=limits,
    )
    return kept
