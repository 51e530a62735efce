"""Pictures as a page needs them: how large to hold their place, and what to show until they have come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from daji.base.media import api as media
from daji.kit.db import Session


class Shot(msgspec.Struct, frozen=True, kw_only=True):
    """A picture; `widths` are its renditions, smallest first, `blur` a `data:` address or empty."""

    id: UUID
    width: int
    height: int
    blur: str = ""
    widths: tuple[int, ...] = ()


async def shots_of(session: Session, media_ids: Iterable[UUID | None]) -> dict[UUID, Shot]:
    """Pictures by id; those that are not there, and 3D models, are left out. One statement, none for nothing."""
    wanted = sorted({one for one in media_ids if one is not None})
    if not wanted:
        return {}
    found = await media.find_media(session, media_ids=wanted)
    return {
        one.id: Shot(
            id=one.id,
            width=one.width,
            height=one.height,
            blur=one.blur,
            widths=tuple(rendition.width for rendition in one.renditions),
        )
        for one in found.values()
        if one.kind == "image"
    }


def shot_from(row: dict[str, Any] | None) -> Shot | None:
    """Read a picture that a statement made into JSON."""
    return None if row is None else msgspec.convert(row, Shot)
