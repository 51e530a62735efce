"""What just happened, as a stream for pages and as a list for programs."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import FromQuery, HeaderParameter
from litestar.response import Stream

from daji.faces.console import live
from daji.faces.console.api.docs import answers
from daji.faces.console.asking import PUBLIC, Acting, Asked, HouseGiven
from daji.faces.console.wire import answer
from daji.views import console_live

TAG = ["System"]
_WATCH = "console_watch"
STREAM = "text/event-stream"

Number = Annotated[int, msgspec.Meta(ge=0, le=2**62)]


class NewsPage(msgspec.Struct, frozen=True, kw_only=True):
    """News, oldest first; `last` is the number to ask with next."""

    items: tuple[live.News, ...]
    last: str


@get(
    "/live",
    opt=PUBLIC,
    summary="What just happened",
    operation_id="console_live",
    responses=answers(
        NewsPage, "With `Accept: text/event-stream` the same as a stream that stays open.", 422
    ),
    tags=TAG,
)
async def listen(
    request: Asked,
    actor: Acting,
    house: HouseGiven,
    after: FromQuery[Number | None] = None,
    last_event_id: Annotated[Number | None, HeaderParameter(name="Last-Event-ID")] = None,
) -> Response[bytes] | Stream:
    """Tell news of what the caller may read: after number `after` (or `Last-Event-ID`), else from now on."""
    rooms = live.rooms_for(actor.permissions)
    since = after if last_event_id is None else last_event_id
    if STREAM in request.headers.get("accept", ""):
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        frames = _watch(request, house).follow(rooms=rooms, after=since)
        return Stream(frames, media_type=STREAM, headers=headers)
    async with house.db.read() as session:
        last = await console_live.newest(session) if since is None else since
        found = await console_live.list_news(session, after=last, rooms=rooms)
    if found:
        last = found[-1].seq
    return answer(NewsPage(items=tuple(live.tell(one) for one in found), last=str(last)))


def _watch(request: Asked, house: HouseGiven) -> live.Watch:
    """The one reader of this process, made when the first page asks."""
    found: live.Watch | None = request.app.state.get(_WATCH)
    if found is None:
        found = request.app.state[_WATCH] = live.Watch(house.db)
        request.app.on_shutdown.append(found.close)
    return found


ROUTES = [listen]
