"""Reviews and the tally kept of them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from daji.kit.db import Database, Tx, counting
from daji.kit.ids import new_id
from daji.kit.problems import NotFound
from daji.shop.reviews import api as reviews


async def say(
    tx: Tx, now: datetime, *, product_id: UUID | None = None, score: int = 5, **more: Any
) -> reviews.Review:
    given: dict[str, Any] = {
        "kind": "product",
        "order_id": new_id(),
        "line_id": new_id(),
        "product_id": product_id or (None if more.get("kind") == "service" else new_id()),
        "author": "王**",
        "author_id": new_id(),
        "title": "",
        "text": "很好",
        "posted_at": now,
        **more,
    }
    return await reviews.post(tx, score=score, now=now, **given)


def of_service(**more: Any) -> dict[str, Any]:
    return {"kind": "service", "line_id": None, **more}


async def tally_is_true(db: Database) -> bool:
    """The kept summary equals a fresh count."""
    async with db.read() as session:
        wrong: int = await session.value(
            """
            SELECT count(*) FROM reviews.summary s LEFT JOIN (
                SELECT product_id, count(*) AS n, sum(score) AS total, count(*) FILTER (WHERE score = 1) AS n1,
                       count(*) FILTER (WHERE score = 5) AS n5
                  FROM reviews.review WHERE status = 'shown' AND kind = 'product' GROUP BY product_id) r
                USING (product_id)
             WHERE (s.count, s.sum, s.n1, s.n5) IS DISTINCT FROM
                   (coalesce(r.n, 0), coalesce(r.total, 0), coalesce(r.n1, 0), coalesce(r.n5, 0))
            """
        )
    return wrong == 0


async def test_a_review_is_read_and_counted(db: Database, now: datetime) -> None:
    product = new_id()
    async with db.transaction() as tx:
        good = await say(tx, now, product_id=product, score=5, media_ids=(new_id(),))
        bad = await say(tx, now + timedelta(hours=1), product_id=product, score=1)
        assert [event.topic for _, event, _ in tx.events] == ["reviews.review_posted"] * 2
    async with db.read() as session:
        with counting() as tally:
            found = await reviews.summary(session, product_ids=[product, new_id()])
        assert tally.count == 1
        assert found == {product: reviews.Summary(count=2, sum=6, histogram=(1, 0, 0, 0, 1))}
        assert (await reviews.list_for_product(session, product_id=product)).items == (bad, good)
        assert await reviews.get_review(session, review_id=good.id) == good
        assert await reviews.count_by_score(session) == {1: 1, 5: 1}
        with pytest.raises(NotFound):
            await reviews.get_review(session, review_id=new_id())


async def test_one_line_has_one_review_even_among_rivals(db: Database, now: datetime) -> None:
    line, product = new_id(), new_id()

    async def rival(_: int) -> bool:
        try:
            async with db.transaction() as tx:
                await say(tx, now, line_id=line, product_id=product)
        except reviews.AlreadyReviewed:
            return False
        return True

    assert sum(await asyncio.gather(*(rival(n) for n in range(10)))) == 1
    assert await tally_is_true(db)


async def test_service_reviews_of_an_order_differ_by_their_source(db: Database, now: datetime) -> None:
    order = new_id()
    async with db.transaction() as tx:
        await say(tx, now, order_id=order, **of_service())
        with pytest.raises(reviews.AlreadyReviewed) as refused:
            await say(tx, now, order_id=order, **of_service())
        assert str(refused.value.params["review_id"]).startswith("rev_")
        await say(tx, now, order_id=order, **of_service(source_ref="a"))
        await say(tx, now, order_id=order, **of_service(source_ref="b"))
        with pytest.raises(reviews.AlreadyReviewed):
            await say(tx, now, order_id=order, **of_service(source_ref="b"))
        assert len(await reviews.list_for_order(tx, order_id=order)) == 3
        assert await reviews.count_by_score(tx) == {5: 3}
        assert await tx.value("SELECT count(*) FROM reviews.summary") == 0


async def test_hiding_takes_it_out_of_the_tally_once(db: Database, now: datetime) -> None:
    product = new_id()
    async with db.transaction() as tx:
        one = await say(tx, now, product_id=product, score=1)
        await say(tx, now, product_id=product, score=4)

    async def hide(_: int) -> None:
        async with db.transaction() as tx:
            await reviews.hide(tx, review_id=one.id, by="staff:1", now=now, note="spam")

    await asyncio.gather(*(hide(n) for n in range(6)))
    async with db.transaction() as tx:
        assert (await reviews.summary(tx, product_ids=[product]))[product].sum == 4
        assert len((await reviews.list_for_product(tx, product_id=product)).items) == 1
        assert [r.id for r in (await reviews.list_reviews(tx, status="hidden")).items] == [one.id]
        assert (await reviews.show(tx, review_id=one.id, by="staff:1", now=now)).status == "shown"
        assert (await reviews.show(tx, review_id=one.id, by="staff:1", now=now)).status == "shown"
        assert (await reviews.summary(tx, product_ids=[product]))[product].sum == 5
        with pytest.raises(NotFound):
            await reviews.hide(tx, review_id=new_id(), by="staff:1", now=now)
    assert await tally_is_true(db)


async def test_the_shop_answers(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        one = await say(tx, now)
        await reviews.reply(tx, review_id=one.id, text="谢谢", by="staff:1", now=now)
        again = await reviews.reply(tx, review_id=one.id, text="谢谢您", by="staff:2", now=now)
        assert again.reply == reviews.Reply(text="谢谢您", by="staff:2", at=now)
        with pytest.raises(reviews.BadReview):
            await reviews.reply(tx, review_id=one.id, text=" ", by="staff:1", now=now)
        with pytest.raises(NotFound):
            await reviews.reply(tx, review_id=new_id(), text="x", by="staff:1", now=now)


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"score": 0}, "/score"),
        ({"score": 6}, "/score"),
        ({"text": "x" * 5001}, "/text"),
        ({"text": "\x00"}, "/text"),
        ({"title": "\ud800"}, "/title"),
        ({"author": "x" * 81}, "/author"),
        ({"kind": "other"}, "/kind"),
        ({"kind": "service", "product_id": new_id()}, "/line_id"),
        ({"line_id": None}, "/line_id"),
        ({"media_ids": tuple(new_id() for _ in range(21))}, "/media_ids"),
    ],
)
async def test_impossible_reviews_are_refused(
    db: Database, now: datetime, more: dict[str, Any], pointer: str
) -> None:
    async with db.transaction() as tx:
        with pytest.raises(reviews.BadReview) as refused:
            await say(tx, now, **more)
    assert pointer in {field.pointer for field in refused.value.fields}


async def test_pages_hold_every_review_once(db: Database, now: datetime) -> None:
    product = new_id()
    async with db.transaction() as tx:
        for n in range(7):
            await say(tx, now, product_id=product, posted_at=now + timedelta(days=n // 3))
    seen: list[UUID] = []
    cursor = None
    async with db.read() as session:
        while True:
            page = await reviews.list_for_product(session, product_id=product, cursor=cursor, limit=2)
            seen += [one.id for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert len(seen) == len(set(seen)) == 7
