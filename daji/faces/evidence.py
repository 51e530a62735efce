"""Pictures that only those whom they concern may see: photos of returned goods."""

from __future__ import annotations

from uuid import UUID

from litestar.response import File

from daji.base.media import api as media
from daji.boot import House
from daji.kit.problems import NotFound


def evidence_file(house: House, media_id: UUID, name: str) -> File:
    """A private picture, for somebody who has been asked who they are; no cache on the way keeps it.

    Raises
    ------
    NotFound
        When there is no such private picture.
    """
    names = (media.path_of(media_id, width, private=True) for width in near(name))
    path = next((one for one in (house.media_folder / stored for stored in names) if one.is_file()), None)
    if path is None:
        raise NotFound(kind="media")
    return File(
        path,
        media_type="image/webp",
        content_disposition_type="inline",
        headers={"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"},
    )


def near(name: str) -> list[int]:
    """Widths to try for `640.webp`: not every picture is kept in every width, and a larger one serves as well."""
    wanted = {f"{width}.webp": width for width in media.WIDTHS}.get(name)
    if wanted is None:
        return []
    larger = [width for width in media.WIDTHS if width >= wanted]
    return larger + [width for width in reversed(media.WIDTHS) if width < wanted]
