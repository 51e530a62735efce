"""The first page: how today goes. And finding one thing among all."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import FromQuery

from daji.faces.console.api.docs import answers
from daji.faces.console.asking import PUBLIC, Acting, HouseGiven, Now, P, can
from daji.faces.console.wire import answer
from daji.views import console_overview, console_search

TAG = ["System"]
Words = Annotated[str, msgspec.Meta(max_length=100)]


@get(
    "/overview",
    opt=can(P.ORDERS_READ),
    summary="Today beside yesterday and last week",
    operation_id="console_overview",
    responses=answers(console_overview.Overview, "Figures until now, curves by hour and by day."),
    tags=TAG,
)
async def overview(house: HouseGiven, now: Now) -> Response[bytes]:
    """Tell how today goes, against the same hours of yesterday and of the same weekday last week."""
    async with house.db.read() as session:
        return answer(await console_overview.get_overview(session, at=now))


@get(
    "/search",
    opt=PUBLIC,
    summary="Find an order, a buyer or an article",
    operation_id="console_search",
    responses=answers(console_search.Found, "The best few of each kind that the caller may read.", 422),
    tags=TAG,
)
async def search(actor: Acting, house: HouseGiven, q: FromQuery[Words] = "") -> Response[bytes]:
    """Find by number, phone, e-mail, name, SKU, barcode or title; the beginning is enough for numbers and codes."""
    async with house.db.read() as session:
        found = await console_search.find(
            session,
            text=q,
            orders=actor.may(P.ORDERS_READ),
            buyers=actor.may(P.CUSTOMERS_READ),
            goods=actor.may(P.CATALOG_READ),
        )
    return answer(found)


ROUTES = [overview, search]
