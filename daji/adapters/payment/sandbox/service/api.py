"""The JSON API that the merchant calls."""

from __future__ import annotations

from datetime import date

from litestar import Response, Router, get, post
from litestar.params import FromPath

from daji.adapters.payment.sandbox.service import bills, faults, guard, payments, refunds
from daji.adapters.payment.sandbox.service.guard import HANDLERS, MAX_BODY, Asked, sandbox_of
from daji.adapters.payment.sandbox.service.refusal import Refusal
from daji.adapters.payment.sandbox.service.rows import payment_fact
from daji.adapters.payment.sandbox.wire import (
    Act,
    CapturePayment,
    CreatePayment,
    CreateRefund,
    FaultSettings,
    VoidPayment,
)


@post("/v1/payments")
async def create_payment(request: Asked) -> Response[bytes]:
    """Create: 201 when new, 200 when the same request was answered before, 409 `out_no_reused`."""
    sandbox = sandbox_of(request)
    now = sandbox.clock()
    asked = await guard.proven(request, now)
    with guard.first_time(request, asked, now) as connection:
        row, new = payments.create(connection, guard.decoded(asked.body, CreatePayment), now)
        manners = faults.manners(connection, row.fault)
    sandbox.wake.set()
    fact = payment_fact(row, base_url=sandbox.base_url)
    if not new:
        return guard.answer(request, fact)
    return await guard.worked(request, manners, fact, 201)


@get("/v1/payments/by-out-no/{out_no:str}")
async def query_payment(request: Asked, out_no: FromPath[str]) -> Response[bytes]:
    """Query: 404 `payment_not_found` when the creation never arrived."""
    sandbox = sandbox_of(request)
    now = sandbox.clock()
    asked = await guard.proven(request, now)
    with guard.first_time(request, asked, now) as connection:
        row = payments.need_by_out_no(connection, out_no, now)
    return guard.answer(request, payment_fact(row, base_url=sandbox.base_url))


@post("/v1/payments/{gateway_no:str}/capture")
async def capture_payment(request: Asked, gateway_no: FromPath[str]) -> Response[bytes]:
    """Capture, at most what is authorised, once."""
    sandbox = sandbox_of(request)
    now = sandbox.clock()
    asked = await guard.proven(request, now)
    with guard.first_time(request, asked, now) as connection:
        wanted = guard.decoded(asked.body, CapturePayment)
        row, new = payments.capture(connection, gateway_no, wanted.amount, now)
        manners = faults.manners(connection, row.fault)
    sandbox.wake.set()
    fact = payment_fact(row, base_url=sandbox.base_url)
    return await guard.worked(request, manners, fact, 200) if new else guard.answer(request, fact)


@post("/v1/payments/{gateway_no:str}/void")
async def void_payment(request: Asked, gateway_no: FromPath[str]) -> Response[bytes]:
    """Close what is unpaid, or release what is authorised."""
    sandbox = sandbox_of(request)
    now = sandbox.clock()
    asked = await guard.proven(request, now)
    with guard.first_time(request, asked, now) as connection:
        guard.decoded(asked.body, VoidPayment)
        row, new = payments.void(connection, gateway_no, now)
        manners = faults.manners(connection, row.fault)
    fact = payment_fact(row, base_url=sandbox.base_url)
    return await guard.worked(request, manners, fact, 200) if new else guard.answer(request, fact)


@post("/v1/refunds")
async def create_refund(request: Asked) -> Response[bytes]:
    """Refund: 201 when new, 200 when answered before, 409 when it is more than is left."""
    sandbox = sandbox_of(request)
    now = sandbox.clock()
    asked = await guard.proven(request, now)
    with guard.first_time(request, asked, now) as connection:
        fact, new = refunds.create(connection, guard.decoded(asked.body, CreateRefund), now)
        manners = faults.manners(connection, payments.need(connection, fact.gateway_no, now).fault)
    sandbox.wake.set()
    return await guard.worked(request, manners, fact, 201) if new else guard.answer(request, fact)


@get("/v1/refunds/by-out-no/{out_refund_no:str}")
async def query_refund(request: Asked, out_refund_no: FromPath[str]) -> Response[bytes]:
    """Query: 404 `refund_not_found` when it never arrived."""
    sandbox = sandbox_of(request)
    now = sandbox.clock()
    asked = await guard.proven(request, now)
    with guard.first_time(request, asked, now) as connection:
        fact = refunds.need(connection, out_refund_no, now)
    return guard.answer(request, fact)


@get("/v1/bills/{day:str}")
async def bill(request: Asked, day: FromPath[str]) -> Response[bytes]:
    """Give the CSV of a day that is over at UTC+8."""
    sandbox = sandbox_of(request)
    now = sandbox.clock()
    asked = await guard.proven(request, now)
    with guard.first_time(request, asked, now) as connection:
        try:
            wanted = date.fromisoformat(day)
        except ValueError as error:
            raise Refusal(400, "bad_date", "a day is written 2026-11-22") from error
        text = bills.bill(connection, wanted, now)
    return guard.signed(request, text.encode(), 200, "text/csv; charset=utf-8")


@post("/v1/sandbox/payments/{gateway_no:str}/act")
async def act(request: Asked, gateway_no: FromPath[str]) -> Response[bytes]:
    """Do the buyer's part; this door itself always answers."""
    sandbox = sandbox_of(request)
    now = sandbox.clock()
    asked = await guard.proven(request, now)
    with guard.first_time(request, asked, now) as connection:
        wanted = guard.decoded(asked.body, Act)
        row = payments.need(connection, gateway_no, now)
        row = payments.act(connection, row, wanted.action, now)
    sandbox.wake.set()
    return guard.answer(request, payment_fact(row, base_url=sandbox.base_url))


@get("/v1/sandbox/faults")
async def read_faults(request: Asked) -> Response[bytes]:
    """Show how the whole service misbehaves."""
    now = sandbox_of(request).clock()
    asked = await guard.proven(request, now)
    with guard.first_time(request, asked, now) as connection:
        settings = faults.load(connection)
    return guard.answer(request, settings)


@post("/v1/sandbox/faults")
async def set_faults(request: Asked) -> Response[bytes]:
    """Make the whole service misbehave, or with an empty object behave again."""
    now = sandbox_of(request).clock()
    asked = await guard.proven(request, now)
    with guard.first_time(request, asked, now) as connection:
        settings = guard.decoded(asked.body, FaultSettings)
        faults.save(connection, settings)
    return guard.answer(request, settings)


router = Router(
    "/",
    route_handlers=[
        create_payment,
        query_payment,
        capture_payment,
        void_payment,
        create_refund,
        query_refund,
        bill,
        act,
        read_faults,
        set_faults,
    ],
    exception_handlers=HANDLERS,
    request_max_body_size=MAX_BODY,
)
