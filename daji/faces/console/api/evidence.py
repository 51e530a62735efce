"""Photos that buyers sent with a return, for staff who see returns."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath
from litestar.response import File

from daji.faces.console.asking import HouseGiven, P, can
from daji.faces.evidence import evidence_file
from daji.kit import ids
from daji.views import store_orders


@get(
    "/cases/{case:str}/photos/{picture:str}/{name:str}",
    opt=can(P.AFTERSALES_READ),
    include_in_schema=False,
)
async def show_photo(
    house: HouseGiven, case: FromPath[str], picture: FromPath[str], name: FromPath[str]
) -> File:
    """Serve one photo of a return, `640.webp` and the other widths."""
    async with house.db.read() as session:
        found = await store_orders.get_case_photo(
            session, case_id=ids.read("cas", case), media_id=ids.read("med", picture), owner=None
        )
    return evidence_file(house, found.id, name)


ROUTES = [show_photo]
