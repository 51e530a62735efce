"""Orders: find them, see all of one, cancel, note."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import OrderId
from daji.faces.console.asking import Acting, HouseGiven, Now, Once, P, can
from daji.faces.console.audited import Deed, beside, write_once
from daji.faces.console.wire import answer
from daji.flows import cancel_order as cancelling
from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.paging import Page
from daji.trade.orders import api as orders
from daji.views import console_order, console_orders

TAG = ["Orders"]
Reason = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,59}$")]


class CancelIn(msgspec.Struct, frozen=True, kw_only=True):
    """Cancel the whole trade, or one order of it; `missing` writes goods off that were looked for in vain."""

    reason: Reason
    order_id: OrderId | None = None
    missing: bool = False


class NoteIn(msgspec.Struct, frozen=True, kw_only=True):
    """A remark for the timeline; the buyer reads it too when it is `public`."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    order_id: OrderId | None = None
    public: bool = False


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    noted: bool = True


@get(
    "/orders",
    opt=can(P.ORDERS_READ),
    summary="List orders",
    operation_id="console_list_orders",
    responses=answers(Page[console_orders.OrderRow], "The last placed first.", 422),
    tags=TAG,
)
async def list_orders(
    house: HouseGiven,
    now: Now,
    *,
    status: FromQuery[str | None] = None,
    payment: FromQuery[str | None] = None,
    delivery: FromQuery[str | None] = None,
    channel: FromQuery[str | None] = None,
    placed_from: FromQuery[datetime | None] = None,
    placed_to: FromQuery[datetime | None] = None,
    text: FromQuery[str | None] = None,
    late: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Find orders on every axis.

    `text` is the beginning of a number, or a name, phone, e-mail, SKU code or outside number as a whole. The period
    is half-open; `late` leaves orders that should have arrived and have not even left.
    """
    narrow = console_orders.Narrow(
        status=status,
        payment=payment,
        delivery=delivery,
        channel=channel,
        placed_from=placed_from,
        placed_to=placed_to,
        text=text,
        late=late,
    )
    async with house.db.read() as session:
        return answer(
            await console_orders.list_orders(session, narrow=narrow, at=now, cursor=cursor, limit=limit)
        )


@get(
    "/orders/{trade:str}",
    opt=can(P.ORDERS_READ),
    summary="All of one order",
    operation_id="console_get_order",
    responses=answers(
        console_order.OrderScreen, "Money per unit, payments, books, parcels, returns, story.", 404
    ),
    tags=TAG,
)
async def get_order(trade: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Show a trade with everything that belongs to it."""
    async with house.db.read() as session:
        return answer(await console_order.get_order_screen(session, trade_id=ids.read("trd", trade)))


@post(
    "/orders/{trade:str}/cancel",
    opt=can(P.ORDERS_CANCEL, once=True),
    status_code=200,
    summary="Cancel an order before it ships",
    operation_id="console_cancel_order",
    responses=answers(cancelling.Cancelled, "Cancelled; what was paid goes back.", 400, 404, 409, 422, 503),
    tags=TAG,
)
async def cancel(
    trade: FromPath[str], data: JSONBody[CancelIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Cancel the trade or one order of it; the paid share of its units goes back."""
    wish = cancelling.CancelOrder(
        trade_id=ids.read("trd", trade),
        order_id=None if data.order_id is None else ids.read("ord", data.order_id),
        owner=None,
        reason=data.reason,
        by=actor.by,
        missing=data.missing,
    )
    done = await beside(
        house,
        actor,
        once,
        Deed(action="orders.cancel", kind="trade", subject=trade, given=data),
        cancelling.cancel_order(house.ctx, wish, scope=once.scope, key=once.key, now=now),
        now=now,
    )
    return answer(done)


@post(
    "/orders/{trade:str}/notes",
    opt=can(P.ORDERS_READ, once=True),
    status_code=201,
    summary="Add a remark to the timeline",
    operation_id="console_note_order",
    responses=answers(Noted, "It stands in the timeline.", 400, 404, 422, status=201),
    tags=TAG,
)
async def add_note(
    trade: FromPath[str], data: JSONBody[NoteIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Write a remark."""
    trade_id = ids.read("trd", trade)
    order_id = None if data.order_id is None else ids.read("ord", data.order_id)

    async def work(tx: Tx) -> Noted:
        await orders.note(
            tx,
            trade_id=trade_id,
            order_id=order_id,
            code="staff_note",
            params={"text": data.text},
            by=actor.by,
            public=data.public,
            now=now,
        )
        return Noted()

    deed = Deed(action="orders.note", kind="trade", subject=trade, given=data)
    return answer(await write_once(house, actor, once, deed, work, gives=Noted, now=now), status=201)


ROUTES = [list_orders, get_order, cancel, add_note]
