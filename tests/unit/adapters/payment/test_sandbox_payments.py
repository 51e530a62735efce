from __future__ import annotations

import asyncio
import csv
import io
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from daji.adapters.payment.sandbox.client import GatewayRefused
from daji.adapters.payment.sandbox.service.refusal import Refusal
from daji.adapters.payment.sandbox.service.states import TRANSITIONS, move
from daji.adapters.payment.sandbox.wire import CreateRefund, FaultSettings, PaymentStatus, RefundScript


async def refused(awaitable: Any) -> str:
    with pytest.raises(GatewayRefused) as caught:
        await awaitable
    return caught.value.code


def test_every_status_is_reached_and_closed_ones_never_move() -> None:
    reached: set[PaymentStatus] = {"created"}
    for _ in TRANSITIONS:
        reached |= {after for (before, _), after in TRANSITIONS.items() if before in reached}
    assert reached == set(PaymentStatus.__args__)
    assert {before for before, _ in TRANSITIONS}.isdisjoint({"refunded", "voided", "expired", "declined"})
    with pytest.raises(Refusal):
        move("captured", "void")


async def test_create_again_gives_the_same_payment_and_another_body_409(world: Any) -> None:
    request = world.request()
    first = await world.gateway.create_payment(request)
    again = await world.gateway.create_payment(request)
    assert first == again
    assert first.status == "created"
    assert first.pay_url == first.qr_text
    changed = msgspec.structs.replace(request, amount=1)
    assert await refused(world.gateway.create_payment(changed)) == "out_no_reused"


async def test_fifty_equal_creations_at_once_make_one_payment(world: Any) -> None:
    request = world.request(script="approve")
    made = await asyncio.gather(*(world.gateway.create_payment(request) for _ in range(50)))
    assert len({payment.gateway_no for payment in made}) == 1
    await world.deliver()
    assert len(world.shop.arrived) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 0}, "bad_request"),
        ({"amount": -5}, "bad_request"),
        ({"amount": 10**13}, "bad_request"),
        ({"currency": "cny"}, "bad_request"),
        ({"currency": "CNY\n"}, "bad_request"),
        ({"out_no": ""}, "bad_request"),
        ({"out_no": "a/../b"}, "bad_request"),
        ({"out_no": "=1+1"}, "bad_request"),
        ({"out_no": "x" * 65}, "bad_request"),
        ({"subject": ""}, "bad_request"),
        ({"method": "cash"}, "bad_request"),
        ({"script": "explode"}, "bad_request"),
        ({"instalments": 0}, "bad_request"),
        ({"instalments": 3}, "instalments_not_allowed"),
        ({"notify_url": "ftp://shop.test/x"}, "bad_url"),
        ({"return_url": "javascript:alert(1)"}, "bad_url"),
        ({"return_url": "https://shop.test; script-src *"}, "bad_url"),
        ({"return_url": "https://shop.test/\r\nX: y"}, "bad_url"),
        ({"return_url": "https://a@shop.test/"}, "bad_url"),
        ({"return_url": "https://shop.test:99999/"}, "bad_url"),
        ({"return_url": "https:///nowhere"}, "bad_url"),
        ({"expires_at": datetime(2026, 11, 22, 9, 0, tzinfo=UTC)}, "already_expired"),
        ({"expires_at": datetime(9999, 12, 31, tzinfo=UTC)}, "expires_too_late"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    world: Any, changes: dict[str, Any], code: str
) -> None:
    request = world.request(**changes)
    assert await refused(world.gateway.create_payment(request)) == code
    with world.app.state.sandbox.db.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM payment").fetchone()[0] == 0


async def test_query_of_what_never_arrived(world: Any) -> None:
    assert await refused(world.gateway.query("nobody")) == "payment_not_found"
    assert await refused(world.gateway.query("a b?c#d")) == "payment_not_found"
    assert await refused(world.gateway.query_refund("nobody")) == "refund_not_found"
    assert await refused(world.gateway.capture("0", 1)) == "payment_not_found"
    assert await refused(world.gateway.act("0", "approve")) == "payment_not_found"


