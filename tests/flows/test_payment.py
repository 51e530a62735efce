"""Money: one settlement whoever tells of it, and one outcome for every strange message."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from daji.adapters.payment.sandbox.wire import FaultSettings
from daji.flows import settle_payment
from daji.flows.expire_order import expire_order
from daji.kit import ids
from daji.kit.outbound import Question
from daji.trade.payments import api as payments
from daji.trade.payments import ports
from tests.makers.world import World


async def test_a_paid_order_is_confirmed_and_goes_to_the_warehouse(world: World) -> None:
    sku = await world.sku(price=1299)
    trade = await world.paid_order({sku: 2})
    assert (trade.status, trade.payment) == ("confirmed", "paid")
    assert {order.delivery for order in trade.orders} == {"released"}
    payable = await world.payable(trade.id)
    assert (payable.captured, payable.refunded) == (2598, 0)


@pytest.mark.parametrize(
    "rounds", [40, pytest.param(1000, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
async def test_u20_browser_and_webhook_at_once_settle_once(world: World, rounds: int) -> None:
    """U-20: notice, duplicate notice and two questions together, in random order, many times."""
    sku = await world.sku(stock=rounds)
    chance = random.Random(20)  # noqa: S311 - an order of events, not a secret
    for _ in range(rounds):
        placed = await world.place({sku: 1})
        started = await world.pay(placed.trade_id, script="pending")
        tender = started.tenders[0]
        payment = await world.client.query(str(tender.tender_id))
        await world.client.act(payment.gateway_no, "approve")

        async def ask(tender_id: UUID = tender.tender_id) -> object:
            return await settle_payment.ask_tender(world.ctx, tender_id=tender_id, now=world.clock.now())

        world.notices.clear()
        await world.deliver_notices()
        rivals = [ask(), ask(), *(world.take_notice(request) for request in world.notices for _ in range(3))]
        chance.shuffle(rivals)
        await asyncio.gather(*rivals)
        trade = await world.trade(placed.trade_id)
        payable = await world.payable(placed.trade_id)
        assert (trade.status, trade.payment) == ("confirmed", "paid")
        assert (payable.captured, len(payable.tenders), payable.refunds) == (placed.due, 1, ())


class TestU15LateMoney:
    """U-15: what a payment does at T-1, T, T+1 and T+1 day."""

    async def expire(self, world: World, placed_id: object) -> bool:
        return await expire_order(world.ctx, trade_id=placed_id, now=world.clock.now())  # type: ignore[arg-type]

    async def test_one_second_before_the_deadline_it_counts(self, world: World) -> None:
        sku = await world.sku()
        placed = await world.place({sku: 1})
        world.clock.set(placed.pay_by - timedelta(seconds=1))
        await world.pay(placed.trade_id)
        world.clock.set(placed.pay_by)
        await world.fire_timers()
        assert (await world.trade(placed.trade_id)).status == "confirmed"

    async def test_at_the_deadline_an_unpaid_order_expires_and_frees_its_goods(self, world: World) -> None:
        sku = await world.sku(stock=3)
        placed = await world.place({sku: 2})
        world.clock.set(placed.pay_by)
        await world.fire_timers()
        assert (await world.trade(placed.trade_id)).status == "expired"
        assert await world.stock(sku) == [(3, 0, 0)]

    async def test_paid_at_the_gateway_just_before_it_is_not_expired(self, world: World) -> None:
        """The notice was lost; the deadline asks the gateway first."""
        sku = await world.sku(stock=3)
        placed = await world.place({sku: 2})
        started = await world.pay(placed.trade_id, script="pending")
        payment = await world.client.query(str(started.tenders[0].tender_id))
        await world.client.act(payment.gateway_no, "approve")
        world.clock.set(placed.pay_by)
        await world.fire_timers()
        assert (await world.trade(placed.trade_id)).status == "confirmed"
        assert await world.stock(sku) == [(3, 2, 0)]

    @pytest.mark.parametrize("later", [timedelta(seconds=1), timedelta(days=1)])
    @pytest.mark.parametrize("resold", [False, True])
    async def test_after_the_deadline_it_revives_the_order_or_goes_back(
        self, world: World, later: timedelta, *, resold: bool
    ) -> None:
        sku = await world.sku(stock=2)
        placed = await world.place({sku: 2})
        started = await world.pay(placed.trade_id, script="pending")
        tender = started.tenders[0]
        payment = await world.client.query(str(tender.tender_id))
        world.clock.set(placed.pay_by)
        await world.fire_timers()
        assert (await world.trade(placed.trade_id)).status == "expired"
        if resold:
            await world.paid_order({sku: 2})
        world.clock.advance(later)
        late = ports.Notice(
            notice_id=str(ids.new_id()),
            kind="captured",
            key=str(tender.tender_id),
            amount=placed.due,
            currency=placed.currency,
            gateway_no=payment.gateway_no,
            occurred_at=world.clock.now(),
        )
        settled = await settle_payment.settle_payment(
            world.ctx, settle_payment.Settle(gateway="sandbox", notice=late), now=world.clock.now()
        )
        trade = await world.trade(placed.trade_id)
        payable = await world.payable(placed.trade_id)
        assert settled.outcome == "late"
        assert payable.captured == placed.due
        if resold:
            assert trade.status == "expired"
            assert [refund.amount for refund in payable.refunds] == [placed.due]
        else:
            assert (trade.status, trade.payment) == ("confirmed", "paid")
            assert payable.refunds == ()


class TestU22Forgery:
    async def test_a_message_without_the_gateways_signature_changes_nothing(self, world: World) -> None:
        sku = await world.sku()
        placed = await world.place({sku: 1})
        await world.pay(placed.trade_id, script="pending")
        body = b'{"notification_id":"n1","event_type":"payment.captured"}'
        request = Question(method="POST", url="http://shop.test/notify/payments/sandbox", body=body)
        with pytest.raises(ports.ForgedNotice):
            await world.take_notice(request)
        assert (await world.trade(placed.trade_id)).payment == "unpaid"

    async def test_a_changed_amount_breaks_the_signature(self, world: World) -> None:
        sku = await world.sku(price=100_000)
        placed = await world.place({sku: 1})
        world.notices.clear()
        await world.pay(placed.trade_id, script="notify_late")
        world.clock.advance(timedelta(hours=1))
        await world.deliver_notices()
        genuine = world.notices[-1]
        forged = msgspec.structs.replace(genuine, body=genuine.body.replace(b"100000", b"900000"))
        with pytest.raises(ports.ForgedNotice):
            await world.take_notice(forged)

    async def test_a_notice_for_another_payment_fits_nothing(self, world: World) -> None:
        notice = ports.Notice(
            notice_id="n1",
            kind="captured",
            key=str(ids.new_id()),
            amount=1,
            currency="CNY",
            gateway_no="G1",
            occurred_at=world.clock.now(),
        )
        settled = await settle_payment.settle_payment(
            world.ctx, settle_payment.Settle(gateway="sandbox", notice=notice), now=world.clock.now()
        )
        assert settled.outcome == "unknown_payment"


async def test_u23_every_notice_replayed_five_times_at_every_later_state(world: World) -> None:
    """U-23: a shipped, delivered or refunded order never goes back to paid."""
    sku = await world.sku(stock=5)
    placed = await world.place({sku: 1})
    await world.pay(placed.trade_id)
    await world.deliver_notices()
    notices = list(world.notices)
    assert notices
    trade = await world.trade(placed.trade_id)
    order_id = trade.orders[0].id

    async def replay() -> None:
        before = await world.trade(placed.trade_id)
        for request in notices:
            for _ in range(5):
                answer = await world.take_notice(request)
                assert answer.status == 204
        assert await world.trade(placed.trade_id) == before

    await replay()
    await world.ship(order_id)
    await replay()


async def test_a_silent_gateway_leaves_unknown_and_the_janitor_finds_out(world: World) -> None:
    sku = await world.sku()
    placed = await world.place({sku: 1})
    await world.client.set_faults(FaultSettings(fault="http500"))
    started = await world.pay(placed.trade_id)
    await world.client.set_faults(FaultSettings())
    assert started.tenders[0].status == "unknown"
    world.clock.advance(timedelta(minutes=2))
    await world.fire_timers()
    assert (await world.trade(placed.trade_id)).status == "confirmed"


async def test_several_tenders_pay_one_order(world: World) -> None:
    sku = await world.sku(price=10_000)
    placed = await world.place({sku: 1})
    await world.pay(placed.trade_id, amount=4_000)
    assert (await world.trade(placed.trade_id)).payment == "part_paid"
    await world.pay(placed.trade_id)
    trade = await world.trade(placed.trade_id)
    assert (trade.status, trade.payment) == ("confirmed", "paid")
    assert [tender.captured for tender in (await world.payable(placed.trade_id)).tenders] == [4_000, 6_000]


async def test_a_declined_payment_may_be_tried_again(world: World) -> None:
    sku = await world.sku()
    placed = await world.place({sku: 1})
    await world.pay(placed.trade_id, script="decline")
    assert [tender.status for tender in (await world.payable(placed.trade_id)).tenders] == ["declined"]
    await world.pay(placed.trade_id)
    assert (await world.trade(placed.trade_id)).status == "confirmed"


async def test_a_notice_that_repeats_the_answer_is_stored_and_no_journey(world: World) -> None:
    """U-21: the gateway's own answer booked the money, its notice comes after: kept for staff, one run less."""
    sku = await world.sku(stock=5)
    placed = await world.place({sku: 1})
    await world.pay(placed.trade_id)
    async with world.db.read() as session:
        runs_before = await session.value("SELECT count(*) FROM kit.runs")
    await world.deliver_notices()
    await world.take_notice(world.notices[-1])
    async with world.db.read() as session:
        listed = await payments.list_notices(session, trade_id=placed.trade_id)
        assert [one.outcome for one in listed.items] == ["duplicate"]
        # The second copy of one message is a journey that finds the first.
        assert await session.value("SELECT count(*) FROM kit.runs") <= runs_before + 1
    assert (await world.payable(placed.trade_id)).captured == placed.due
    await world.check()


