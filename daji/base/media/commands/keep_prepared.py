"""Keep a picture whose renditions were made before, as they are."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime

from daji.base.media import rules
from daji.base.media import store as rows
from daji.base.media.facts import Media, Prepared, Rendition
from daji.base.media.keeping import keep
from daji.base.media.ports import Storage
from daji.kit import ids
from daji.kit.db import Database, forbid_transaction


async def keep_prepared(
    db: Database,
    *,
    storage: Storage,
    prepared: Prepared,
    owner: str,
    purpose: str,
    now: datetime,
) -> Media:
    """Keep the WebP files of `rules.PREPARED_WIDTHS` byte by byte, after a look that they are what they should be.

    For pictures that the house brings itself: no quota is asked, and what a stranger sends belongs into `store`,
    which writes every pixel anew.

    Raises
    ------
    NoOwner, NotPrepared, StorageUnavailable
    """
    forbid_transaction("media.keep_prepared")
    rules.check_owner(owner)
    sizes = await asyncio.to_thread(rules.check_prepared, prepared)
    media_id = ids.new_id()
    contents = {width: prepared.renditions[width] for width in rules.PREPARED_WIDTHS}
    largest = max(contents)
    kept = Media(
        id=media_id,
        kind="image",
        width=sizes[largest][0],
        height=sizes[largest][1],
        blur=prepared.blur,
        renditions=tuple(
            Rendition(width=width, pixels=sizes[width], bytes=len(body), name=rules.path_of(media_id, width))
            for width, body in contents.items()
        ),
    )
    await keep(
        db,
        storage=storage,
        media=kept,
        contents={rules.path_of(media_id, width): body for width, body in contents.items()},
        original=rows.Original(
            owner=owner,
            purpose=purpose[: rules.MAX_PURPOSE],
            source_type="image/webp",
            digest=hashlib.sha256(contents[largest]).digest(),
            bytes=len(contents[largest]),
        ),
        now=now,
        quota=None,
    )
    return kept