async def test_manual_capture_once_and_never_more_than_authorised(world: Any) -> None:
    payment = await world.gateway.create_payment(world.request(capture="manual", script="approve"))
    assert (payment.status, payment.authorised_amount, payment.captured_amount) == ("authorised", 12_880, 0)
    assert await refused(world.gateway.capture(payment.gateway_no, 12_881)) == "capture_exceeds_authorised"
    captured = await world.gateway.capture(payment.gateway_no, 10_000)
    assert (captured.status, captured.captured_amount) == ("captured", 10_000)
    assert await world.gateway.capture(payment.gateway_no, 10_000) == captured
    assert await refused(world.gateway.capture(payment.gateway_no, 2_880)) == "already_captured"
    assert await refused(world.gateway.void(payment.gateway_no)) == "invalid_state"
    await world.deliver()
    assert [n.event_type for n in world.heard()] == ["payment.authorised", "payment.captured"]


async def test_void_closes_for_good(world: Any) -> None:
    payment = await world.gateway.create_payment(world.request())
    closed = await world.gateway.void(payment.gateway_no)
    assert closed.status == "voided"
    assert await world.gateway.void(payment.gateway_no) == closed
    assert await refused(world.gateway.act(payment.gateway_no, "approve")) == "invalid_state"
    held = await world.gateway.create_payment(world.request(capture="manual", script="approve"))
    assert (await world.gateway.void(held.gateway_no)).status == "voided"
    assert await refused(world.gateway.capture(held.gateway_no, 1)) == "invalid_state"


async def test_pay_and_void_at_once_has_one_winner(world: Any) -> None:
    for _ in range(10):
        payment = await world.gateway.create_payment(world.request(script="pending"))
        calls = (world.gateway.act(payment.gateway_no, "approve"), world.gateway.void(payment.gateway_no))
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(isinstance(outcome, GatewayRefused) for outcome in outcomes) == 1


@pytest.mark.parametrize(("before", "status"), [(1, "captured"), (0, "expired"), (-86_400, "expired")])
async def test_u15_the_last_moment_to_pay_is_just_before_expiry(
    world: Any, before: int, status: PaymentStatus
) -> None:
    payment = await world.gateway.create_payment(world.request(script="pending"))
    world.now = payment.expires_at - timedelta(seconds=before)
    if status == "captured":
        assert (await world.gateway.act(payment.gateway_no, "approve")).status == status
    else:
        assert await refused(world.gateway.act(payment.gateway_no, "approve")) == "invalid_state"
    assert (await world.gateway.query(payment.out_no)).status == status


async def test_unpaid_payments_expire_by_themselves_and_say_so_once(world: Any) -> None:
    payment = await world.gateway.create_payment(world.request())
    world.later(minutes=30)
    await world.deliver()
    await world.deliver()
    (told,) = world.heard()
    assert told.event_type == "payment.expired"
    assert told.resource.out_no == payment.out_no
    assert told.resource.pay_url is None


async def test_refunds_in_parts_until_nothing_is_left(world: Any) -> None:
    payment = await world.gateway.create_payment(world.request(script="approve"))

    def part(number: str, amount: int) -> CreateRefund:
        return CreateRefund(out_refund_no=number, gateway_no=payment.gateway_no, amount=amount)

    first = await world.gateway.refund(part("r1", 5_000))
    assert (first.status, first.out_no) == ("succeeded", payment.out_no)
    assert await world.gateway.refund(part("r1", 5_000)) == first
    assert await refused(world.gateway.refund(part("r1", 5_001))) == "out_refund_no_reused"
    assert (await world.gateway.query(payment.out_no)).status == "part_refunded"
    assert await refused(world.gateway.refund(part("r2", 7_881))) == "refund_exceeds_captured"
    await world.gateway.refund(part("r3", 7_880))
    done = await world.gateway.query(payment.out_no)
    assert (done.status, done.refunded_amount) == ("refunded", 12_880)
    assert await refused(world.gateway.refund(part("r4", 1))) == "refund_exceeds_captured"
    assert await world.gateway.query_refund("r1") == first
    assert await refused(world.gateway.query_refund("r4")) == "refund_not_found"


async def test_u42_fifty_concurrent_refunds_never_exceed_what_was_captured(world: Any) -> None:
    payment = await world.gateway.create_payment(world.request(amount=1_000, script="approve"))
    requests = [
        CreateRefund(out_refund_no=f"r{n}", gateway_no=payment.gateway_no, amount=70) for n in range(50)
    ]
    outcomes = await asyncio.gather(*map(world.gateway.refund, requests), return_exceptions=True)
    good = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert len(good) == 14
    assert {o.code for o in outcomes if isinstance(o, GatewayRefused)} == {"refund_exceeds_captured"}
    assert (await world.gateway.query(payment.out_no)).refunded_amount == 980


