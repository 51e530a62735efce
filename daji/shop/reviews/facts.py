"""Facts and refusals of reviews."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from daji.kit.problems import Problem

Kind = Literal["product", "service"]
Status = Literal["shown", "hidden"]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    by: str
    at: datetime


class NewReview(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer says of goods, or of an order's service; a review of goods names its line and product."""

    kind: Kind
    order_id: UUID
    line_id: UUID | None
    product_id: UUID | None
    author: str
    author_id: UUID | None
    score: int
    title: str
    text: str
    posted_at: datetime
    media_ids: tuple[UUID, ...] = ()
    source_ref: str | None = None


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What one buyer says: of a product they bought (`line_id`, `product_id`), or of the service of an order.

    `author` is the name shown, `author_id` the shopper. `source_ref` is the number it has where it was written,
    when that was elsewhere. Texts are plain text.
    """

    id: UUID
    kind: Kind
    order_id: UUID
    line_id: UUID | None
    product_id: UUID | None
    author: str
    author_id: UUID | None
    score: int
    title: str
    text: str
    media_ids: tuple[UUID, ...]
    status: Status
    source_ref: str | None
    reply: Reply | None
    posted_at: datetime


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Tally of the shown reviews of a product; `histogram` counts scores 1 to 5 in this order."""

    count: int
    sum: int
    histogram: tuple[int, int, int, int, int]


class BadReview(Problem):
    """A score, text or subject is impossible; `fields` say which."""

    code = "reviews.bad_review"
    status = 422


class AlreadyReviewed(Problem):
    """The order line, or the service of the order, has its review; parameter `review_id`."""

    code = "reviews.already_reviewed"
    status = 409
