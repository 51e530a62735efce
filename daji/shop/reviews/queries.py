"""Questions to reviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size
from daji.kit.problems import NotFound
from daji.shop.reviews import store
from daji.shop.reviews.facts import Review, Status, Summary


async def get_review(session: Session, *, review_id: UUID) -> Review:
    """Raise NotFound for an unknown id."""
    found = await store.review(session, review_id)
    if found is None:
        raise NotFound(kind="review")
    return found


async def list_for_product(
    session: Session,
    *,
    product_id: UUID,
    cursor: str | None = None,
    limit: int | None = None,
    score: int | None = None,
    pictured: bool = False,
) -> Page[Review]:
    """The shown reviews of a product, the newest first; those of one `score` only, or those with pictures."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (datetime, UUID)) if cursor else None
    rows = await store.for_product(
        session, product_id=product_id, after=after, limit=size + 1, score=score, pictured=pictured
    )
    more = len(rows) > size
    last = rows[size - 1] if more else None
    return Page(
        items=tuple(rows[:size]), next_cursor=Cursor.encode((last.posted_at, last.id)) if last else None
    )


async def list_for_order(session: Session, *, order_id: UUID) -> tuple[Review, ...]:
    """All reviews of an order and its lines, hidden ones too; there are at most a few."""
    return await store.for_order(session, order_id)


async def list_reviews(
    session: Session, *, status: Status | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[Review]:
    """All reviews for moderation, the last recorded first."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (UUID,))[0] if cursor else None
    rows = await store.listed(session, status=status, after=after, limit=size + 1)
    more = len(rows) > size
    return Page(items=tuple(rows[:size]), next_cursor=Cursor.encode((rows[size - 1].id,)) if more else None)


async def summary(session: Session, *, product_ids: Sequence[UUID]) -> dict[UUID, Summary]:
    """Tallies by product; a product without a shown review is absent. One statement."""
    return await store.summaries(session, product_ids)


async def count_by_score(session: Session) -> dict[int, int]:
    """How many shown reviews, of goods and of service, have each score that occurs."""
    return await store.by_score(session)
