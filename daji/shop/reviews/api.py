"""The door of reviews."""

from __future__ import annotations

from daji.shop.reviews.commands.moderate import hide, show
from daji.shop.reviews.commands.post import post, post_many
from daji.shop.reviews.commands.reply import reply
from daji.shop.reviews.facts import (
    AlreadyReviewed,
    BadReview,
    Kind,
    NewReview,
    Reply,
    Review,
    Status,
    Summary,
)
from daji.shop.reviews.queries import (
    count_by_score,
    get_review,
    list_for_order,
    list_for_product,
    list_reviews,
    summary,
)

__all__ = [
    "AlreadyReviewed",
    "BadReview",
    "Kind",
    "NewReview",
    "Reply",
    "Review",
    "Status",
    "Summary",
    "count_by_score",
    "get_review",
    "hide",
    "list_for_order",
    "list_for_product",
    "list_reviews",
    "post",
    "post_many",
    "reply",
    "show",
    "summary",
]
