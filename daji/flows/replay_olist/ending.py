"""How orders of the source ended early: not found, cancelled on the way, sent back; and what buyers said."""

from __future__ import annotations

from daji.care.aftersales import api as aftersales
from daji.flows.cancel_order import CancelOrder, cancel_order
from daji.flows.replay_olist import plan
from daji.flows.replay_olist.importing import BY, SCOPE, display_name
from daji.flows.replay_olist.source import Order
from daji.flows.replay_olist.stage import Stage, run_key
from daji.flows.return_goods import Asked, AskReturn, SettleReturn, ask_return, settle_return
from daji.shop.reviews import api as reviews
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders

MISSING = "missing"
REVIEWS_OF = "olist"


async def cancel(stage: Stage, order: Order) -> None:
    """Cancel the whole trade, with what is known of the reason; whatever was paid goes back."""
    unavailable = order.status == "unavailable"
    came_back = bool(order.items) and plan.hand_over(order) is not None
    reason = MISSING if unavailable else "undeliverable" if came_back else "made_elsewhere"
    wish = CancelOrder(
        trade_id=stage.trade_id(order),
        order_id=None,
        owner=None,
        reason=reason,
        by=BY,
        missing=unavailable,
    )
    await cancel_order(stage.ctx, wish, scope=SCOPE, key=run_key(order, "cancel"), now=stage.now)
    await stage.deliver_notices()


async def ask(stage: Stage, order: Order) -> list[Asked]:
    """Every unit of every parcel is to go back."""
    asked = []
    for n, child in enumerate((await stage.trade(order)).orders):
        given = AskReturn(
            order_id=child.id,
            owner=Owner(shopper_id=stage.shopper(order)),
            unit_ids=tuple(unit.id for line in child.lines for unit in line.units),
            kind="return",
            reason="other",
            note="",
            by=f"shopper:{stage.shopper(order)}",
        )
        asked.append(
            await ask_return(
                stage.ctx, given, scope=SCOPE, key=run_key(order, "ask_return", n), now=stage.now
            )
        )
        async with stage.ctx.db.transaction() as tx:
            case = await aftersales.get_case(tx, case_id=asked[-1].case_id, owner=None)
            if case.status == "requested":
                await aftersales.approve(tx, case_id=case.id, by=BY, now=stage.now)
    return asked


async def settle(stage: Stage, order: Order) -> None:
    """The goods are here again, unharmed as far as anybody knows: back on the shelf, the money back to the buyer."""
    trade = await stage.trade(order)
    for n, (child, asked) in enumerate(zip(trade.orders, await ask(stage, order), strict=True)):
        given = SettleReturn(
            case_id=asked.case_id,
            grades={unit.id: "restock" for line in child.lines for unit in line.units},
            site_id=child.site_id,
            by=BY,
        )
        await settle_return(
            stage.ctx, given, scope=SCOPE, key=run_key(order, "settle_return", n), now=stage.now
        )
    await stage.deliver_notices()


async def review(stage: Stage, order: Order, number: int) -> None:
    """Post a review of the goods when it can be told which, else of the service; a second time changes nothing."""
    said = order.reviews[number - 1]
    trade = await stage.trade(order)
    line = _line(trade) if plan.review_is_of(order, number - 1) == "goods" else None
    async with stage.ctx.db.transaction() as tx:
        try:
            await reviews.post(
                tx,
                kind="service" if line is None else "product",
                # A trade without known lines has no parcels either: what is said is said of the trade.
                order_id=trade.orders[0].id if trade.orders else trade.id,
                line_id=None if line is None else line.id,
                product_id=None if line is None else line.product_id,
                author=display_name(order.customer.person),
                author_id=stage.shopper(order),
                score=said.score,
                title=said.title,
                text=said.text,
                posted_at=said.answered_at,
                now=stage.now,
                source_ref=f"{REVIEWS_OF}:{said.ref}",
            )
        except reviews.AlreadyReviewed:
            return


def _line(trade: orders.Trade) -> orders.Line:
    return trade.orders[0].lines[0]
