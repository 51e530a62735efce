"""Keep a 3D model."""

from __future__ import annotations

import hashlib
from datetime import datetime

from daji.base.media import rules
from daji.base.media import store as rows
from daji.base.media.facts import Media, Quota, Rendition
from daji.base.media.keeping import keep
from daji.base.media.models import MODEL_TYPE, check_model
from daji.base.media.ports import Storage
from daji.kit import ids
from daji.kit.db import Database, forbid_transaction


async def keep_model(
    db: Database,
    *,
    storage: Storage,
    content: bytes,
    owner: str,
    purpose: str,
    now: datetime,
    quota: Quota | None = None,
) -> Media:
    """Keep a binary glTF file that needs nothing from elsewhere, and remember whose it is.

    Raises
    ------
    NoOwner, TooLarge, Unreadable, QuotaExceeded, StorageUnavailable
    """
    forbid_transaction("media.keep_model")
    rules.check_owner(owner)
    check_model(content)
    media_id = ids.new_id()
    name = rules.model_path_of(media_id)
    kept = Media(
        id=media_id,
        kind="model3d",
        width=0,
        height=0,
        renditions=(Rendition(width=0, pixels=(0, 0), bytes=len(content), name=name),),
    )
    await keep(
        db,
        storage=storage,
        media=kept,
        contents={name: content},
        original=rows.Original(
            owner=owner,
            purpose=purpose[: rules.MAX_PURPOSE],
            source_type=MODEL_TYPE,
            digest=hashlib.sha256(content).digest(),
            bytes=len(content),
        ),
        now=now,
        quota=quota or Quota(),
    )
    return kept
