"""What a buyer shows and tells of something they received: a review, a photo for a return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.base.identity.api import Principal
from daji.base.media import api as media
from daji.boot import House
from daji.care.aftersales import api as aftersales
from daji.faces.http import state
from daji.faces.store.buyer import known_owner
from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import Problem
from daji.shop.reviews import api as reviews
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders


class NotReceivedYet(Problem):
    """Only goods that have arrived can be reviewed."""

    code = "store.not_received_yet"
    status = 409


async def post_review(
    house: House,
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
        for order in trade.orders:
            for line in order.lines:
                if line.id == line_id:
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
        raise orders.OrderUnknown

    return await house.db.run(work)


async def keep_photo(
    house: House, *, case_id: UUID, principal: Principal, content: bytes, declared_type: str, now: datetime
) -> media.Media:
    """Keep a picture of returned goods, for the shopper whose return it is.

    Raises
    ------
    aftersales.NoCase
        For another's return.
    media.TooLarge, media.UnsupportedType, media.TypeMismatch, media.Unreadable, media.QuotaExceeded
    """
    async with house.db.read() as session:
        case = await aftersales.get_case(session, case_id=case_id, owner=known_owner(principal))
    return await media.store(
        house.db,
        storage=house.storage,
        content=content,
        declared_type=declared_type,
        owner=state.actor(principal),
        purpose=f"return:{ids.show('cas', case.id)}",
        now=now,
    )


def masked(name: str) -> str:
    """Show of a name what its owner would not mind: the first letter."""
    plain = name.strip()
    return f"{plain[:1]}**" if plain else "**"
