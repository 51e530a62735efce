"""Saying what one thinks of what has arrived, with pictures."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from daji.faces.store.buyer import by_of, known_owner
from daji.faces.store.pages.forms import PAGE, whole
from daji.faces.store.pages.scene import Here, Scene
from daji.faces.store.pages.uploads import MAX_PHOTO, PICTURES_FORM, pictures
from daji.flows.post_review import MAX_PICTURES, post_review_with_pictures
from daji.kit import ids
from daji.kit.problems import NotFound, Problem
from daji.views import store_route


@get("/orders/{trade:str}/review/{line:str}", opt=PAGE, include_in_schema=False)
async def write_review(scene: Here, trade: FromPath[str], line: FromPath[str]) -> Response[str]:
    """Let the buyer say what they think; what they said already is shown with its state."""
    return await _review(scene, trade, line)


@post(
    "/orders/{trade:str}/review/{line:str}",
    opt=PICTURES_FORM,
    request_max_body_size=MAX_PICTURES * MAX_PHOTO,
    include_in_schema=False,
)
async def review(scene: Here, trade: FromPath[str], line: FromPath[str]) -> Response[Any]:
    """Post the review; pictures need an account that answers for them (U-119)."""
    form = await scene.form()
    sent = await pictures(scene, "photo") if scene.principal.kind == "shopper" else ()
    try:
        await post_review_with_pictures(
            scene.house.ctx,
            storage=scene.house.storage,
            trade_id=ids.read("trd", trade),
            line_id=ids.read("lin", line),
            owner=known_owner(scene.principal),
            by=by_of(scene.principal),
            score=whole(form, "score", default=0, least=1, most=5),
            title=form.get("title", ""),
            text=form.get("text", ""),
            pictures=sent,
            now=scene.now,
        )
    except NotFound:
        raise
    except Problem as problem:
        return await _review(scene, trade, line, problem=problem, form=form)
    return scene.go(f"/orders/{trade}?done=reviewed")


async def _review(
    scene: Scene,
    trade: str,
    line: str,
    *,
    problem: Problem | None = None,
    form: dict[str, str] | None = None,
) -> Response[str]:
    line_id = ids.read("lin", line)
    trade_id, owner = ids.read("trd", trade), known_owner(scene.principal)
    async with scene.house.db.read() as session:
        screen = await store_route.get_trade_screen(session, trade_id=trade_id, owner=owner)
    page = screen.page
    found = next((one for order in page.trade.orders for one in order.lines if one.id == line_id), None)
    if found is None:
        raise NotFound
    return await scene.show(
        "review.html",
        problem=problem,
        page=page,
        line=found,
        form=form or {},
        said=page.reviews.get(line_id),
        shots=screen.shots,
        max_pictures=MAX_PICTURES,
    )


ROUTES = [write_review, review]
