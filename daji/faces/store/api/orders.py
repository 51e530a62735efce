"""Placing an order, paying for it, following it, cancelling it."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromPath, JSONBody

from daji.faces.http.idempotency import run_key
from daji.faces.store import markets
from daji.faces.store.api.docs import refuses
from daji.faces.store.api.shop import Cursor, Limit
from daji.faces.store.api.wire_orders import CancelBody, CancelledWire, TradePageWire, TradeWire
from daji.faces.store.api.wire_paying import PayBody, PayStateWire, PlaceBody, PlacedWire, StartedWire
from daji.faces.store.buyer import (
    GUEST,
    GUEST_ONCE,
    Asked,
    Asking,
    HouseGiven,
    Now,
    buyer_keys,
    by_of,
    find_owner,
    known_owner,
    look_at_payment,
)
from daji.flows.cancel_order import CancelOrder, cancel_order
from daji.flows.check_out import CheckOut, check_out
from daji.flows.place_order import PlaceOrder
from daji.flows.start_payment import StartPayment, start_payment
from daji.kit import ids
from daji.views import store_orders


@post(
    "/orders",
    opt=GUEST_ONCE,
    summary="Place an order",
    tags=["checkout"],
    responses=refuses(404, 409, 422),
)
async def place(
    request: Asked,
    house: HouseGiven,
    principal: Asking,
    now: Now,
    at_market: markets.Given,
    data: JSONBody[PlaceBody],
) -> PlacedWire:
    """Place the order at exactly the quote that was confirmed, and with `payment` start to pay it; 409 tells what changed since.

    Needs an `Idempotency-Key`. A payment that does not start leaves the order to be paid later.
    """
    quote_id = ids.read("quo", data.quote_id)
    owner = known_owner(principal)
    run = run_key(request)
    done = await check_out(
        house.ctx,
        CheckOut(
            order=PlaceOrder(
                quote_id=quote_id, owner=owner, buyer_keys=buyer_keys(request), by=by_of(principal)
            ),
            tender=None if data.payment is None else data.payment.to_ask(),
            return_base=f"{house.settings.base_url}{at_market.base}/paid/",
            gateway=house.ctx.policies.gateway,
        ),
        scope=run.scope,
        key=run.key,
        now=now,
    )
    return PlacedWire.of(done)


@get("/orders", opt=GUEST, summary="My orders", tags=["orders"], responses=refuses(422))
async def list_orders(
    house: HouseGiven, principal: Asking, cursor: Cursor = None, limit: Limit = None
) -> TradePageWire:
    """List the buyer's purchases, the last first; a visitor who holds nothing has none."""
    owner = find_owner(principal)
    if owner is None:
        return TradePageWire(items=(), next_cursor=None)
    async with house.db.read() as session:
        found = await store_orders.list_trades(session, owner=owner, cursor=cursor, limit=limit)
    return TradePageWire(
        items=tuple(TradeWire.of(trade) for trade in found.trades.items), next_cursor=found.trades.next_cursor
    )


@get("/orders/{trade:str}", opt=GUEST, summary="One order", tags=["orders"], responses=refuses(404))
async def show_order(house: HouseGiven, principal: Asking, trade: FromPath[str]) -> TradeWire:
    """Show a purchase: its parts, each unit's paid share, payment, parcels, returns and timeline."""
    trade_id = ids.read("trd", trade)
    async with house.db.read() as session:
        page = await store_orders.get_trade_page(session, trade_id=trade_id, owner=known_owner(principal))
    return TradeWire.of(page.trade, page)


@post(
    "/orders/{trade:str}/payments",
    opt=GUEST_ONCE,
    summary="Start paying",
    tags=["checkout"],
    responses=refuses(404, 409, 422),
)
async def pay(
    request: Asked,
    house: HouseGiven,
    principal: Asking,
    now: Now,
    at_market: markets.Given,
    trade: FromPath[str],
    data: JSONBody[PayBody],
) -> StartedWire:
    """Reserve a tender for all that is due, and say where to pay. Needs an `Idempotency-Key`."""
    trade_id = ids.read("trd", trade)
    owner = known_owner(principal)
    run = run_key(request)
    started = await start_payment(
        house.ctx,
        StartPayment(
            trade_id=trade_id,
            owner=owner,
            tenders=(data.to_ask(),),
            return_url=f"{house.settings.base_url}{at_market.base}/paid/{trade}",
            gateway=house.ctx.policies.gateway,
        ),
        scope=run.scope,
        key=run.key,
        now=now,
    )
    return StartedWire.of(started.trade_id, started.tenders)


@post(
    "/orders/{trade:str}/payments/refresh",
    status_code=200,
    opt=GUEST,
    summary="Ask what became of the payment",
    tags=["checkout"],
    responses=refuses(404),
)
async def refresh(house: HouseGiven, principal: Asking, now: Now, trade: FromPath[str]) -> PayStateWire:
    """The buyer came back: ask the gateway about every open tender and say how paying stands."""
    trade_id = ids.read("trd", trade)
    found = await look_at_payment(house, trade_id=trade_id, owner=known_owner(principal), now=now)
    return PayStateWire(id=trade, state=found.state, to_pay=found.to_pay, currency=found.trade.currency)


@post(
    "/orders/{trade:str}/cancel",
    status_code=200,
    opt=GUEST_ONCE,
    summary="Cancel an order",
    tags=["orders"],
    responses=refuses(404, 409, 422),
)
async def cancel(
    request: Asked,
    house: HouseGiven,
    principal: Asking,
    now: Now,
    trade: FromPath[str],
    data: JSONBody[CancelBody],
) -> CancelledWire:
    """Cancel the purchase, or one part of it, before it ships; what was paid goes back. Needs an `Idempotency-Key`."""
    trade_id = ids.read("trd", trade)
    order_id = ids.read("ord", data.order) if data.order is not None else None
    owner = known_owner(principal)
    run = run_key(request)
    cancelled = await cancel_order(
        house.ctx,
        CancelOrder(
            trade_id=trade_id, order_id=order_id, owner=owner, reason=data.reason, by=by_of(principal)
        ),
        scope=run.scope,
        key=run.key,
        now=now,
    )
    return CancelledWire(
        id=trade, status=cancelled.status, give_back=cancelled.give_back, currency=cancelled.currency
    )


ROUTES = [place, list_orders, show_order, pay, refresh, cancel]