@pytest.mark.parametrize("noted", [True, False], ids=["the answer is noted", "who asked has died"])
async def test_a_notice_that_overtakes_the_answer_waits_for_it_once(
    world: World, monkeypatch: pytest.MonkeyPatch, *, noted: bool
) -> None:
    """U-20: the notice comes while the gateway's answer is still on its way to who asked."""
    sku = await world.sku(stock=5)
    placed = await world.place({sku: 1})
    create = world.gateway.create
    heard: list[asyncio.Task[None]] = []

    async def overtaken(order: ports.CreatePayment) -> ports.Submitted:
        answer = await create(order)
        heard.append(asyncio.create_task(world.deliver_notices()))
        await asyncio.sleep(settle_payment.EARLY_SECONDS / 5)
        if not noted:
            raise ports.GatewayUnknown
        return answer

    monkeypatch.setattr(world.gateway, "create", overtaken)
    if not noted:
        # Long enough for the notice to give up waiting.
        monkeypatch.setattr(settle_payment, "EARLY_SECONDS", 0.0)
    await world.pay(placed.trade_id)
    await asyncio.gather(*heard)
    async with world.db.read() as session:
        flows = await session.rows("SELECT flow FROM kit.runs WHERE flow = 'settle_payment'")
        listed = await payments.list_notices(session, trade_id=placed.trade_id)
    assert [one.outcome for one in listed.items] == ["duplicate" if noted else "captured"]
    assert len(flows) == (0 if noted else 1)
    assert (await world.trade(placed.trade_id)).status == "confirmed"
    assert (await world.payable(placed.trade_id)).captured == placed.due
    await world.check()
