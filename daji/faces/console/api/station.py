"""What a hand-held asks at the shelf: the queue, one list with pictures, what a scanned code stands for."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from daji.faces.console.api.docs import answers
from daji.faces.console.asking import HouseGiven, P, can
from daji.faces.console.wire import answer
from daji.fulfil.warehouse import api as warehouse
from daji.kit import ids
from daji.kit.paging import Page
from daji.views import console_work, station

TAG = ["Warehouse"]
Code = Annotated[str, msgspec.Meta(max_length=100)]


@get(
    "/station/work",
    opt=can(P.WAREHOUSE_WORK),
    summary="The queue of a station",
    operation_id="console_list_station_work",
    responses=answers(Page[console_work.WorkRow], "Oldest first, as work is done.", 404, 422),
    tags=TAG,
)
async def list_work(
    house: HouseGiven,
    *,
    site: FromQuery[str | None] = None,
    status: FromQuery[warehouse.Status | None] = None,
    number: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List work with its progress; without a status all that is open."""
    async with house.db.read() as session:
        found = await console_work.list_work(
            session,
            site_id=None if site is None else ids.read("sit", site),
            status=status,
            number=number,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@get(
    "/station/work/{order:str}",
    opt=can(P.WAREHOUSE_WORK),
    summary="One list as it is carried about",
    operation_id="console_get_station_work",
    responses=answers(station.StationWork, "Lines in the order of the walk, with pictures.", 404),
    tags=TAG,
)
async def get_work(order: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Show a list with words and pictures, its box and its parcel."""
    async with house.db.read() as session:
        found = await station.get_station_work(
            session,
            order_id=ids.read("ord", order),
            carriers=tuple(sorted(house.ctx.carriers)),
            usual_carrier=house.ctx.policies.carrier,
        )
    return answer(found)


@get(
    "/station/scan",
    opt=can(P.WAREHOUSE_WORK),
    summary="What a scanned code stands for",
    operation_id="console_scan",
    responses=answers(station.Scan, "`found` null: nobody here knows the code.", 422),
    tags=TAG,
)
async def scan(house: HouseGiven, code: FromQuery[Code] = "") -> Response[bytes]:
    """Look a code up: a SKU's barcode or code, an order's number, a parcel's number."""
    async with house.db.read() as session:
        return answer(await station.find_scan(session, code=code))


ROUTES = [list_work, get_work, scan]
