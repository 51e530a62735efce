"""The console's JSON API, `/console/v1`: every deed of the pages, for programs."""

from __future__ import annotations

from litestar import Router

from daji.faces.console.api import (
    catalogue,
    customers,
    delivery,
    evidence,
    flash_sales,
    goods,
    health,
    live,
    order_table,
    orders,
    overview,
    papers,
    pictures,
    prices,
    products,
    promises,
    returns,
    returns_board,
    reviews,
    roles,
    session,
    shop_settings,
    staff,
    station,
    stock,
    supply,
    system,
    uploads,
    views,
    warehouse,
)
from daji.faces.console.asking import DEPENDENCIES

ROUTES = [
    Router(
        path="/console/v1",
        route_handlers=[
            *session.ROUTES,
            *staff.ROUTES,
            *catalogue.ROUTES,
            *products.ROUTES,
            *goods.ROUTES,
            *uploads.ROUTES,
            *pictures.ROUTES,
            *prices.ROUTES,
            *flash_sales.ROUTES,
            *stock.ROUTES,
            *supply.ROUTES,
            *orders.ROUTES,
            *order_table.ROUTES,
            *warehouse.ROUTES,
            *delivery.ROUTES,
            *returns.ROUTES,
            *reviews.ROUTES,
            *system.ROUTES,
            *views.ROUTES,
            *papers.ROUTES,
            *overview.ROUTES,
            *live.ROUTES,
            *promises.ROUTES,
            *station.ROUTES,
            *returns_board.ROUTES,
            *evidence.ROUTES,
            *customers.ROUTES,
            *roles.ROUTES,
            *shop_settings.ROUTES,
            *health.ROUTES,
        ],
        dependencies=DEPENDENCIES,
        opt={"html": False},
    )
]

__all__ = ["ROUTES"]
