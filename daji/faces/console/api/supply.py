"""Deliveries that suppliers announce: list, announce, count in, end."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import SiteId
from daji.faces.console.api.stock import StockIn
from daji.faces.console.asking import Acting, HouseGiven, Now, Once, P, can
from daji.faces.console.audited import Deed, write, write_once
from daji.faces.console.wire import answer
from daji.flows import announce_delivery as announcing
from daji.fulfil.supply import api as supply
from daji.kit import ids
from daji.kit.paging import Page
from daji.views import console_supply

TAG = ["Stock"]
When = Annotated[datetime, msgspec.Meta(tz=True)]


class NoticeIn(msgspec.Struct, frozen=True, kw_only=True):
    """A notice by SKU codes; `number` is the one on the supplier's paper."""

    number: str
    supplier: str
    site_id: SiteId
    expected_at: When
    lines: tuple[announcing.AnnouncedLine, ...]
    note: str = ""


class CameIn(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces counted at the gate."""

    lines: Annotated[tuple[StockIn, ...], msgspec.Meta(min_length=1, max_length=500)]


class EndIn(msgspec.Struct, frozen=True, kw_only=True):
    """`close` when the rest will not come, `cancel` when nothing will."""

    verb: Literal["close", "cancel"]


@get(
    "/notices",
    opt=can(P.STOCK_READ),
    summary="Announced deliveries",
    operation_id="console_list_notices",
    responses=answers(Page[console_supply.NoticeRow], "The last expected first.", 404, 422),
    tags=TAG,
)
async def list_notices(
    house: HouseGiven,
    *,
    status: FromQuery[supply.Status | None] = None,
    only_open: FromQuery[bool] = False,
    site: FromQuery[str | None] = None,
    text: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List notices; `text` is a part of a number or a supplier, or a whole SKU code."""
    async with house.db.read() as session:
        found = await console_supply.list_notices(
            session,
            status=status,
            only_open=only_open,
            site_id=None if site is None else ids.read("sit", site),
            text=text,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@get(
    "/notices/{notice:str}",
    opt=can(P.STOCK_READ),
    summary="One announced delivery",
    operation_id="console_get_notice",
    responses=answers(console_supply.NoticeScreen, "Expected and received, SKU by SKU.", 404),
    tags=TAG,
)
async def get_notice(notice: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Show a notice with the words of its goods."""
    async with house.db.read() as session:
        return answer(await console_supply.get_notice_screen(session, notice_id=ids.read("ntc", notice)))


@post(
    "/notices",
    opt=can(P.STOCK_ADJUST, once=True),
    status_code=201,
    summary="Announce a delivery",
    operation_id="console_announce_delivery",
    responses=answers(supply.Notice, "It is awaited.", 400, 404, 409, 422, status=201),
    tags=TAG,
)
async def announce(
    data: JSONBody[NoticeIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Keep what a supplier says will come."""
    wish = announcing.AnnounceDelivery(
        number=data.number,
        supplier=data.supplier,
        site_id=ids.read("sit", data.site_id),
        expected_at=data.expected_at,
        lines=data.lines,
        note=data.note,
    )
    done = await write_once(
        house,
        actor,
        once,
        Deed(action="supply.announce", kind="notice", given=data),
        lambda tx: announcing.announce_delivery(tx, wish, by=actor.by, now=now),
        gives=supply.Notice,
        now=now,
    )
    return answer(done, status=201)


@post(
    "/notices/{notice:str}/receive",
    opt=can(P.STOCK_ADJUST, once=True),
    status_code=200,
    summary="Count goods of a notice in",
    operation_id="console_receive_notice",
    responses=answers(supply.Notice, "They are on hand now.", 400, 404, 409, 422),
    tags=TAG,
)
async def receive(
    notice: FromPath[str], data: JSONBody[CameIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Put what stands at the gate on hand; more than was announced is counted too."""
    notice_id = ids.read("ntc", notice)
    came = [(ids.read("sku", line.sku_id), line.qty) for line in data.lines]
    done = await write_once(
        house,
        actor,
        once,
        Deed(action="supply.receive", kind="notice", subject=notice, given=data),
        lambda tx: supply.receive(tx, notice_id=notice_id, came=came, by=actor.by, now=now),
        gives=supply.Notice,
        now=now,
    )
    return answer(done)


@post(
    "/notices/{notice:str}/end",
    opt=can(P.STOCK_ADJUST),
    status_code=200,
    summary="Close or cancel a notice",
    operation_id="console_end_notice",
    responses=answers(supply.Notice, "Nothing more is awaited.", 404, 409, 422),
    tags=TAG,
)
async def end(
    notice: FromPath[str], data: JSONBody[EndIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Say that the rest will not come, or nothing of it."""
    notice_id = ids.read("ntc", notice)
    done = await write(
        house,
        actor,
        Deed(action=f"supply.{data.verb}", kind="notice", subject=notice),
        lambda tx: supply.end(tx, notice_id=notice_id, verb=data.verb, now=now),
        before=lambda tx: supply.get_notice(tx, notice_id=notice_id),
        now=now,
    )
    return answer(done)


ROUTES = [list_notices, get_notice, announce, receive, end]
