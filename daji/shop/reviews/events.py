"""Facts that reviews tell."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from daji.kit.events import Event


class ReviewPosted(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "reviews.review_posted"

    review_id: UUID
    kind: str
    order_id: UUID
    product_id: UUID | None
    score: int


class ReviewModerated(Event, frozen=True, kw_only=True):
    """A review was hidden or shown again; `status` is the new one."""

    topic: ClassVar[str] = "reviews.review_moderated"

    review_id: UUID
    product_id: UUID | None
    status: str


class ReviewReplied(Event, frozen=True, kw_only=True):
    """The shop answered a review, or answered it anew."""

    topic: ClassVar[str] = "reviews.review_replied"

    review_id: UUID
    product_id: UUID | None
