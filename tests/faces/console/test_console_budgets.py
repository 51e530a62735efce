"""U-80 at the console: no screen asks the database more because the shop holds more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from litestar import Litestar
from litestar.routes import HTTPRoute

from daji.kit.db import counting
from tests.faces.console.conftest import Desk, Hire
from tests.makers.world import World

MOST = 12
"""Statements of one screen, the session's own and BEGIN and COMMIT among them."""
# A stream of news never ends, and the check of the books reads them all.
LEFT_OUT = re.compile(r"/live$|/books|/export|\.pdf$|\{")


def screens(app: Litestar) -> Iterator[str]:
    """Every list and overview of the console's API: what is read without naming one thing."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path_format.startswith("/console/v1/"):
            handler = route.route_handler_map.get("GET")
            if handler is not None and not LEFT_OUT.search(route.path_format):
                yield route.path_format


async def asked(desk: Desk, paths: list[str]) -> dict[str, int]:
    found = {}
    for path in paths:
        with counting() as tally:
            answer = await desk.get(path)
        if answer.status_code == 200:
            found[path] = tally.count
    return found


async def test_u80_no_screen_asks_more_when_there_is_more(world: World, app: Litestar, hire: Hire) -> None:
    boss = await hire("admin")
    paths = sorted(screens(app))
    sold = [await world.sku(price=1000 + n) for n in range(4)]
    for one in sold[:1]:
        await world.paid_order({one: 1})
    await asked(boss, paths)
    few = await asked(boss, paths)
    for one in sold[1:]:
        paid = await world.paid_order({one: 2})
        await world.ship(paid.orders[0].id)
    await hire("service")
    many = await asked(boss, paths)
    assert len(few) > 20, few
    assert {path: (few[path], n) for path, n in many.items() if n > few.get(path, MOST)} == {}
    assert {path: n for path, n in many.items() if n > MOST} == {}
