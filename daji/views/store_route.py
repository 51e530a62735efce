"""Where a parcel has been and where it goes: places on a map, from what the carrier told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from daji.kit import divisions
from daji.kit.db import Session
from daji.kit.places import Address
from daji.trade.cart.api import Owner
from daji.views.shots import Shot, shots_of
from daji.views.store_orders import TradePage, get_trade_page

SQL_ROUTES = """
SELECT s.id, s.status, s.address, t.city AS origin, t.lat, t.lon,
       (SELECT jsonb_agg(e.place ORDER BY e.at, e.event_id) FROM delivery.event e WHERE e.shipment_id = s.id) AS places
  FROM delivery.shipment s
  JOIN orders."order" o ON o.id = s.order_id
  JOIN inventory.site t ON t.id = o.site_id
 WHERE s.order_id = ANY($1::uuid[]) AND s.status <> 'cancelled' ORDER BY s.id
"""
ENDED = frozenset({"delivered"})


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """A place on the way in degrees; `passed` when the parcel has been there."""

    place: str
    lat: float
    lon: float
    passed: bool


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """From the warehouse to the door, in order; `here` is the index of the last place that the parcel was seen at."""

    shipment_id: UUID
    stops: tuple[Stop, ...]
    here: int


async def get_routes(session: Session, *, order_ids: Sequence[UUID]) -> dict[UUID, Route]:
    """Routes by shipment; a parcel of which fewer than two places are known has none. One statement."""
    routes = (_route(dict(row)) for row in await session.rows(SQL_ROUTES, list(order_ids)))
    return {route.shipment_id: route for route in routes if len(route.stops) > 1}


class TradeScreen(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase with the ways of its parcels, by shipment, and the pictures of its reviews, by id."""

    page: TradePage
    routes: dict[UUID, Route]
    shots: dict[UUID, Shot]


async def get_trade_screen(session: Session, *, trade_id: UUID, owner: Owner) -> TradeScreen:
    """One purchase as a page shows it; orders.TradeUnknown for another's."""
    page = await get_trade_page(session, trade_id=trade_id, owner=owner)
    shown = [media_id for review in page.reviews.values() for media_id in review.media_ids]
    return TradeScreen(
        page=page,
        routes=await get_routes(session, order_ids=[order.id for order in page.trade.orders])
        if page.parcels
        else {},
        shots=await shots_of(session, shown),
    )


def _route(row: dict[str, Any]) -> Route:
    address = msgspec.convert(row["address"], Address)
    start = (row["lat"], row["lon"]) if row["lat"] is not None else divisions.city_point(row["origin"])
    stops = [] if start is None else [Stop(place=row["origin"], lat=start[0], lon=start[1], passed=True)]
    for place in row["places"] or []:
        point = divisions.city_point(place)
        if point is not None and (not stops or stops[-1].place != place):
            stops.append(Stop(place=place, lat=point[0], lon=point[1], passed=True))
    seen = max(len(stops) - 1, 0)
    end = (address.lat, address.lon) if address.lat is not None else None
    end = end or divisions.point(address.region, address.city, address.district)
    if end is not None and end[0] is not None and end[1] is not None:
        done = row["status"] in ENDED
        if stops and stops[-1].place == address.city:
            stops.pop()
            seen = min(seen, len(stops))
        stops.append(Stop(place=address.city, lat=end[0], lon=end[1], passed=done or seen == len(stops)))
        if done:
            seen = len(stops) - 1
    return Route(shipment_id=row["id"], stops=tuple(stops), here=seen)
