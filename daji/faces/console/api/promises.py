"""Goods that are promised or carried elsewhere: who holds what until when, freeing it, transfers between places."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import SiteId
from daji.faces.console.api.stock import Name, Note, StockIn
from daji.faces.console.asking import Acting, HouseGiven, Now, Once, P, can
from daji.faces.console.audited import Deed, beside, write_once
from daji.faces.console.wire import answer
from daji.flows import cancel_order as cancelling
from daji.flows import release_hold as releasing
from daji.fulfil.inventory import api as inventory
from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.paging import Page
from daji.views import console_holds

TAG = ["Stock"]


class ReleaseIn(msgspec.Struct, frozen=True, kw_only=True):
    """Why goods that somebody reserved and did not pay for are freed."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class TransferIn(msgspec.Struct, frozen=True, kw_only=True):
    """Goods carried from one place to another; `ref` is the paper that goes with them."""

    from_site_id: SiteId
    to_site_id: SiteId
    lines: Annotated[tuple[StockIn, ...], msgspec.Meta(min_length=1, max_length=200)]
    ref: Name
    note: Note = ""


class Transferred(msgspec.Struct, frozen=True, kw_only=True):
    ref: str
    pieces: int


@get(
    "/stock/promises",
    opt=can(P.STOCK_READ),
    summary="Who holds what, until when",
    operation_id="console_list_promises",
    responses=answers(Page[console_holds.HoldRow], "Open promises, newest first.", 404, 422),
    tags=TAG,
)
async def list_promises(
    house: HouseGiven,
    now: Now,
    *,
    site: FromQuery[str | None] = None,
    text: FromQuery[str | None] = None,
    status: FromQuery[Literal["pending", "confirmed"] | None] = None,
    overdue: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List open promises; `text` is a SKU code, a barcode or an order number."""
    async with house.db.read() as session:
        found = await console_holds.list_holds(
            session,
            at=now,
            site_id=None if site is None else ids.read("sit", site),
            text=text,
            state=status,
            overdue=overdue,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@post(
    "/stock/holds/{hold:str}/release",
    opt=can(P.ORDERS_CANCEL, once=True),
    status_code=200,
    summary="Free goods that were reserved and not paid for",
    operation_id="console_release_hold",
    responses=answers(
        cancelling.Cancelled, "Free to be sold again; the unpaid order has ended.", 400, 404, 409, 422, 503
    ),
    tags=TAG,
)
async def release_hold(
    hold: FromPath[str], data: JSONBody[ReleaseIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """End the unpaid order behind a promise, so that a payment that comes late goes straight back."""
    done = await beside(
        house,
        actor,
        once,
        Deed(action="inventory.release", kind="hold", subject=hold, given=data),
        releasing.release_hold(
            house.ctx, hold_id=ids.read("hld", hold), by=actor.by, scope=once.scope, key=once.key, now=now
        ),
        now=now,
    )
    return answer(done)


@post(
    "/stock/transfer",
    opt=can(P.STOCK_ADJUST, once=True),
    status_code=200,
    summary="Carry goods to another place",
    operation_id="console_transfer_stock",
    responses=answers(Transferred, "They lie at the other place now.", 400, 404, 409, 422),
    tags=TAG,
)
async def transfer(
    data: JSONBody[TransferIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Move free pieces between two places; what is promised stays."""
    from_site, to_site = ids.read("sit", data.from_site_id), ids.read("sit", data.to_site_id)
    lines = tuple(
        inventory.StockLine(sku_id=ids.read("sku", line.sku_id), qty=line.qty) for line in data.lines
    )

    async def work(tx: Tx) -> Transferred:
        await inventory.transfer(
            tx,
            from_site=from_site,
            to_site=to_site,
            lines=lines,
            ref=data.ref,
            note=data.note,
            by=actor.by,
            now=now,
        )
        return Transferred(ref=data.ref, pieces=sum(line.qty for line in lines))

    deed = Deed(action="inventory.transfer", kind="site", subject=data.from_site_id, given=data)
    return answer(await write_once(house, actor, once, deed, work, gives=Transferred, now=now))


ROUTES = [list_promises, release_hold, transfer]
