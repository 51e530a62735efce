from __future__ import annotations

from typing import Any

import msgspec
import pytest

from daji.adapters.payment.sandbox.client import (
    ForgedNotification,
    GatewayRefused,
    GatewayUnknown,
    GatewayUnreachable,
    SandboxGateway,
)
from daji.adapters.payment.sandbox.service.outbox import BACKOFF_SECONDS
from daji.adapters.payment.sandbox.wire import Action, CreateRefund, FaultSettings
from daji.kit.outbound import Answer, NoAnswer, NotReached, Question, Within


async def test_decline(world: Any) -> None:
    payment = await world.gateway.create_payment(world.request(script="decline"))
    assert (payment.status, payment.decline_code) == ("declined", "insufficient_funds")
    await world.deliver()
    assert [n.event_type for n in world.heard()] == ["payment.declined"]


async def test_never_answering_is_unknown_and_the_work_is_done(world: Any) -> None:
    request = world.request(script="never")
    with pytest.raises(GatewayUnknown):
        await world.client(seconds=0.05).create_payment(request)
    assert (await world.gateway.query(request.out_no)).status == "captured"
    assert (await world.gateway.create_payment(request)).status == "captured"
    await world.deliver()
    assert world.shop.arrived == []


async def test_an_answer_after_the_time_out_of_a_proxy_is_unknown_too(world: Any) -> None:
    await world.gateway.set_faults(FaultSettings(never_ms=0))
    with pytest.raises(GatewayUnknown, match="504"):
        await world.gateway.create_payment(world.request(script="never"))


async def test_slow_answers_come(world: Any) -> None:
    await world.gateway.set_faults(FaultSettings(slow_ms=60))
    request = world.request(script="slow")
    with pytest.raises(GatewayUnknown):
        await world.client(seconds=0.02).create_payment(request)
    assert (await world.gateway.create_payment(world.request(script="slow"))).status == "captured"
    assert (await world.client(seconds=0.05).query(request.out_no)).status == "captured"


@pytest.mark.parametrize("verb", ["capture", "void", "refund", "create"])
async def test_500_after_doing_the_work(world: Any, verb: str) -> None:
    paid = world.request(script="approve", capture="manual" if verb in {"capture", "void"} else "auto")
    payment = None if verb == "create" else await world.gateway.create_payment(paid)
    await world.gateway.set_faults(FaultSettings(fault="http500"))

    async def call() -> Any:
        match verb:
            case "create":
                return await world.gateway.create_payment(paid)
            case "capture":
                return await world.gateway.capture(payment.gateway_no, 12_880)
            case "void":
                return await world.gateway.void(payment.gateway_no)
            case _:
                refund = CreateRefund(out_refund_no="r1", gateway_no=payment.gateway_no, amount=12_880)
                return await world.gateway.refund(refund)

    with pytest.raises(GatewayUnknown, match="500"):
        await call()
    status = (await world.gateway.query(paid.out_no)).status
    assert (
        status == {"create": "captured", "capture": "captured", "void": "voided", "refund": "refunded"}[verb]
    )
    # Repeating the same request is the way out of the unknown, and does the work no second time.
    assert await call() is not None


async def test_notify_twice_sends_the_same_notification_two_times(world: Any) -> None:
    await world.gateway.create_payment(world.request(script="notify_twice"))
    assert await world.deliver() == 2
    first, second = world.heard()
    assert first == second
    assert await world.deliver() == 0


async def test_notify_late(world: Any) -> None:
    await world.gateway.create_payment(world.request(script="notify_late"))
    assert await world.deliver() == 0
    world.later(seconds=59)
    assert await world.deliver() == 0
    world.later(seconds=1)
    assert await world.deliver() == 1


@pytest.mark.parametrize(("amount", "captured"), [(12_880, 11_592), (5, 4), (2, 1), (1, 1)])
async def test_notify_short_captures_less_than_asked(world: Any, amount: int, captured: int) -> None:
    payment = await world.gateway.create_payment(world.request(amount=amount, script="notify_short"))
    assert (payment.amount, payment.captured_amount) == (amount, captured)
    await world.deliver()
    (told,) = world.heard()
    assert told.resource.captured_amount == captured


async def test_dropped_notification_leaves_only_the_query(world: Any) -> None:
    payment = await world.gateway.create_payment(world.request(script="drop_notification"))
    world.later(days=2)
    assert await world.deliver() == 0
    assert (await world.gateway.query(payment.out_no)).status == "captured"


async def test_u22_a_forged_notification_is_refused_and_nothing_was_paid(world: Any) -> None:
    payment = await world.gateway.create_payment(world.request(script="forged_notification"))
    assert payment.status == "pending"
    world.shop.status = 401
    assert await world.deliver() == 1
    ((headers, body),) = world.shop.arrived
    assert msgspec.json.decode(body)["event_type"] == "payment.captured"
    with pytest.raises(ForgedNotification) as caught:
        world.gateway.parse_notification(headers, body, world.now)
    assert caught.value.code == "bad_signature"
    world.later(minutes=29)
    assert await world.deliver() == 0
    assert (await world.gateway.query(payment.out_no)).captured_amount == 0
    assert (await world.gateway.act(payment.gateway_no, "approve")).status == "captured"


