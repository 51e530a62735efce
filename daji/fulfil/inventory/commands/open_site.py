"""Open places that keep goods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory.facts import NewSite, Site, SiteKind
from daji.fulfil.inventory.store import places
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid


async def open_site(
    tx: Tx,
    *,
    code: str,
    name: str,
    kind: SiteKind,
    seller_id: UUID | None,
    country: str,
    region: str,
    city: str,
    postcode: str,
    lat: float | None,
    lon: float | None,
    priority: int = 0,
    now: datetime,
) -> Site:
    """Open a place, or find the one that already bears this code; that one stays as it is.

    Raises
    ------
    kit.problems.Invalid
        For half a position: `lat` and `lon` come together or not at all.
    """
    if (lat is None) != (lon is None):
        raise Invalid(fields=(FieldProblem(pointer="/lat" if lat is None else "/lon", code="required"),))
    new = NewSite(
        code=code,
        name=name,
        kind=kind,
        seller_id=seller_id,
        country=country,
        region=region,
        city=city,
        postcode=postcode,
        lat=lat,
        lon=lon,
        priority=priority,
    )
    await places.open_all(tx, sites=(new,), now=now)
    (site,) = await places.by_code(tx, codes=(code,))
    return site


async def open_sites(tx: Tx, *, sites: Sequence[NewSite], now: datetime) -> dict[str, UUID]:
    """Open many places in one statement; ids by code, of those that were there already too."""
    if not sites:
        return {}
    await places.open_all(tx, sites=sites, now=now)
    found = await places.by_code(tx, codes=[site.code for site in sites])
    return {site.code: site.id for site in found}
