"""The store's JSON API, version 1."""

from __future__ import annotations

from litestar import Router
from litestar.di import Provide

from daji.faces.store import markets
from daji.faces.store.api import account, addresses, cart, flash, orders, returns, shop

ROUTES = [
    Router(
        path="/store/v1",
        route_handlers=[
            *account.ROUTES,
            *shop.ROUTES,
            *cart.ROUTES,
            *orders.ROUTES,
            *returns.ROUTES,
            *addresses.ROUTES,
            *flash.ROUTES,
        ],
        dependencies={"at_market": Provide(markets.give, sync_to_thread=False)},
        opt={"html": False},
    )
]
