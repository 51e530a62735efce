"""Facts and refusals of the room."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.problems import NotFound, Problem


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """A view of one list of the console: what its address says, by parameter."""

    id: UUID
    list: str
    name: str
    query: dict[str, str]
    saved_at: datetime


class ViewUnknown(NotFound):
    """No such view, or it is somebody else's."""

    code = "workspace.view_unknown"
    status = 404


class TooManyViews(Problem):
    """Nobody finds one among more than `maximum`."""

    code = "workspace.too_many_views"
    status = 409
