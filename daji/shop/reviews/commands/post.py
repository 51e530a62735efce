"""A buyer speaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Tx
from daji.shop.reviews import rules, store
from daji.shop.reviews.events import ReviewPosted
from daji.shop.reviews.facts import AlreadyReviewed, Kind, Review


async def post(
    tx: Tx,
    *,
    kind: Kind,
    order_id: UUID,
    line_id: UUID | None,
    product_id: UUID | None,
    author: str,
    author_id: UUID | None,
    score: int,
    title: str,
    text: str,
    media_ids: Sequence[UUID] = (),
    posted_at: datetime,
    now: datetime,
    source_ref: str | None = None,
) -> Review:
    """Post a review, shown at once: one per order line; of an order's service one per `source_ref`.

    Whether the author bought what they judge is asked by the caller, who knows the orders.

    Raises
    ------
    BadReview
    AlreadyReviewed
        Parameter `review_id` is the one that stands.
    """
    rules.check(
        kind=kind,
        line_id=line_id,
        product_id=product_id,
        author=author,
        score=score,
        title=title,
        text=text,
        media_ids=media_ids,
        source_ref=source_ref,
    )
    review = Review(
        id=ids.new_id(),
        kind=kind,
        order_id=order_id,
        line_id=line_id,
        product_id=product_id,
        author=author,
        author_id=author_id,
        score=score,
        title=title,
        text=text,
        media_ids=tuple(media_ids),
        status="shown",
        source_ref=source_ref,
        reply=None,
        posted_at=posted_at,
    )
    if not await store.post(tx, review, now):
        twin = await store.twin(tx, line_id=line_id, order_id=order_id, source_ref=source_ref)
        raise AlreadyReviewed(review_id=ids.show("rev", twin.id) if twin else None)
    tx.emit(
        ReviewPosted(review_id=review.id, kind=kind, order_id=order_id, product_id=product_id, score=score),
        subject=review.id,
        at=now,
    )
    return review
