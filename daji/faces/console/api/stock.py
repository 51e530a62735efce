"""Sites, balances, ledger lines, holds; receiving and correcting."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import SellerId, SiteId, SkuId
from daji.faces.console.asking import Acting, HouseGiven, Now, Once, P, can
from daji.faces.console.audited import Deed, write, write_once
from daji.faces.console.wire import answer
from daji.fulfil.inventory import api as inventory
from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.paging import Page
from daji.views import console_stock

TAG = ["Stock"]

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Note = Annotated[str, msgspec.Meta(max_length=500)]
Pieces = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class SiteIn(msgspec.Struct, frozen=True, kw_only=True):
    """A place to open. WGS 84 degrees; a higher priority ships first."""

    code: Code
    name: Name
    kind: inventory.SiteKind
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    region: Name
    city: Name
    seller_id: SellerId | None = None
    postcode: Annotated[str, msgspec.Meta(max_length=16)] = ""
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    priority: Annotated[int, msgspec.Meta(ge=-32768, le=32767)] = 0


class StockIn(msgspec.Struct, frozen=True, kw_only=True):
    sku_id: SkuId
    qty: int


class ReceiveIn(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that arrived; `ref` is the delivery note."""

    site_id: SiteId
    lines: Annotated[tuple[StockIn, ...], msgspec.Meta(min_length=1, max_length=500)]
    ref: Name


class Received(msgspec.Struct, frozen=True, kw_only=True):
    site_id: SiteId
    ref: str
    pieces: int


class AdjustIn(msgspec.Struct, frozen=True, kw_only=True):
    """A correction of `delta` pieces on hand, with its reason; never below what is promised."""

    site_id: SiteId
    sku_id: SkuId
    delta: int
    reason: inventory.AdjustReason
    note: Note = ""


class MoveIn(msgspec.Struct, frozen=True, kw_only=True):
    """Set pieces aside, put them back on sale, or throw away what was set aside."""

    site_id: SiteId
    sku_id: SkuId
    qty: int
    verb: inventory.BucketVerb
    note: Note = ""


@get(
    "/sites",
    opt=can(P.STOCK_READ),
    summary="List sites",
    operation_id="console_list_sites",
    responses=answers(tuple[inventory.Site, ...], "Places that keep goods, closed ones too."),
    tags=TAG,
)
async def list_sites(house: HouseGiven) -> Response[bytes]:
    """List warehouses and shops."""
    async with house.db.read() as session:
        return answer(await inventory.sites(session))


