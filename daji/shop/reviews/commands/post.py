"""A buyer speaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.db import Tx
from daji.shop.reviews import rules, store
from daji.shop.reviews.events import ReviewPosted
from daji.shop.reviews.facts import AlreadyReviewed, Kind, NewReview, Review


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
    new = NewReview(
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
        posted_at=posted_at,
        source_ref=source_ref,
    )
    posted = await post_many(tx, said=[(new, now)])
    if not posted:
        twin = await store.twin(tx, line_id=line_id, order_id=order_id, source_ref=source_ref)
        raise AlreadyReviewed(review_id=ids.show("rev", twin.id) if twin else None)
    return posted[0]


async def post_many(tx: Tx, *, said: Sequence[tuple[NewReview, datetime]]) -> tuple[Review, ...]:
    """Post reviews, each recorded at its time, in one statement; left out is what was reviewed before.

    Whether the authors bought what they judge is asked by the caller. Raises BadReview.
    """
    made = [(_review(new), now) for new, now in said]
    fresh = await store.post(tx, made)
    for review, now in made:
        if review.id in fresh:
            tx.emit(
                ReviewPosted(
                    review_id=review.id,
                    kind=review.kind,
                    order_id=review.order_id,
                    product_id=review.product_id,
                    score=review.score,
                ),
                subject=review.id,
                at=now,
            )
    return tuple(review for review, _ in made if review.id in fresh)


def _review(new: NewReview) -> Review:
    rules.check(
        kind=new.kind,
        line_id=new.line_id,
        product_id=new.product_id,
        author=new.author,
        score=new.score,
        title=new.title,
        text=new.text,
        media_ids=new.media_ids,
        source_ref=new.source_ref,
    )
    return Review(id=ids.new_id(), status="shown", reply=None, **msgspec.structs.asdict(new))
