"""The storefront: pages that a server writes and any browser reads, under `/zh/` and `/en/`, and in each further market's currency."""

from __future__ import annotations

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from daji.faces.store.markets import Markets
from daji.faces.store.pages import (
    account,
    address_book,
    basket,
    browse,
    checkout,
    content,
    crawl,
    flash,
    looks,
    paying,
    pictures,
    product,
    purchases,
    returning,
    reviewing,
)
from daji.faces.store.pages.errors import render_problem
from daji.faces.store.pages.scene import giver, warm_up

_PAGES = [
    *browse.ROUTES,
    *product.ROUTES,
    *looks.PAGES,
    *basket.ROUTES,
    *checkout.ROUTES,
    *paying.ROUTES,
    *purchases.ROUTES,
    *returning.ROUTES,
    *reviewing.ROUTES,
    *content.ROUTES,
    *account.ROUTES,
    *address_book.ROUTES,
    *flash.ROUTES,
]


def routes(markets: Markets) -> list[ControllerRouterHandler]:
    """The pages of each market, and what stands at the root."""
    under = [
        Router(
            path=one.base,
            route_handlers=_PAGES,
            dependencies={"scene": Provide(giver(one), sync_to_thread=False)},
        )
        for one in markets.items
    ]
    return [browse.root, *pictures.ROUTES, *crawl.ROUTES, *looks.ROUTES, *under]


__all__ = ["render_problem", "routes", "warm_up"]
