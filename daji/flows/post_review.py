"""A buyer tells what they think of something that arrived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.base.media import api as media
from daji.base.media.ports import Storage
from daji.flows.context import Context
from daji.kit.db import Tx
from daji.kit.problems import Problem
from daji.shop.reviews import api as reviews
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders

MAX_PICTURES = 6


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as it was sent: its bytes, and what the sender says they are."""

    content: bytes
    declared_type: str


class TooManyPictures(Problem):
    """A review has at most `maximum` pictures."""

    code = "flows.too_many_pictures"
    status = 422


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


async def post_review_with_pictures(
    ctx: Context,
    *,
    storage: Storage,
    trade_id: UUID,
    line_id: UUID,
    owner: Owner,
    by: str,
    score: int,
    title: str,
    text: str,
    pictures: Sequence[Picture],
    now: datetime,
) -> reviews.Review:
    """Keep the pictures, then post the review with them; asked first is whether it may be posted at all.

    Raises
    ------
    TooManyPictures, media.NoOwner (for guests), media.TooLarge, media.UnsupportedType, media.TypeMismatch,
    media.Unreadable, media.QuotaExceeded
        And what `post_review` raises.
    """
    if len(pictures) > MAX_PICTURES:
        raise TooManyPictures(maximum=MAX_PICTURES)
    async with ctx.db.read() as session:
        trade = await orders.get_trade(session, trade_id=trade_id, owner=owner)
        order, line = _find(trade, line_id)
        if order.delivery != "delivered":
            raise NotReceivedYet
        posted = await reviews.list_for_order(session, order_id=order.id)
    if any(one.line_id == line.id for one in posted):
        raise reviews.AlreadyReviewed
    kept = [
        await media.store(
            ctx.db,
            storage=storage,
            content=picture.content,
            declared_type=picture.declared_type,
            owner=by,
            purpose="review",
            now=now,
        )
        for picture in pictures
    ]
    return await post_review(
        ctx,
        trade_id=trade_id,
        line_id=line_id,
        owner=owner,
        score=score,
        title=title,
        text=text,
        media_ids=[one.id for one in kept],
        now=now,
    )


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
