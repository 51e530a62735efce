"""The storefront: pages that a server writes and any browser reads, under `/zh/` and `/en/`."""

from __future__ import annotations

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

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
from daji.faces.store.pages.scene import give_en, give_zh

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

ROUTES: list[ControllerRouterHandler] = [
    browse.root,
    *pictures.ROUTES,
    *crawl.ROUTES,
    *looks.ROUTES,
    Router(path="/zh", route_handlers=_PAGES, dependencies={"scene": Provide(give_zh, sync_to_thread=False)}),
    Router(path="/en", route_handlers=_PAGES, dependencies={"scene": Provide(give_en, sync_to_thread=False)}),
]

__all__ = ["ROUTES", "render_problem"]
