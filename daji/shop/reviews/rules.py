"""What a review may look like."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.kit.problems import FieldProblem
from daji.shop.reviews.facts import BadReview

MAX_AUTHOR = 80
MAX_TITLE = 200
MAX_TEXT = 5_000
MAX_REF = 200
MAX_MEDIA = 20
_SCORES = range(1, 6)


def check(
    *,
    kind: str,
    line_id: UUID | None,
    product_id: UUID | None,
    author: str,
    score: int,
    title: str,
    text: str,
    media_ids: Sequence[UUID],
    source_ref: str | None,
) -> None:
    """Refuse what no review can be. Raises BadReview."""
    problems = [
        problem
        for pointer, value, maximum in (
            ("/author", author, MAX_AUTHOR),
            ("/title", title, MAX_TITLE),
            ("/text", text, MAX_TEXT),
            ("/source_ref", source_ref or "", MAX_REF),
        )
        for problem in check_text(value, pointer, maximum)
    ]
    if kind not in ("product", "service"):
        problems.append(FieldProblem(pointer="/kind", code="unknown_value"))
    of_product = line_id is not None and product_id is not None
    of_nothing = line_id is None and product_id is None
    if not (of_product if kind == "product" else of_nothing):
        problems.append(FieldProblem(pointer="/line_id", code="reviews.does_not_fit_kind"))
    if isinstance(score, bool) or score not in _SCORES:
        problems.append(
            FieldProblem(pointer="/score", code="reviews.out_of_range", params={"minimum": 1, "maximum": 5})
        )
    if len(media_ids) > MAX_MEDIA or len(set(media_ids)) != len(media_ids):
        problems.append(
            FieldProblem(pointer="/media_ids", code="reviews.too_many", params={"maximum": MAX_MEDIA})
        )
    if problems:
        raise BadReview(fields=problems)


def check_text(value: str, pointer: str, maximum: int) -> list[FieldProblem]:
    """Check length, and that PostgreSQL can keep it (no NUL, no lone surrogate)."""
    if len(value) > maximum:
        return [FieldProblem(pointer=pointer, code="too_long", params={"maximum": maximum})]
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        return [FieldProblem(pointer=pointer, code="reviews.not_storable")]
    return []