async def test_u22_changed_replayed_or_unsigned_notifications_are_refused(world: Any) -> None:
    await world.gateway.create_payment(world.request(script="approve"))
    await world.deliver()
    ((headers, body),) = world.shop.arrived
    parse = world.gateway.parse_notification
    assert parse(headers, body, world.now).resource.captured_amount == 12_880
    for bad_headers, bad_body in ((headers, body.replace(b"12880", b"99999")), ({}, body), (headers, b"")):
        with pytest.raises(ForgedNotification):
            parse(bad_headers, bad_body, world.now)
    world.later(seconds=301)
    with pytest.raises(ForgedNotification, match="stale_timestamp"):
        parse(headers, body, world.now)
    answer = world.keys.gateway.sign_message(b'{"kind":"payment"}', world.now)
    with pytest.raises(ForgedNotification, match="bad_body"):
        parse(answer, b'{"kind":"payment"}', world.now)


@pytest.mark.parametrize("status", [500, 401, 302, 404, 202])
async def test_a_notification_is_repeated_until_the_shop_accepts(world: Any, status: int) -> None:
    await world.gateway.create_payment(world.request(script="approve"))
    world.shop.status = status
    assert await world.deliver() == 1
    assert await world.deliver() == 0
    world.later(seconds=14)
    assert await world.deliver() == 0
    world.later(seconds=1)
    assert await world.deliver() == 1
    await world.restart()
    world.shop.status = 200
    world.later(seconds=15)
    assert await world.deliver() == 1
    world.later(days=3)
    assert await world.deliver() == 0
    assert len({msgspec.json.decode(body)["notification_id"] for _, body in world.shop.arrived}) == 1


@pytest.mark.parametrize("error", [NotReached("x"), NoAnswer("x")])
async def test_a_shop_that_is_away_gets_every_attempt(world: Any, error: Exception) -> None:
    await world.gateway.create_payment(world.request(script="approve"))
    world.shop.fails = error
    made = 0
    for wait in (0, *BACKOFF_SECONDS, 100_000):
        world.later(seconds=wait)
        made += await world.deliver()
    assert made == len(BACKOFF_SECONDS) + 1
    with world.app.state.sandbox.db.transaction() as connection:
        (outcome,) = connection.execute("SELECT outcome FROM notification").fetchone()
    assert outcome == "given_up"


async def test_a_fault_of_the_whole_service_applies_until_it_is_taken_back(world: Any) -> None:
    await world.gateway.set_faults(FaultSettings(fault="decline"))
    assert (await world.gateway.create_payment(world.request(script="approve"))).status == "declined"
    await world.restart()
    assert (await world.gateway.create_payment(world.request(script="approve"))).status == "declined"
    await world.gateway.set_faults(FaultSettings())
    assert (await world.gateway.create_payment(world.request(script="approve"))).status == "captured"


@pytest.mark.parametrize(
    ("action", "status"),
    [("approve", "captured"), ("decline", "declined"), ("notify_twice", "captured"), ("never", "captured")],
)
async def test_the_buyer_acts_on_a_pending_payment(world: Any, action: Action, status: str) -> None:
    payment = await world.gateway.create_payment(world.request(script="pending"))
    assert payment.status == "pending"
    assert (await world.gateway.act(payment.gateway_no, action)).status == status
    with pytest.raises(GatewayRefused):
        await world.gateway.act(payment.gateway_no, action)


def _client(world: Any, said: Answer | Exception) -> SandboxGateway:
    async def answer(_: Question) -> Answer:
        if isinstance(said, Exception):
            raise said
        return said

    return world.client(http=Within(answer))


async def test_no_connection_is_safe_to_repeat(world: Any) -> None:
    with pytest.raises(GatewayUnreachable):
        await _client(world, NotReached("away")).query("x")


async def test_a_lost_answer_is_unknown(world: Any) -> None:
    with pytest.raises(GatewayUnknown):
        await _client(world, NoAnswer("lost")).query("x")


@pytest.mark.parametrize("status", [200, 301, 404, 502])
async def test_an_unsigned_answer_says_nothing(world: Any, status: int) -> None:
    body = b'{"code":"payment_not_found","message":"says a proxy"}'
    with pytest.raises(GatewayUnknown):
        await _client(world, Answer(status=status, body=body)).query("x")


async def test_the_signed_answer_to_another_question_is_not_believed(world: Any) -> None:
    other = await world.gateway.create_payment(world.request(script="approve"))
    body = msgspec.json.encode(other)

    replay = Answer(status=200, body=body, headers=world.keys.gateway.sign_message(body, world.now))

    with pytest.raises(GatewayUnknown, match="another question"):
        await _client(world, replay).query("mine")
    assert await _client(world, replay).query(other.out_no) == other
