"""Work at the shelf: pick, pack, hand over, say what is missing."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import LineId, TradeId
from daji.faces.console.asking import Acting, HouseGiven, Now, Once, P, can
from daji.faces.console.audited import Deed, beside
from daji.faces.console.wire import answer
from daji.flows import cancel_order as cancelling
from daji.flows import ship_order as shipping
from daji.flows import work_order as working
from daji.fulfil.warehouse import api as warehouse
from daji.kit import ids
from daji.kit.paging import Page

TAG = ["Warehouse"]


class PickedIn(msgspec.Struct, frozen=True, kw_only=True):
    line_id: LineId
    qty: int


class PickIn(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces taken now; null takes all that is asked."""

    picked: Annotated[tuple[PickedIn, ...], msgspec.Meta(min_length=1, max_length=500)] | None = None


class PackIn(msgspec.Struct, frozen=True, kw_only=True):
    """Grams, and millimetres of the three sides when they were measured."""

    weight_g: int
    size_mm: tuple[int, int, int] | None = None


class ShipIn(msgspec.Struct, frozen=True, kw_only=True):
    """By which carrier; null takes the shop's usual one."""

    carrier: str | None = None


class MissingIn(msgspec.Struct, frozen=True, kw_only=True):
    """The trade whose order cannot be filled."""

    trade_id: TradeId


@get(
    "/pick-lists",
    opt=can(P.WAREHOUSE_WORK),
    summary="List work at the shelf",
    operation_id="console_list_pick_lists",
    responses=answers(Page[warehouse.PickList], "Oldest first, as work is done.", 404, 422),
    tags=TAG,
)
async def list_pick_lists(
    house: HouseGiven,
    site: FromQuery[str | None] = None,
    status: FromQuery[warehouse.Status | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List pick lists of a site or a status."""
    async with house.db.read() as session:
        found = await warehouse.list_pick_lists(
            session,
            site_id=None if site is None else ids.read("sit", site),
            status=status,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@get(
    "/pick-lists/{order:str}",
    opt=can(P.WAREHOUSE_WORK),
    summary="The pick list of an order",
    operation_id="console_get_pick_list",
    responses=answers(warehouse.PickList, "What is asked, taken and missing.", 404),
    tags=TAG,
)
async def get_pick_list(order: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Show a pick list."""
    async with house.db.read() as session:
        return answer(await warehouse.get_pick_list(session, order_id=ids.read("ord", order)))


@post(
    "/pick-lists/{order:str}/pick",
    opt=can(P.WAREHOUSE_WORK, once=True),
    status_code=200,
    summary="Take pieces from the shelf",
    operation_id="console_pick",
    responses=answers(working.Worked, "How far the list is.", 400, 404, 409, 422),
    tags=TAG,
)
async def pick(
    order: FromPath[str], data: JSONBody[PickIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Add pieces that were taken; the first pick starts the work."""
    picked = (
        None
        if data.picked is None
        else tuple(warehouse.Picked(line_id=ids.read("lin", one.line_id), qty=one.qty) for one in data.picked)
    )
    wish = working.PickOrder(order_id=ids.read("ord", order), by=actor.by, picked=picked)
    done = await beside(
        house,
        actor,
        once,
        Deed(action="warehouse.pick", kind="order", subject=order, given=data),
        working.pick_order(house.ctx, wish, scope=once.scope, key=once.key, now=now),
        now=now,
    )
    return answer(done)


@post(
    "/pick-lists/{order:str}/pack",
    opt=can(P.WAREHOUSE_WORK, once=True),
    status_code=200,
    summary="Close and weigh the box",
    operation_id="console_pack",
    responses=answers(working.Worked, "Packed.", 400, 404, 409, 422),
    tags=TAG,
)
async def pack(
    order: FromPath[str], data: JSONBody[PackIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Close the box of a fully picked list."""
    wish = working.PackOrder(
        order_id=ids.read("ord", order), by=actor.by, weight_g=data.weight_g, size_mm=data.size_mm
    )
    done = await beside(
        house,
        actor,
        once,
        Deed(action="warehouse.pack", kind="order", subject=order, given=data),
        working.pack_order(house.ctx, wish, scope=once.scope, key=once.key, now=now),
        now=now,
    )
    return answer(done)


@post(
    "/pick-lists/{order:str}/ship",
    opt=can(P.WAREHOUSE_WORK, once=True),
    status_code=200,
    summary="Book a carrier and hand the box over",
    operation_id="console_ship",
    responses=answers(shipping.Shipped, "On its way, with its number.", 400, 404, 409, 422, 503),
    tags=TAG,
)
async def ship(
    order: FromPath[str], data: JSONBody[ShipIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Hand a packed box to a carrier; 503 means that the carrier is silent: send the same key again."""
    wish = shipping.ShipOrder(
        order_id=ids.read("ord", order), carrier=data.carrier or house.ctx.policies.carrier, by=actor.by
    )
    done = await beside(
        house,
        actor,
        once,
        Deed(action="delivery.ship", kind="order", subject=order, given=data),
        shipping.ship_order(house.ctx, wish, scope=once.scope, key=once.key, now=now),
        now=now,
    )
    return answer(done)


@post(
    "/pick-lists/{order:str}/missing",
    opt=can(P.WAREHOUSE_WORK, once=True),
    status_code=200,
    summary="Goods are not there: cancel this order and write them off",
    operation_id="console_report_missing",
    responses=answers(cancelling.Cancelled, "Cancelled; what was paid goes back.", 400, 404, 409, 503),
    tags=TAG,
)
async def report_missing(
    order: FromPath[str], data: JSONBody[MissingIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Cancel an order whose goods cannot be found; the goods are booked as lost, the buyer gets the money back."""
    wish = cancelling.CancelOrder(
        trade_id=ids.read("trd", data.trade_id),
        order_id=ids.read("ord", order),
        owner=None,
        reason="missing",
        by=actor.by,
        missing=True,
    )
    done = await beside(
        house,
        actor,
        once,
        Deed(action="warehouse.report_missing", kind="order", subject=order, given=data),
        cancelling.cancel_order(house.ctx, wish, scope=once.scope, key=once.key, now=now),
        now=now,
    )
    return answer(done)


ROUTES = [list_pick_lists, get_pick_list, pick, pack, ship, report_missing]
