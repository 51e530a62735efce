"""Reviews: read all, hide, show again, answer."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.asking import Acting, HouseGiven, Now, P, can
from daji.faces.console.audited import Deed, write
from daji.faces.console.wire import answer
from daji.kit import ids
from daji.kit.paging import Page
from daji.shop.reviews import api as reviews
from daji.views import console_reviews

TAG = ["Reviews"]
Score = Annotated[int, msgspec.Meta(ge=1, le=5)]
Text = Annotated[str, msgspec.Meta(max_length=2000)]


class WhyIn(msgspec.Struct, frozen=True, kw_only=True):
    """A note for colleagues."""

    note: Text = ""


class ReplyIn(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody reads below the review."""

    text: Text


@get(
    "/reviews",
    opt=can(P.REVIEWS_MODERATE),
    summary="List reviews",
    operation_id="console_list_reviews",
    responses=answers(Page[reviews.Review], "The last recorded first, hidden ones too.", 422),
    tags=TAG,
)
async def list_reviews(
    house: HouseGiven,
    status: FromQuery[reviews.Status | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List reviews for moderation."""
    async with house.db.read() as session:
        return answer(await reviews.list_reviews(session, status=status, cursor=cursor, limit=limit))


@post(
    "/reviews/{review:str}/hide",
    opt=can(P.REVIEWS_MODERATE),
    status_code=200,
    summary="Hide a review",
    operation_id="console_hide_review",
    responses=answers(reviews.Review, "Hidden; it no longer counts.", 404, 422),
    tags=TAG,
)
async def hide(
    review: FromPath[str], data: JSONBody[WhyIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Take a review off the shop's pages."""
    review_id = ids.read("rev", review)
    done = await write(
        house,
        actor,
        Deed(action="reviews.hide", kind="review", subject=review, given=data),
        lambda tx: reviews.hide(tx, review_id=review_id, by=actor.by, now=now, note=data.note),
        now=now,
    )
    return answer(done)


@post(
    "/reviews/{review:str}/show",
    opt=can(P.REVIEWS_MODERATE),
    status_code=200,
    summary="Show a hidden review again",
    operation_id="console_show_review",
    responses=answers(reviews.Review, "Shown.", 404, 422),
    tags=TAG,
)
async def show(
    review: FromPath[str], data: JSONBody[WhyIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Put a review back."""
    review_id = ids.read("rev", review)
    done = await write(
        house,
        actor,
        Deed(action="reviews.show", kind="review", subject=review, given=data),
        lambda tx: reviews.show(tx, review_id=review_id, by=actor.by, now=now, note=data.note),
        now=now,
    )
    return answer(done)


@post(
    "/reviews/{review:str}/reply",
    opt=can(P.REVIEWS_MODERATE),
    status_code=200,
    summary="Answer a review",
    operation_id="console_reply_review",
    responses=answers(reviews.Review, "With the answer below it.", 404, 422),
    tags=TAG,
)
async def reply(
    review: FromPath[str], data: JSONBody[ReplyIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Write the shop's answer, or replace it."""
    review_id = ids.read("rev", review)
    done = await write(
        house,
        actor,
        Deed(action="reviews.reply", kind="review", subject=review),
        lambda tx: reviews.reply(tx, review_id=review_id, text=data.text, by=actor.by, now=now),
        now=now,
    )
    return answer(done)


@get(
    "/reviews/board",
    opt=can(P.REVIEWS_MODERATE),
    summary="Reviews with the products they are of",
    operation_id="console_review_board",
    responses=answers(Page[console_reviews.ReviewRow], "The last recorded first.", 404, 422),
    tags=TAG,
)
async def review_board(
    house: HouseGiven,
    status: FromQuery[reviews.Status | None] = None,
    most: FromQuery[Score | None] = None,
    unanswered: FromQuery[bool] = False,  # noqa: FBT002 - a query parameter has no other way in
    text: FromQuery[str | None] = None,
    product: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List reviews that meet all that is given; `most` is the highest score wanted."""
    async with house.db.read() as session:
        found = await console_reviews.list_reviews(
            session,
            status=status,
            most=most,
            unanswered=unanswered,
            text=text,
            product_id=None if product is None else ids.read("prd", product),
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


ROUTES = [review_board, list_reviews, hide, show, reply]
