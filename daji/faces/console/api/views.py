"""Views of lists that a member of staff keeps under a name."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, delete, get, put
from litestar.params import FromPath, FromQuery, JSONBody

from daji.base.workspace import api as workspace
from daji.faces.console.api.docs import answers
from daji.faces.console.asking import PUBLIC, Acting, HouseGiven, Now
from daji.faces.console.wire import answer
from daji.kit import ids

TAG = ["Staff"]
ListName = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z_-]{0,39}$", examples=["orders"])]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["status"])]
Value = Annotated[str, msgspec.Meta(max_length=200, examples=["confirmed"])]
Query = Annotated[dict[Key, Value], msgspec.Meta(max_length=20, examples=[{"status": "confirmed"}])]


class ViewIn(msgspec.Struct, frozen=True, kw_only=True):
    """The filters of one list, as its address says them."""

    list: ListName
    name: Annotated[str, msgspec.Meta(pattern=r"^\S(.{0,58}\S)?$", examples=["待发货"])]
    query: Query


@get(
    "/me/views",
    opt=PUBLIC,
    summary="My views",
    operation_id="console_list_views",
    responses=answers(tuple[workspace.SavedView, ...], "By list and name.", 422),
    tags=TAG,
)
async def list_views(
    actor: Acting, house: HouseGiven, of: FromQuery[ListName | None] = None
) -> Response[bytes]:
    """Tell what I keep, of every list or of one."""
    async with house.db.read() as session:
        return answer(await workspace.list_views(session, account_id=actor.staff_id, list_=of))


@put(
    "/me/views",
    opt=PUBLIC,
    summary="Keep a view",
    operation_id="console_save_view",
    responses=answers(workspace.SavedView, "Kept; one of the same name is replaced.", 409, 422),
    tags=TAG,
)
async def save_view(data: JSONBody[ViewIn], actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Keep the filters of a list under a name."""
    found = await house.db.run(
        lambda tx: workspace.save_view(
            tx, account_id=actor.staff_id, list_=data.list, name=data.name, query=data.query, now=now
        )
    )
    return answer(found)


@delete(
    "/me/views/{view:str}",
    opt=PUBLIC,
    summary="Forget a view",
    operation_id="console_drop_view",
    tags=TAG,
)
async def drop_view(view: FromPath[str], actor: Acting, house: HouseGiven) -> None:
    """Forget it; somebody else's answers 404."""
    view_id = ids.read("viw", view)
    await house.db.run(lambda tx: workspace.drop_view(tx, account_id=actor.staff_id, view_id=view_id))


ROUTES = [list_views, save_view, drop_view]
