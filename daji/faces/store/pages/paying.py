"""Paying: how, where it stands, what to do when it failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from daji.faces.http.idempotency import run_key
from daji.faces.store.buyer import known_owner, look_at_payment
from daji.faces.store.pages.forms import FORM_ONCE, PAGE, whole
from daji.faces.store.pages.scene import Here, Scene
from daji.flows.start_payment import StartPayment, TenderAsk, start_payment
from daji.kit import ids
from daji.kit.problems import FieldProblem, Invalid, NotFound, Problem
from daji.views import store_orders

METHODS = ("wallet", "credit_card", "debit_card", "bank_transfer")
INSTALMENTS = (1, 3, 6, 12)
ASK_AGAIN = 6


def read_tender(form: Mapping[str, str]) -> TenderAsk:
    """How the buyer wants to pay.

    Raises
    ------
    Invalid
        For a way that there is not.
    """
    method = form.get("method", "")
    if method not in METHODS:
        raise Invalid(fields=(FieldProblem(pointer="/method", code="unknown_value"),))
    instalments = whole(form, "instalments", default=1, least=1, most=INSTALMENTS[-1])
    return TenderAsk(method=method, instalments=instalments if method == "credit_card" else 1)


@get("/pay/{trade:str}", opt=PAGE, include_in_schema=False)
async def pay(scene: Here, trade: FromPath[str]) -> Response[Any]:
    """Let the buyer choose how to pay; a purchase that is not waiting for money shows itself instead."""
    paying = await _paying(scene, trade)
    if paying.state in {"paid", "closed"} or paying.to_pay == 0:
        return scene.go(f"/orders/{trade}")
    return await _choose(scene, paying)


@post("/pay/{trade:str}", opt=FORM_ONCE, include_in_schema=False)
async def start(scene: Here, trade: FromPath[str]) -> Response[Any]:
    """Go to where the gateway takes the money."""
    form = await scene.form()
    run = run_key(scene.request)
    try:
        started = await start_payment(
            scene.house.ctx,
            StartPayment(
                trade_id=ids.read("trd", trade),
                owner=known_owner(scene.principal),
                tenders=(read_tender(form),),
                return_url=f"{scene.house.settings.base_url}{scene.base}/paid/{trade}",
                gateway=scene.house.ctx.policies.gateway,
            ),
            scope=run.scope,
            key=run.key,
            now=scene.now,
        )
    except NotFound:
        raise
    except Problem as problem:
        return await _choose(scene, await _paying(scene, trade), problem)
    url = next((tender.pay_url for tender in started.tenders if tender.pay_url), None)
    return scene.go(f"/paid/{trade}") if url is None else scene.leave(url)


@get("/paid/{trade:str}", opt=PAGE, include_in_schema=False)
async def paid(scene: Here, trade: FromPath[str]) -> Response[str]:
    """The buyer came back from the gateway: ask it, and say how paying stands. A repeat changes nothing."""
    paying = await look_at_payment(
        scene.house, trade_id=ids.read("trd", trade), owner=known_owner(scene.principal), now=scene.now
    )
    tries = whole(scene.request.query_params, "n", default=0, least=0, most=1000)
    return await scene.show("paid.html", paying=paying, tries=tries, ask_again=tries < ASK_AGAIN)


async def _paying(scene: Scene, trade: str) -> store_orders.PayState:
    trade_id, owner = ids.read("trd", trade), known_owner(scene.principal)
    async with scene.house.db.read() as session:
        return await store_orders.get_pay_state(session, trade_id=trade_id, owner=owner)


async def _choose(
    scene: Scene, paying: store_orders.PayState, problem: Problem | None = None
) -> Response[str]:
    left = paying.trade.pay_by - scene.now if paying.trade.pay_by else None
    return await scene.show(
        "pay.html",
        problem=problem,
        paying=paying,
        methods=METHODS,
        instalments=INSTALMENTS,
        seconds_left=max(int(left.total_seconds()), 0) if left is not None else None,
    )


ROUTES = [pay, start, paid]
