"""Hide a review from readers, or show it again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.problems import NotFound
from daji.shop.reviews import rules, store
from daji.shop.reviews.events import ReviewModerated
from daji.shop.reviews.facts import BadReview, Review
from daji.shop.reviews.states import REVIEW

MAX_NOTE = 2_000


async def hide(tx: Tx, *, review_id: UUID, by: str, now: datetime, note: str = "") -> Review:
    """Hide it and take it out of the tally; a hidden one stays so. Raises NotFound, BadReview for a bad note."""
    return await _moderate(tx, review_id, "hide", by=by, now=now, note=note)


async def show(tx: Tx, *, review_id: UUID, by: str, now: datetime, note: str = "") -> Review:
    """Show it and count it again; a shown one stays so. Raises NotFound, BadReview for a bad note."""
    return await _moderate(tx, review_id, "show", by=by, now=now, note=note)


async def _moderate(tx: Tx, review_id: UUID, verb: str, *, by: str, now: datetime, note: str) -> Review:
    if problems := rules.check_text(note, "/note", MAX_NOTE):
        raise BadReview(fields=problems)
    (before,) = REVIEW.sources(verb)
    moved = await store.moderate(
        tx, review_id=review_id, before=before, after=REVIEW.after(before, verb), by=by, note=note
    )
    review = await store.review(tx, review_id)
    if review is None:
        raise NotFound(kind="review")
    if moved:
        tx.emit(
            ReviewModerated(review_id=review_id, product_id=review.product_id, status=review.status),
            subject=review_id,
            at=now,
        )
    return review