@post(
    "/sites",
    opt=can(P.SETTINGS_MANAGE),
    summary="Open a site",
    operation_id="console_open_site",
    responses=answers(inventory.Site, "The site of this code.", 404, 422, status=201),
    tags=TAG,
)
async def open_site(data: JSONBody[SiteIn], actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Open a place, or find the one that already bears this code; that one stays as it is."""
    made = await write(
        house,
        actor,
        Deed(action="inventory.open_site", kind="site"),
        lambda tx: inventory.open_site(
            tx,
            code=data.code,
            name=data.name,
            kind=data.kind,
            seller_id=None if data.seller_id is None else ids.read("sel", data.seller_id),
            country=data.country,
            region=data.region,
            city=data.city,
            postcode=data.postcode,
            lat=data.lat,
            lon=data.lon,
            priority=data.priority,
            now=now,
        ),
        now=now,
    )
    return answer(made, status=201)


@get(
    "/stock",
    opt=can(P.STOCK_READ),
    summary="List balances",
    operation_id="console_list_balances",
    responses=answers(Page[console_stock.BalanceRow], "What lies where, in pieces.", 422),
    tags=TAG,
)
async def list_balances(
    house: HouseGiven,
    *,
    site: FromQuery[str | None] = None,
    text: FromQuery[str | None] = None,
    only_out: FromQuery[bool] = False,
    below: FromQuery[Pieces | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List balances; `text` is a SKU or product code or a part of a title, `below` leaves what runs low."""
    async with house.db.read() as session:
        found = await console_stock.list_balances(
            session,
            site_id=None if site is None else ids.read("sit", site),
            text=text,
            only_out=only_out,
            below=below,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@post(
    "/stock/receive",
    opt=can(P.STOCK_ADJUST, once=True),
    status_code=200,
    summary="Receive goods",
    operation_id="console_receive_stock",
    responses=answers(Received, "They are on hand now.", 400, 404, 422),
    tags=TAG,
)
async def receive(
    data: JSONBody[ReceiveIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Put goods on hand at one place."""
    site_id = ids.read("sit", data.site_id)
    lines = tuple(
        inventory.StockLine(sku_id=ids.read("sku", line.sku_id), qty=line.qty) for line in data.lines
    )

    async def work(tx: Tx) -> Received:
        await inventory.receive(tx, site_id=site_id, lines=lines, ref=data.ref, by=actor.by, now=now)
        return Received(site_id=data.site_id, ref=data.ref, pieces=sum(line.qty for line in lines))

    deed = Deed(action="inventory.receive", kind="site", subject=data.site_id, given=data)
    return answer(await write_once(house, actor, once, deed, work, gives=Received, now=now))


@post(
    "/stock/adjust",
    opt=can(P.STOCK_ADJUST, once=True),
    status_code=200,
    summary="Correct a count, with a reason",
    operation_id="console_adjust_stock",
    responses=answers(inventory.Availability, "The new balance.", 400, 404, 409, 422),
    tags=TAG,
)
async def adjust(
    data: JSONBody[AdjustIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Change what is on hand; promised pieces cannot be taken away."""
    site_id, sku_id = ids.read("sit", data.site_id), ids.read("sku", data.sku_id)
    done = await write_once(
        house,
        actor,
        once,
        Deed(action="inventory.adjust", kind="sku", subject=data.sku_id, given=data),
        lambda tx: inventory.adjust(
            tx,
            site_id=site_id,
            sku_id=sku_id,
            delta=data.delta,
            reason=data.reason,
            note=data.note,
            by=actor.by,
            now=now,
        ),
        gives=inventory.Availability,
        now=now,
    )
    return answer(done)


@post(
    "/stock/move",
    opt=can(P.STOCK_ADJUST, once=True),
    status_code=200,
    summary="Quarantine, restock or scrap",
    operation_id="console_move_bucket",
    responses=answers(inventory.Availability, "The new balance.", 400, 404, 409, 422),
    tags=TAG,
)
async def move_bucket(
    data: JSONBody[MoveIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Move pieces between what is on hand and what is set aside."""
    site_id, sku_id = ids.read("sit", data.site_id), ids.read("sku", data.sku_id)
    done = await write_once(
        house,
        actor,
        once,
        Deed(action=f"inventory.{data.verb}", kind="sku", subject=data.sku_id, given=data),
        lambda tx: inventory.move_bucket(
            tx,
            site_id=site_id,
            sku_id=sku_id,
            qty=data.qty,
            verb=data.verb,
            note=data.note,
            by=actor.by,
            now=now,
        ),
        gives=inventory.Availability,
        now=now,
    )
    return answer(done)


@get(
    "/stock/movements",
    opt=can(P.STOCK_READ),
    summary="The stock ledger",
    operation_id="console_list_movements",
    responses=answers(Page[console_stock.MovementRow], "Newest first.", 404, 422),
    tags=TAG,
)
async def list_movements(
    house: HouseGiven,
    *,
    site: FromQuery[str | None] = None,
    sku_code: FromQuery[str | None] = None,
    kind: FromQuery[inventory.MovementKind | None] = None,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    ref: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List ledger lines with the balance after each.

    `sku_code` is a SKU code or barcode, `ref` a delivery note, a return, or the number of an order; the period is
    half-open.
    """
    search = console_stock.Search(
        site_id=None if site is None else ids.read("sit", site),
        sku_code=sku_code,
        kind=kind,
        since=since,
        until=until,
        ref=ref,
    )
    async with house.db.read() as session:
        found = await console_stock.list_movements(session, search=search, cursor=cursor, limit=limit)
    return answer(found)


@get(
    "/stock/holds",
    opt=can(P.STOCK_READ),
    summary="Goods that are promised",
    operation_id="console_list_holds",
    responses=answers(Page[inventory.Hold], "Newest first.", 404, 422),
    tags=TAG,
)
async def list_holds(
    house: HouseGiven,
    trade: FromQuery[str | None] = None,
    sku: FromQuery[str | None] = None,
    status: FromQuery[inventory.HoldState | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List promises of a trade, a SKU or a state."""
    async with house.db.read() as session:
        found = await inventory.list_holds(
            session,
            holder=None if trade is None else ids.read("trd", trade),
            sku_id=None if sku is None else ids.read("sku", sku),
            state=status,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@get(
    "/stock/audit",
    opt=can(P.STOCK_READ),
    summary="Compare balances with the ledger and the holds",
    operation_id="console_audit_stock",
    responses=answers(inventory.AuditReport, "Empty `differences` is well."),
    tags=TAG,
)
async def audit_stock(house: HouseGiven) -> Response[bytes]:
    """Recompute every balance on one moment of the database; tells, never repairs (U-12)."""
    async with house.db.snapshot() as session:
        return answer(await inventory.audit(session))


ROUTES = [
    list_sites,
    open_site,
    list_balances,
    receive,
    adjust,
    move_bucket,
    list_movements,
    list_holds,
    audit_stock,
]
