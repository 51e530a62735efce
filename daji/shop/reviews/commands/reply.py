"""The shop answers a review."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, NotFound
from daji.shop.reviews import rules, store
from daji.shop.reviews.events import ReviewReplied
from daji.shop.reviews.facts import BadReview, Review


async def reply(tx: Tx, *, review_id: UUID, text: str, by: str, now: datetime) -> Review:
    """Write the answer; a later one takes its place. Raises BadReview for an empty or bad text, NotFound."""
    problems = rules.check_text(text, "/text", rules.MAX_TEXT)
    if not text.strip():
        problems.append(FieldProblem(pointer="/text", code="required"))
    if problems:
        raise BadReview(fields=problems)
    await store.reply(tx, review_id=review_id, text=text, by=by, now=now)
    review = await store.review(tx, review_id)
    if review is None:
        raise NotFound(kind="review")
    tx.emit(ReviewReplied(review_id=review_id, product_id=review.product_id), subject=review_id, at=now)
    return review
