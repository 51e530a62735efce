"""A buyer tells what they think of something that arrived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.flows.context import Context
from daji.kit.db import Tx
from daji.kit.problems import Problem
from daji.shop.reviews import api as reviews
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders


class NotReceivedYet(Problem):
    """Only goods that have arrived can be reviewed."""

    code = "flows.not_received_yet"
    status = 409


async def post_review(
    ctx: Context,
    *,
    trade_id: UUID,
    line_id: UUID,
    owner: Owner,
    score: int,
    title: str,
    text: str,
    media_ids: Sequence[UUID] = (),
    now: datetime,
) -> reviews.Review:
    """Post the review of one delivered line, once.

    Raises
    ------
    orders.TradeUnknown, orders.OrderUnknown
        For another's trade, or a line that is not in it.
    NotReceivedYet, reviews.AlreadyReviewed, reviews.BadReview
    """

    async def work(tx: Tx) -> reviews.Review:
        trade = await orders.get_trade(tx, trade_id=trade_id, owner=owner)
        order, line = _find(trade, line_id)
        if order.delivery != "delivered":
            raise NotReceivedYet
        return await reviews.post(
            tx,
            kind="product",
            order_id=order.id,
            line_id=line.id,
            product_id=line.product_id,
            author=masked(trade.contact.name),
            author_id=owner.shopper_id,
            score=score,
            title=title.strip(),
            text=text.strip(),
            media_ids=media_ids,
            posted_at=now,
            now=now,
        )

    return await ctx.db.run(work)


def _find(trade: orders.Trade, line_id: UUID) -> tuple[orders.Order, orders.Line]:
    for order in trade.orders:
        for line in order.lines:
            if line.id == line_id:
                return order, line
    raise orders.OrderUnknown


def masked(name: str) -> str:
    """Show of a name what its owner would not mind: the first letter."""
    plain = name.strip()
    return f"{plain[:1]}**" if plain else "**"
