"""After-sales: decide, receive, give the money back."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from daji.care.aftersales import api as aftersales
from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import SiteId, UnitId
from daji.faces.console.asking import Acting, HouseGiven, Now, Once, P, can
from daji.faces.console.audited import Deed, beside, write
from daji.faces.console.wire import answer
from daji.flows import refund_money, return_goods
from daji.kit import ids
from daji.kit.paging import Page

TAG = ["After-sales"]
Text = Annotated[str, msgspec.Meta(max_length=1000)]


class ApproveIn(msgspec.Struct, frozen=True, kw_only=True):
    note: Text = ""


class RejectIn(msgspec.Struct, frozen=True, kw_only=True):
    """The buyer reads `why`."""

    why: Text


class GradeIn(msgspec.Struct, frozen=True, kw_only=True):
    unit_id: UnitId
    grade: aftersales.Grade


class ReceiveIn(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each unit and where the goods are; both empty when only money goes back."""

    site_id: SiteId | None = None
    grades: Annotated[tuple[GradeIn, ...], msgspec.Meta(max_length=1000)] = ()


@get(
    "/cases",
    opt=can(P.AFTERSALES_READ),
    summary="List returns and refund wishes",
    operation_id="console_list_cases",
    responses=answers(Page[aftersales.Case], "Newest first.", 404, 422),
    tags=TAG,
)
async def list_cases(
    house: HouseGiven,
    status: FromQuery[aftersales.Status | None] = None,
    trade: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List cases of a status or a trade."""
    async with house.db.read() as session:
        found = await aftersales.list_cases(
            session,
            owner=None,
            trade_id=None if trade is None else ids.read("trd", trade),
            status=status,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@get(
    "/cases/{case:str}",
    opt=can(P.AFTERSALES_READ),
    summary="One case",
    operation_id="console_get_case",
    responses=answers(aftersales.Case, "The case with its units and history.", 404),
    tags=TAG,
)
async def get_case(case: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Show a case."""
    async with house.db.read() as session:
        return answer(await aftersales.get_case(session, case_id=ids.read("cas", case), owner=None))


@post(
    "/cases/{case:str}/approve",
    opt=can(P.AFTERSALES_DECIDE),
    status_code=200,
    summary="Say yes",
    operation_id="console_approve_case",
    responses=answers(aftersales.Case, "Approved.", 404, 409, 422),
    tags=TAG,
)
async def approve(
    case: FromPath[str], data: JSONBody[ApproveIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Approve a case; of two who decide at once, one wins."""
    case_id = ids.read("cas", case)
    done = await write(
        house,
        actor,
        Deed(action="aftersales.approve", kind="case", subject=case),
        lambda tx: aftersales.approve(tx, case_id=case_id, by=actor.by, now=now, note=data.note),
        now=now,
    )
    return answer(done)


@post(
    "/cases/{case:str}/reject",
    opt=can(P.AFTERSALES_DECIDE, once=True),
    status_code=200,
    summary="Say no, and why",
    operation_id="console_reject_case",
    responses=answers(aftersales.Case, "Rejected; the units are the buyer's again.", 400, 404, 409, 422),
    tags=TAG,
)
async def reject(
    case: FromPath[str], data: JSONBody[RejectIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Reject a case."""
    done = await beside(
        house,
        actor,
        once,
        Deed(action="aftersales.reject", kind="case", subject=case, given=data),
        return_goods.close_without_refund(
            house.ctx,
            case_id=ids.read("cas", case),
            verb="reject",
            why=data.why,
            owner=None,
            by=actor.by,
            now=now,
        ),
        now=now,
    )
    return answer(done)


@post(
    "/cases/{case:str}/receive",
    opt=can(P.ORDERS_REFUND, once=True),
    status_code=200,
    summary="Grade what came back and give the money back",
    operation_id="console_receive_case",
    responses=answers(refund_money.Refunded, "Where the money is.", 400, 404, 409, 422, 503),
    tags=TAG,
)
async def receive(
    case: FromPath[str], data: JSONBody[ReceiveIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Take the goods in, unit by unit, and refund each unit's frozen paid share (U-40)."""
    wish = return_goods.SettleReturn(
        case_id=ids.read("cas", case),
        grades={ids.read("unt", one.unit_id): one.grade for one in data.grades},
        site_id=None if data.site_id is None else ids.read("sit", data.site_id),
        by=actor.by,
    )
    done = await beside(
        house,
        actor,
        once,
        Deed(action="aftersales.receive", kind="case", subject=case, given=data),
        return_goods.settle_return(house.ctx, wish, scope=once.scope, key=once.key, now=now),
        now=now,
    )
    return answer(done)


ROUTES = [list_cases, get_case, approve, reject, receive]