@pytest.mark.parametrize("status", ["unpaid", "declined"])
async def test_only_captured_money_is_refunded(world: Any, status: str) -> None:
    payment = await world.gateway.create_payment(
        world.request(script="decline" if status == "declined" else None)
    )
    request = CreateRefund(out_refund_no="r", gateway_no=payment.gateway_no, amount=1)
    assert await refused(world.gateway.refund(request)) == "invalid_state"


@pytest.mark.parametrize(
    ("script", "reason", "end", "left"),
    [
        ("processing", "", "succeeded", 0),
        (None, "sandbox:processing", "succeeded", 0),
        ("fail_late", "", "failed", 12_880),
        (None, "sandbox:fail_late", "failed", 12_880),
    ],
)
async def test_a_refund_under_way_holds_its_amount_until_it_ends(
    world: Any, script: RefundScript | None, reason: str, end: str, left: int
) -> None:
    payment = await world.gateway.create_payment(world.request(script="approve"))
    await world.deliver()
    world.shop.arrived.clear()
    number = payment.gateway_no
    request = CreateRefund(out_refund_no="r1", gateway_no=number, amount=12_880, reason=reason, script=script)
    assert (await world.gateway.refund(request)).status == "processing"
    rival = CreateRefund(out_refund_no="r2", gateway_no=number, amount=1)
    assert await refused(world.gateway.refund(rival)) == "refund_exceeds_captured"
    await world.deliver()
    assert world.heard() == []
    world.later(seconds=5)
    await world.deliver()
    await world.deliver()
    (told,) = world.heard()
    assert told.event_type == f"refund.{end}"
    assert (await world.gateway.query_refund("r1")).status == end
    paid = await world.gateway.query(payment.out_no)
    assert paid.captured_amount - paid.refunded_amount == left


async def test_a_refund_that_fails_at_once_leaves_the_money_refundable(world: Any) -> None:
    payment = await world.gateway.create_payment(world.request(script="approve"))
    request = CreateRefund(
        out_refund_no="r1", gateway_no=payment.gateway_no, amount=12_880, reason="sandbox:fail"
    )
    failed = await world.gateway.refund(request)
    assert (failed.status, failed.failure_code) == ("failed", "account_closed")
    again = msgspec.structs.replace(request, out_refund_no="r2", reason="")
    assert (await world.gateway.refund(again)).status == "succeeded"


async def test_the_bill_of_a_chinese_day(world: Any) -> None:
    world.now = datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC)
    inside = await world.gateway.create_payment(world.request(script="approve"))
    await world.gateway.refund(CreateRefund(out_refund_no="r1", gateway_no=inside.gateway_no, amount=80))
    assert await refused(world.gateway.bill(date(2026, 11, 22))) == "bill_not_ready"
    world.later(seconds=1)
    await world.gateway.create_payment(world.request(script="approve"))
    lines = list(csv.DictReader(io.StringIO(await world.gateway.bill(date(2026, 11, 22)))))
    assert [(line["kind"], line["out_no"], line["amount"]) for line in lines] == [
        ("capture", inside.out_no, "12880"),
        ("refund", inside.out_no, "-80"),
    ]
    assert await refused(world.gateway.bill(date(9999, 12, 31))) == "bill_not_ready"
    assert await world.gateway.bill(date(1, 1, 1))


async def test_a_killed_process_loses_nothing(world: Any) -> None:
    request = world.request(script="approve")
    payment = await world.gateway.create_payment(request)
    pending = CreateRefund(out_refund_no="r1", gateway_no=payment.gateway_no, amount=880, script="processing")
    await world.gateway.refund(pending)
    await world.gateway.set_faults(FaultSettings(slow_ms=7))
    before = await world.gateway.query(payment.out_no)
    await world.restart()
    assert await world.gateway.query(payment.out_no) == before
    assert await world.gateway.create_payment(request) == before
    world.later(seconds=5)
    await world.deliver()
    assert {n.event_type for n in world.heard()} == {"payment.captured", "refund.succeeded"}


