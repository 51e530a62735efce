"""The returns board, and a return in two hands: take the goods in, give the money back."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from daji.care.aftersales import api as aftersales
from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import SiteId
from daji.faces.console.api.returns import GradeIn
from daji.faces.console.asking import Acting, HouseGiven, Now, Once, P, can
from daji.faces.console.audited import Deed, beside
from daji.faces.console.wire import answer
from daji.flows import refund_money, refund_return
from daji.kit import ids
from daji.kit.paging import Page
from daji.views import console_returns

TAG = ["After-sales"]


class TakeInIn(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each unit, and where the goods are now."""

    grades: Annotated[tuple[GradeIn, ...], msgspec.Meta(min_length=1, max_length=1000)]
    site_id: SiteId | None = None


@get(
    "/returns",
    opt=can(P.AFTERSALES_READ),
    summary="The returns board",
    operation_id="console_list_returns",
    responses=answers(Page[console_returns.BoardRow], "The last asked first.", 422),
    tags=TAG,
)
async def list_returns(
    house: HouseGiven,
    now: Now,
    *,
    status: FromQuery[aftersales.Status | None] = None,
    kind: FromQuery[aftersales.Kind | None] = None,
    text: FromQuery[str | None] = None,
    late: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List returns with the first of their goods; `text` is an order number or a whole phone number."""
    async with house.db.read() as session:
        found = await console_returns.list_board(
            session,
            at=now,
            statuses=None if status is None else (status,),
            text=text,
            kind=kind,
            late=late,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@get(
    "/returns/counts",
    opt=can(P.AFTERSALES_READ),
    summary="How many returns are in each state",
    operation_id="console_count_returns",
    responses=answers(tuple[console_returns.StatusCount, ...], "States that have any."),
    tags=TAG,
)
async def count_returns(house: HouseGiven, now: Now) -> Response[bytes]:
    """Count the columns of the board."""
    async with house.db.read() as session:
        return answer(await console_returns.count_board(session, at=now))


@get(
    "/returns/{case:str}",
    opt=can(P.AFTERSALES_READ),
    summary="One return with its goods, photos and money",
    operation_id="console_get_return",
    responses=answers(console_returns.ReturnScreen, "Everything that a decision needs.", 404),
    tags=TAG,
)
async def get_return(case: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Show a return."""
    async with house.db.read() as session:
        found = await console_returns.get_return(session, case_id=ids.read("cas", case), shown_id=case)
    return answer(found)


@post(
    "/cases/{case:str}/take-in",
    opt=can(P.AFTERSALES_DECIDE, once=True),
    status_code=200,
    summary="Grade what came back; the money waits",
    operation_id="console_take_in_case",
    responses=answers(aftersales.Case, "The goods are here.", 400, 404, 409, 422),
    tags=TAG,
)
async def take_in(
    case: FromPath[str], data: JSONBody[TakeInIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Take the goods of an approved return in, unit by unit."""
    wish = refund_return.TakeIn(
        case_id=ids.read("cas", case),
        grades={ids.read("unt", one.unit_id): one.grade for one in data.grades},
        site_id=None if data.site_id is None else ids.read("sit", data.site_id),
        by=actor.by,
    )
    done = await beside(
        house,
        actor,
        once,
        Deed(action="aftersales.take_in", kind="case", subject=case, given=data),
        refund_return.take_in_return(house.ctx, wish, scope=once.scope, key=once.key, now=now),
        now=now,
    )
    return answer(done)


@post(
    "/cases/{case:str}/refund",
    opt=can(P.ORDERS_REFUND, once=True),
    status_code=200,
    summary="Give the money of a return back",
    operation_id="console_refund_case",
    responses=answers(refund_money.Refunded, "Where the money is.", 400, 404, 409, 503),
    tags=TAG,
)
async def refund(
    case: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Refund each unit's frozen paid share (U-40): of goods that are here, or of an approved wish for money."""
    wish = refund_return.PayBack(case_id=ids.read("cas", case), by=actor.by)
    done = await beside(
        house,
        actor,
        once,
        Deed(action="aftersales.refund", kind="case", subject=case),
        refund_return.pay_back_return(house.ctx, wish, scope=once.scope, key=once.key, now=now),
        now=now,
    )
    return answer(done)


ROUTES = [list_returns, count_returns, get_return, take_in, refund]
