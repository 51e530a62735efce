"""What gateways and carriers say counts for what their signature says, and for nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from prometheus_client import REGISTRY

from daji.kit.outbound import Answer, Question, Within
from tests.makers.world import World


def forged(kind: str, sender: str) -> float:
    return REGISTRY.get_sample_value("daji_forged_messages_total", {"kind": kind, "sender": sender}) or 0.0


@pytest.fixture
def kept(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """Messages on their way to us, which nobody has handed in yet."""
    found: list[Question] = []

    async def keep(request: Question) -> Answer:
        found.append(request)
        return Answer(status=204)

    monkeypatch.setattr(world, "take_notice", keep)
    return found


async def hand_in(anybody: httpx.AsyncClient, message: Question, **changed: Any) -> httpx.Response:
    anybody.headers.pop("Origin", None)
    return await anybody.post(
        changed.get("path", urlsplit(message.url).path),
        content=changed.get("content", message.body),
        headers={**message.headers, **changed.get("headers", {})},
    )


async def test_a_genuine_notice_settles_and_its_repeats_change_nothing(
    world: World, kept: list[Question], anybody: httpx.AsyncClient
) -> None:
    """U-20, U-23: 200 for every repeat, one settlement."""
    placed = await world.place({await world.sku(price=1000, stock=5): 1})
    await world.pay(placed.trade_id)
    await world.deliver_notices()
    assert kept, "the gateway wrote"
    answers = [await hand_in(anybody, kept[0]) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}, answers[0].text
    trade = await world.trade(placed.trade_id)
    assert (trade.status, trade.payment) == ("confirmed", "paid")
    assert (await world.payable(placed.trade_id)).captured == 1000


async def test_a_forged_notice_is_refused_counted_and_changes_nothing(
    world: World, kept: list[Question], anybody: httpx.AsyncClient
) -> None:
    """U-22: changed amount, no signature, old message, somebody else's path."""
    placed = await world.place({await world.sku(price=1000, stock=5): 1})
    await world.pay(placed.trade_id)
    await world.deliver_notices()
    message = kept[0]
    before = forged("payment", "sandbox")
    payable = await world.payable(placed.trade_id)
    signature = next(name for name in message.headers if "sign" in name.lower())
    for changed in (
        {"content": message.body.replace(b"1000", b"1")},
        {"content": b""},
        {"content": b"{}"},
        {"content": b"\x00\xff" * 50},
        {"headers": {signature: "AAAA"}},
        {"headers": {signature: ""}},
    ):
        answer = await hand_in(anybody, message, **changed)
        assert answer.status_code == 401, (changed, answer.text)
        assert answer.json()["code"] == "payments.forged_notice"
    assert forged("payment", "sandbox") == before + 6
    assert await world.payable(placed.trade_id) == payable
    world.clock.advance(timedelta(days=2))
    assert (await hand_in(anybody, message)).status_code == 401
    other = await hand_in(anybody, message, path="/notify/payments/nobody")
    assert other.status_code in {404, 422}
    carrier = await hand_in(anybody, message, path="/notify/carriers/simulated")
    assert carrier.status_code == 401


async def test_a_huge_message_is_not_read(anybody: httpx.AsyncClient) -> None:
    for path in ("/notify/payments/sandbox", "/notify/carriers/simulated"):
        answer = await anybody.post(path, content=b"x" * 70_000)
        assert answer.status_code == 413, answer.text
        assert (await anybody.get(path)).status_code == 405


async def test_scans_move_the_parcel_once(
    world: World, anybody: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U-23: repeats and late scans never lead back; a forged one is refused."""
    found: list[Question] = []

    async def keep(request: Question) -> Answer:
        found.append(request)
        return Answer(status=204)

    monkeypatch.setattr(world.carrier, "_http", Within(keep))
    trade = await world.paid_order({await world.sku(): 1})
    order_id = trade.orders[0].id
    await world.ship(order_id)
    answers: list[int] = []
    for _ in range(20):
        world.clock.advance(timedelta(hours=6))
        await world.carrier.advance(world.clock.now())
        for message in found:
            first = await hand_in(anybody, message)
            again = await hand_in(anybody, message)
            answers += [first.status_code, again.status_code]
            broken = await hand_in(anybody, message, content=message.body + b" ")
            assert broken.status_code == 401
        found.clear()
    assert set(answers) == {200}
    trade = await world.trade(trade.id)
    assert trade.orders[0].delivery == "delivered"
    assert forged("carrier", "simulated") > 0