async def test_a_replayed_request_is_refused_even_after_a_restart(world: Any) -> None:
    body = msgspec.json.encode(world.request())
    headers = world.keys.merchant.sign_request("POST", "/v1/payments", body, world.now)
    assert (await world.http.post("/v1/payments", content=body, headers=headers)).status_code == 201
    await world.restart()
    for seconds in (0, 299):
        world.later(seconds=seconds)
        replay = await world.http.post("/v1/payments", content=body, headers=headers)
        assert (replay.status_code, replay.json()["code"]) == (401, "replayed_nonce")
    world.later(seconds=2)
    late = await world.http.post("/v1/payments", content=body, headers=headers)
    assert late.json()["code"] == "stale_timestamp"


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"\xff\xfe", b"{" * 5_000, b'{"amount":1e400}', b'{"a":' * 5_000],
)
async def test_hostile_bodies_get_a_signed_400(world: Any, body: bytes) -> None:
    headers = world.keys.merchant.sign_request("POST", "/v1/payments", body, world.now)
    answer = await world.http.post("/v1/payments", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    world.keys.of_gateway.verify_message(answer.headers, answer.content, world.now)
    again = await world.http.post("/v1/payments", content=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (401, "replayed_nonce")


async def test_refused_work_is_undone_and_its_request_remembered(world: Any) -> None:
    """A payment that is found late is expired by whoever asks; a capture that is refused does not even do that."""
    payment = await world.gateway.create_payment(world.request(script="pending"))
    world.later(hours=1)
    path, body = f"/v1/payments/{payment.gateway_no}/capture", b'{"amount":1}'
    headers = world.keys.merchant.sign_request("POST", path, body, world.now)
    for status, code in ((409, "invalid_state"), (401, "replayed_nonce")):
        answer = await world.http.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    with world.app.state.sandbox.db.transaction() as connection:
        assert connection.execute("SELECT status FROM payment").fetchone()[0] == "pending"


async def test_an_unsigned_or_oversized_request_does_nothing(world: Any) -> None:
    body = msgspec.json.encode(world.request())
    answer = await world.http.post("/v1/payments", content=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "missing_header")
    huge = b" " * 70_000
    headers = world.keys.merchant.sign_request("POST", "/v1/payments", huge, world.now)
    assert (await world.http.post("/v1/payments", content=huge, headers=headers)).status_code == 413
    for path in ("/v1/sandbox/faults", "/v1/refunds"):
        assert (await world.http.post(path, content=b"{}")).status_code == 401
    assert (await world.http.get("/v1/bills/2026-11-21")).status_code == 401


async def test_many_thousand_payments_keep_their_indexes(world: Any) -> None:
    with world.app.state.sandbox.db.transaction() as connection:
        plans = {
            name: " ".join(row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))
            for name, sql, values in (
                ("due", "SELECT 1 FROM notification WHERE next_at <= ?", (1,)),
                (
                    "late",
                    "SELECT 1 FROM payment WHERE status IN ('created', 'pending') AND expires_at <= ?",
                    (1,),
                ),
                ("out_no", "SELECT 1 FROM payment WHERE out_no = ?", ("x",)),
            )
        }
    assert all("USING" in plan and "SCAN" not in plan for plan in plans.values()), plans


async def test_health(world: Any) -> None:
    answer = await world.http.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


SERVED = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
import msgspec
from daji.adapters.payment.sandbox.service import payments
from daji.adapters.payment.sandbox.service.db import Database
from daji.adapters.payment.sandbox.wire import CreatePayment

db = Database(Path(sys.argv[1]) / "sandbox.db")
request = msgspec.json.decode(sys.stdin.buffer.read(), type=CreatePayment)
for n in range(1_000_000):
    with db.transaction() as connection:
        one = msgspec.structs.replace(request, out_no=f"k{n}", script="approve")
        payments.create(connection, one, datetime.fromisoformat(sys.argv[2]))
    print(f"k{n}", flush=True)
"""


def _answered_before_the_kill(folder: Path, now: datetime, request: bytes) -> set[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", SERVED, str(folder), now.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(request)
    child.stdin.close()
    answered = {child.stdout.readline().decode().strip() for _ in range(40)}
    child.kill()
    answered |= set(child.stdout.read().decode().splitlines())
    child.stdout.close()
    assert child.wait() != 0
    return answered


async def test_a_process_killed_in_the_middle_keeps_every_answered_payment(
    world: Any, tmp_path: Path
) -> None:
    answered = _answered_before_the_kill(tmp_path, world.now, msgspec.json.encode(world.request()))
    with world.app.state.sandbox.db.transaction() as connection:
        (ok,) = connection.execute("PRAGMA integrity_check").fetchone()
        kept = {row["out_no"] for row in connection.execute("SELECT out_no FROM payment")}
        (told,) = connection.execute("SELECT count(*) FROM notification").fetchone()
    assert ok == "ok"
    assert answered <= kept
    assert told == len(kept)
