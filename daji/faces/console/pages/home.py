"""The first page: what waits for whom."""

from __future__ import annotations

from litestar import Response, get

from daji.faces.console.asking import Asked, HouseGiven, Now, P, can
from daji.faces.console.render import show_page
from daji.views import console_home


@get("/", opt=can(P.ORDERS_READ, html=True))
async def home(request: Asked, house: HouseGiven, now: Now) -> Response[str]:
    """Show counts, each with the list behind it; the day begins at midnight where the shop is."""
    async with house.db.read() as session:
        found = await console_home.get_home(session, since=console_home.day_start(now), at=now)
    return show_page(request, "home.html.j2", home=found)


ROUTES = [home]
