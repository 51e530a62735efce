"""Questions to media."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.base.media import store
from daji.base.media.facts import Media
from daji.kit.db import Session
from daji.kit.problems import NotFound


async def get_media(session: Session, *, media_id: UUID) -> Media:
    """Raise NotFound for an unknown id."""
    found = await store.media(session, [media_id])
    if media_id not in found:
        raise NotFound(kind="media")
    return found[media_id]


async def find_media(session: Session, *, media_ids: Sequence[UUID]) -> dict[UUID, Media]:
    """Those of `media_ids` that exist. One statement."""
    return await store.media(session, media_ids)
