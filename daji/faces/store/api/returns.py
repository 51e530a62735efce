"""Giving goods back, asking for money back, and saying what one thinks of the goods."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, JSONBody, MultipartBody

from daji.care.aftersales import api as aftersales
from daji.faces.http.idempotency import run_key
from daji.faces.store.api.docs import refuses
from daji.faces.store.api.wire_orders import AskedWire, CaseWire, PhotoWire, ReturnBody, ReviewBody
from daji.faces.store.api.wire_shop import ReviewWire
from daji.faces.store.buyer import (
    GUEST,
    GUEST_ONCE,
    SHOPPER,
    Asked,
    Asking,
    HouseGiven,
    Now,
    by_of,
    known_owner,
)
from daji.flows.keep_return_photo import keep_return_photo
from daji.flows.post_review import post_review
from daji.flows.return_goods import AskReturn, ask_return, close_without_refund
from daji.kit import ids

MAX_PHOTO = 12 * 1024 * 1024


class PhotoBody(msgspec.Struct, frozen=True, kw_only=True):
    """The picture as the file of the form's field `data`."""

    data: UploadFile


@post(
    "/orders/{trade:str}/children/{order:str}/returns",
    opt=GUEST_ONCE,
    summary="Ask to give pieces back",
    tags=["returns"],
    responses=refuses(404, 409, 422),
)
async def ask(
    request: Asked,
    house: HouseGiven,
    principal: Asking,
    now: Now,
    trade: FromPath[str],
    order: FromPath[str],
    data: JSONBody[ReturnBody],
) -> AskedWire:
    """Ask for chosen pieces of one part; what comes back is what was paid for them. Needs an `Idempotency-Key`."""
    run = run_key(request)
    asked = await ask_return(
        house.ctx,
        AskReturn(
            trade_id=ids.read("trd", trade),
            order_id=ids.read("ord", order),
            owner=known_owner(principal),
            unit_ids=tuple(ids.read("unt", unit) for unit in data.units),
            kind=data.kind,
            reason=data.reason,
            note=data.note,
            by=by_of(principal),
        ),
        scope=run.scope,
        key=run.key,
        now=now,
    )
    return AskedWire(
        id=ids.show("cas", asked.case_id),
        amount=asked.amount,
        currency=asked.currency,
        expected_refund_by=asked.expected_refund_by,
    )


@get("/cases/{case:str}", opt=GUEST, summary="One return", tags=["returns"], responses=refuses(404))
async def show_case(house: HouseGiven, principal: Asking, case: FromPath[str]) -> CaseWire:
    """Show how far a return is, and when the money is promised."""
    case_id = ids.read("cas", case)
    async with house.db.read() as session:
        return CaseWire.of(await aftersales.get_case(session, case_id=case_id, owner=known_owner(principal)))


@post(
    "/cases/{case:str}/withdraw",
    status_code=200,
    opt=GUEST,
    summary="Take a return back",
    tags=["returns"],
    responses=refuses(404, 409),
)
async def withdraw(house: HouseGiven, principal: Asking, now: Now, case: FromPath[str]) -> CaseWire:
    """Keep the goods after all."""
    closed = await close_without_refund(
        house.ctx,
        case_id=ids.read("cas", case),
        verb="withdraw",
        why="",
        owner=known_owner(principal),
        by=by_of(principal),
        now=now,
    )
    return CaseWire.of(closed)


@post(
    "/cases/{case:str}/photos",
    opt=SHOPPER,
    summary="Add a photo to a return",
    tags=["returns"],
    request_max_body_size=MAX_PHOTO,
    responses=refuses(401, 404, 413, 422, 429),
)
async def add_photo(
    house: HouseGiven, principal: Asking, now: Now, case: FromPath[str], data: MultipartBody[PhotoBody]
) -> PhotoWire:
    """Take in a picture of the goods; its type is found by looking, its name is ours. Needs an account (U-119)."""
    kept = await keep_return_photo(
        house.ctx,
        storage=house.storage,
        case_id=ids.read("cas", case),
        owner=known_owner(principal),
        by=by_of(principal),
        content=await data.data.read(),
        declared_type=data.data.content_type,
        now=now,
    )
    return PhotoWire(id=ids.show("med", kept.id), width=kept.width, height=kept.height)


@post(
    "/orders/{trade:str}/lines/{line:str}/review",
    opt=GUEST,
    summary="Review what was delivered",
    tags=["reviews"],
    responses=refuses(404, 409, 422),
)
async def review(
    house: HouseGiven,
    principal: Asking,
    now: Now,
    trade: FromPath[str],
    line: FromPath[str],
    data: JSONBody[ReviewBody],
) -> ReviewWire:
    """Say what the goods are like, once for each line."""
    posted = await post_review(
        house.ctx,
        trade_id=ids.read("trd", trade),
        line_id=ids.read("lin", line),
        owner=known_owner(principal),
        score=data.score,
        title=data.title,
        text=data.text,
        now=now,
    )
    return ReviewWire.of(posted)


ROUTES = [ask, show_case, withdraw, add_photo, review]
