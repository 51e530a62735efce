"""How orders of the source ended early: not found, cancelled on the way, sent back; and what buyers said."""

from __future__ import annotations

from daji.care.aftersales import api as aftersales
from daji.flows.cancel_order import CancelOrder, cancel_order
from daji.flows.replay_olist import plan
from daji.flows.replay_olist.importing import BY, SCOPE, display_name
from daji.flows.replay_olist.plan import Batch, Step
from daji.flows.replay_olist.stage import Stage, run_key
from daji.flows.return_goods import Asked, AskReturn, SettleReturn, ask_return, settle_return
from daji.shop.reviews import api as reviews
from daji.trade.cart.api import Owner

MISSING = "missing"
REVIEWS_OF = "olist"


async def cancel(stage: Stage, batch: Batch) -> None:
    """Cancel whole trades, with what is known of the reason; whatever was paid goes back."""
    for step in batch.steps:
        order = step.order
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
        await cancel_order(stage.ctx, wish, scope=SCOPE, key=run_key(order, "cancel"), now=step.at)


async def ask(stage: Stage, batch: Batch) -> None:
    """Every unit of every parcel is to go back."""
    for step in batch.steps:
        for asked in await _ask(stage, step):
            async with stage.ctx.db.transaction() as tx:
                case = await aftersales.get_case(tx, case_id=asked.case_id, owner=None)
                if case.status == "requested":
                    await aftersales.approve(tx, case_id=case.id, by=BY, now=step.at)


async def _ask(stage: Stage, step: Step) -> list[Asked]:
    """The cases of each parcel; asked for once, and told again."""
    asked = []
    for n, child in enumerate((await stage.trade(step.order)).orders):
        given = AskReturn(
            order_id=child.id,
            owner=Owner(shopper_id=stage.shopper(step.order)),
            unit_ids=tuple(unit.id for line in child.lines for unit in line.units),
            kind="return",
            reason="other",
            note="",
            by=f"shopper:{stage.shopper(step.order)}",
        )
        key = run_key(step.order, "ask_return", n)
        asked.append(await ask_return(stage.ctx, given, scope=SCOPE, key=key, now=step.at))
    return asked


async def settle(stage: Stage, batch: Batch) -> None:
    """The goods are here again, unharmed as far as anybody knows: back on the shelf, the money back to the buyer."""
    for step in batch.steps:
        trade = await stage.trade(step.order)
        for n, (child, asked) in enumerate(zip(trade.orders, await _ask(stage, step), strict=True)):
            given = SettleReturn(
                case_id=asked.case_id,
                grades={unit.id: "restock" for line in child.lines for unit in line.units},
                site_id=child.site_id,
                by=BY,
            )
            key = run_key(step.order, "settle_return", n)
            await settle_return(stage.ctx, given, scope=SCOPE, key=key, now=step.at)


async def review(stage: Stage, batch: Batch) -> None:
    """Post reviews of the goods when it can be told which, else of the service; a second time changes nothing."""
    await stage.gather(batch)
    said = [(_said(stage, step), step.at) for step in batch.steps]
    await stage.ctx.db.run(lambda tx: reviews.post_many(tx, said=said))


def _said(stage: Stage, step: Step) -> reviews.NewReview:
    said, trade = step.order.reviews[step.number - 1], stage.whole[step.order.id]
    line = trade.orders[0].lines[0] if plan.review_is_of(step.order, step.number - 1) == "goods" else None
    return reviews.NewReview(
        kind="service" if line is None else "product",
        # A trade without known lines has no parcels either: what is said is said of the trade.
        order_id=trade.orders[0].id if trade.orders else trade.id,
        line_id=None if line is None else line.id,
        product_id=None if line is None else line.product_id,
        author=display_name(step.order.customer.person),
        author_id=stage.shopper(step.order),
        score=said.score,
        title=said.title,
        text=said.text,
        posted_at=said.answered_at,
        source_ref=f"{REVIEWS_OF}:{said.ref}",
    )
