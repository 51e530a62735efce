"""Papers of orders to print: packing slips and invoice."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import OrderId, Trades, ticked
from daji.faces.console.asking import Acting, Actor, HouseGiven, Lang, Now, P, can
from daji.kit import ids
from daji.trade.orders import api as orders
from daji.views import console_order

if TYPE_CHECKING:
    from daji.faces.console import papers

TAG = ["Orders"]
PDF = "application/pdf"
_SHEET = {
    200: ResponseSpec(data_container=bytes, description="The sheet.", media_type=PDF, generate_examples=False)
}
_ANSWERS = answers(bytes, "The sheet.", 404) | _SHEET


@get(
    "/orders/{trade:str}/packing-slip.pdf",
    opt=can(P.ORDERS_READ),
    summary="Print what lies in a box",
    operation_id="console_packing_slip",
    responses=_ANSWERS,
    tags=TAG,
)
async def packing_slip(
    trade: FromPath[str],
    actor: Acting,
    house: HouseGiven,
    lang: Lang,
    now: Now,
    order_id: FromQuery[OrderId | None] = None,
) -> Response[bytes]:
    """One order of the trade, its first when none is named; the address for who may know it."""
    from daji.faces.console import papers  # noqa: PLC0415 - setting type takes 5 MB that few processes need

    async with house.db.read() as session:
        found = await orders.get_trade(session, trade_id=ids.read("trd", trade), owner=None)
    wanted = found.orders[0].id if order_id is None and found.orders else ids.read("ord", order_id or "")
    order = next((one for one in found.orders if one.id == wanted), None)
    if order is None:
        raise orders.OrderUnknown
    made = papers.packing_slips(_paper(house, lang, now), [(found, order)], address=_sees_buyers(actor))
    return _sheet(made, order.number)


@get(
    "/orders/packing-slips.pdf",
    opt=can(P.ORDERS_READ),
    summary="Print what lies in many boxes",
    operation_id="console_packing_slips",
    responses=answers(bytes, "A sheet for each order that is not cancelled.", 404, 422) | _SHEET,
    tags=TAG,
)
async def packing_slips(
    actor: Acting, house: HouseGiven, lang: Lang, now: Now, trade: FromQuery[Trades]
) -> Response[bytes]:
    """Every order of these trades, in the order asked; the address for who may know it."""
    from daji.faces.console import papers  # noqa: PLC0415 - as above

    async with house.db.read() as session:
        found = await orders.get_trades(session, trade_ids=ticked(trade))
    boxes = [(one, order) for one in found for order in one.orders if order.status != "cancelled"]
    if not boxes:
        raise orders.OrderUnknown
    # Setting a hundred sheets takes seconds: the others are served meanwhile.
    made = await asyncio.to_thread(
        papers.packing_slips, _paper(house, lang, now), boxes, address=_sees_buyers(actor)
    )
    return _sheet(made, f"packing-slips-{now:%Y-%m-%d-%H%M}")


@get(
    "/orders/{trade:str}/invoice.pdf",
    opt=can(P.ORDERS_READ),
    summary="Print what a purchase cost",
    operation_id="console_invoice",
    responses=_ANSWERS,
    tags=TAG,
)
async def invoice(
    trade: FromPath[str], actor: Acting, house: HouseGiven, lang: Lang, now: Now
) -> Response[bytes]:
    """The whole trade with what was paid and given back; buyer and address for who may know them."""
    from daji.faces.console import papers  # noqa: PLC0415 - as above

    async with house.db.read() as session:
        screen = await console_order.get_order_screen(session, trade_id=ids.read("trd", trade))
    made = papers.invoice(
        _paper(house, lang, now),
        screen.trade,
        captured=screen.payable.captured if screen.payable else 0,
        refunded=screen.payable.refunded if screen.payable else 0,
        address=_sees_buyers(actor),
    )
    return _sheet(made, screen.trade.number)


def _paper(house: HouseGiven, lang: str, now: datetime) -> papers.Paper:
    from daji.faces.console import papers  # noqa: PLC0415 - as above

    return papers.Paper(say=partial(house.catalogue.text, lang), lang=lang, now=now)


def _sees_buyers(actor: Actor) -> bool:
    return actor.may(P.CUSTOMERS_READ) or actor.may(P.DELIVERY_WRITE)


def _sheet(content: bytes, number: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'inline; filename="{number}.pdf"', "Cache-Control": "no-store"}
    return Response(content, media_type=PDF, headers=headers)


ROUTES = [packing_slip, packing_slips, invoice]
