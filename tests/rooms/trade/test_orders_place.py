"""Placing: what is written, how much it costs in statements, and what is refused."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from daji.kit import ids
from daji.kit.db import Database, counting
from daji.kit.problems import Invalid, NotFound
from daji.trade.cart import api as cart
from daji.trade.orders import api as orders
from tests.rooms.trade.orders_making import (
    ADDRESS,
    CONTACT,
    act,
    codes,
    line,
    parcel,
    placed,
    plain_quote,
    quote,
    same,
    shopper,
    timers,
    topics,
    trade_of,
    units_of,
)


def rich_quote(now: datetime, **more: Any) -> cart.Quote:
    """Two sellers, a SKU sent from two sites, odd amounts everywhere."""
    seller = ids.new_id()
    cup, pot = line(3, 333, code="CUP"), line(2, 1999, code="POT", seller_id=seller)
    return quote(
        now,
        parcel([(cup, 2)], now, 701, promised_by=now + timedelta(days=2)),
        parcel([(cup, 1)], now, 350),
        parcel([(pot, 2)], now, 1000, unit_freights=((pot.sku_id, 400), (pot.sku_id, 600))),
        lines=[cup, pot],
        discount=1001,
        tax=77,
        **more,
    )


async def test_a_placed_trade_is_what_is_read_back(db: Database, now: datetime):
    offer = rich_quote(now)
    trade = await placed(db, now, offer)
    assert same(trade, await trade_of(db, trade.id))
    assert trade.number.startswith("D260303")
    assert [order.number for order in trade.orders] == [f"{trade.number}-{n}" for n in (1, 2, 3)]
    assert (trade.total, trade.due, trade.payment, trade.status) == (
        offer.total,
        offer.total,
        "unpaid",
        "placed",
    )
    assert trade.orders[2].seller_id == offer.lines[1].seller_id
    assert [unit.freight for unit in trade.orders[2].lines[0].units] == [400, 600]
    assert trade.orders[0].promised_by == now + timedelta(days=2)
    assert sum(unit.paid for unit in units_of(trade)) == trade.total
    assert all(sum(u.paid for each in o.lines for u in each.units) == o.total for o in trade.orders)
    assert await timers(db) == {("orders.pay_deadline", trade.id): now + timedelta(minutes=30)}
    assert await topics(db, trade.id) == ["orders.order_placed"]
    assert await codes(db, trade.id) == ["placed"]


async def test_placing_costs_one_statement_and_reading_three(db: Database, now: datetime):
    offer = rich_quote(now)
    async with db.transaction() as tx:
        with counting() as tally:
            trade = await orders.place(
                tx,
                trade_id=ids.new_id(),
                quote=offer,
                buyer_keys=("a",),
                pay_by=now,
                by="shopper:1",
                now=now,
            )
    assert tally.count == 1
    async with db.read() as session:
        with counting() as tally:
            await orders.get_trade(session, trade_id=trade.id, owner=offer.owner)
        assert tally.count == 3
        with counting() as tally:
            await orders.list_trades(session, owner=offer.owner)
        assert tally.count == 4
        with counting() as tally:
            await orders.get_order(session, order_id=trade.orders[0].id, owner=offer.owner)
        assert tally.count == 3


async def test_parcels_of_one_seller_and_site_become_one_order(db: Database, now: datetime):
    one, site = line(2, 500), ids.new_id()
    offer = quote(
        now, parcel([(one, 1)], now, 10, site_id=site), parcel([(one, 1)], now, 20, site_id=site), lines=[one]
    )
    trade = await placed(db, now, offer)
    assert len(trade.orders) == 1
    assert [unit.freight for unit in trade.orders[0].lines[0].units] == [10, 20]
    assert trade.orders[0].weight_g == 200


async def test_numbers_are_unique_and_grow_under_a_crowd(db: Database, now: datetime):
    trades = await asyncio.gather(*(placed(db, now) for _ in range(20)))
    assert len({trade.number for trade in trades}) == 20
    later = await placed(db, datetime(2027, 1, 1, 0, 30, tzinfo=UTC))
    assert later.number.startswith("D270101")


async def test_a_trade_that_costs_nothing_is_paid_at_once(db: Database, now: datetime):
    gift = line(2, 800)
    trade = await placed(db, now, quote(now, parcel([(gift, 2)], now), lines=[gift], discount=1600))
    assert (trade.total, trade.payment) == (0, "paid")
    assert same(trade, await trade_of(db, trade.id))


async def test_one_quote_becomes_one_trade_whoever_runs_together_u20(db: Database, now: datetime):
    offer = plain_quote(now)
    outcomes = await asyncio.gather(*(placed(db, now, offer) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, orders.Trade) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, orders.AlreadyPlaced) for outcome in outcomes) == 7
    async with db.read() as session:
        assert await session.value("SELECT count(*) FROM orders.unit") == 2


async def test_hostile_words_are_kept_as_they_are_or_refused(db: Database, now: datetime):
    evil = "'; DROP TABLE orders.trade; -- <script>{{7*7}}</script> \\u0000 \N{RIGHT-TO-LEFT OVERRIDE}"
    odd = line(1, 1, titles={"zh": evil, "en": ""})
    trade = await placed(db, now, quote(now, parcel([(odd, 1)], now), lines=[odd]))
    assert (await trade_of(db, trade.id)).orders[0].lines[0].titles["zh"] == evil
    nul = line(1, 1, titles={"zh": "a\0b"})
    with pytest.raises(cart.UnreadableText):
        await placed(db, now, quote(now, parcel([(nul, 1)], now), lines=[nul]))
    with pytest.raises(cart.UnreadableText):
        await placed(db, now, plain_quote(now, contact=cart.Contact(name="a\0b")))


async def test_a_quote_that_does_not_add_up_leaves_nothing(db: Database, now: datetime):
    offer = plain_quote(now)
    wrong = {
        "total": {"total": offer.total + 1},
        "goods": {"goods": offer.goods - 1, "total": offer.total - 1},
        "freight": {"freight": offer.freight + 1, "total": offer.total + 1},
        "discount": {"discount": offer.goods + 1, "total": offer.freight - 1},
        "negative": {"discount": -1, "total": offer.total + 1},
        "lines": {"lines": ()},
    }
    for what, fields in wrong.items():
        bad = msgspec.structs.replace(offer, **fields)
        with pytest.raises(orders.QuoteUnbalanced) as refused:
            await placed(db, now, bad)
        assert refused.value.params["what"] == what or what == "lines"
    async with db.read() as session:
        assert await session.value("SELECT count(*) FROM orders.trade") == 0
        assert await session.value("SELECT count(*) FROM kit.outbox") == 0


async def test_a_guest_and_nobody_own_different_things_u114(db: Database, now: datetime):
    guest, other = cart.Owner(guest_token="g-1"), cart.Owner(guest_token="g-2")
    mine = await placed(db, now, owner=guest)
    elsewhere = await act(
        db,
        orders.place_without_lines,
        trade_id=ids.new_id(),
        channel="main",
        currency="BRL",
        contact=CONTACT,
        address=ADDRESS,
        amount=4590,
        reason="lines_unknown",
        external_ref="x-1",
        by="system",
        now=now,
    )
    async with db.read() as session:
        assert (await orders.get_trade(session, trade_id=mine.id, owner=guest)).id == mine.id
        for stranger in (other, shopper()):
            for trade in (mine, elsewhere):
                with pytest.raises(NotFound):
                    await orders.get_trade(session, trade_id=trade.id, owner=stranger)
            with pytest.raises(NotFound):
                await orders.get_order(session, order_id=mine.orders[0].id, owner=stranger)
            assert (await orders.list_trades(session, owner=stranger)).items == ()
            assert (await orders.list_trades(session, owner=stranger, text=mine.number)).items == ()
        assert [t.id for t in (await orders.list_trades(session, owner=guest)).items] == [mine.id]
        assert len((await orders.list_trades(session, owner=None)).items) == 2
        with pytest.raises(NotFound):
            await orders.get_trade(session, trade_id=ids.new_id(), owner=None)
    with pytest.raises(ValueError, match="either"):
        cart.Owner()
    with pytest.raises(ValueError, match="either"):
        cart.Owner(shopper_id=ids.new_id(), guest_token="g-1")
    with pytest.raises(ValueError, match="characters"):
        cart.Owner(guest_token="")


async def test_a_sale_made_elsewhere(db: Database, now: datetime):
    given: dict[str, Any] = {
        "channel": "main",
        "currency": "BRL",
        "contact": CONTACT,
        "address": ADDRESS,
        "amount": 4590,
        "reason": "lines_unknown",
        "external_ref": "x-1",
        "by": "system",
        "now": now,
    }
    trade = await act(db, orders.place_without_lines, trade_id=ids.new_id(), **given)
    assert (trade.owner, trade.pay_by, trade.orders, trade.due) == (None, None, (), 4590)
    assert same(trade, await trade_of(db, trade.id))
    assert await timers(db) == {}
    async with db.read() as session:
        found = await orders.find_by_external(session, channel="main", external_ref="x-1")
        assert found is not None
        assert found.id == trade.id
        assert await orders.find_by_external(session, channel="other", external_ref="x-1") is None
        (entry,) = await orders.timeline(session, trade_id=trade.id, public_only=True)
        assert entry.params["reason"] == "lines_unknown"
    with pytest.raises(orders.AlreadyPlaced):
        await act(db, orders.place_without_lines, trade_id=ids.new_id(), **given)
    for bad in ({"amount": -1}, {"external_ref": ""}, {"reason": "No such; thing"}):
        with pytest.raises(Invalid):
            await act(db, orders.place_without_lines, trade_id=ids.new_id(), **{**given, **bad})
    confirmed = await act(db, orders.confirm, trade_id=trade.id, by="system", now=now)
    assert confirmed == orders.Confirmed(trade_id=trade.id, orders=())
    cancelled = await act(
        db, orders.cancel_trade, trade_id=trade.id, reason="made_elsewhere", by="system", now=now
    )
    assert cancelled.status == "cancelled"
    assert await act(db, orders.expire, trade_id=trade.id, now=now + timedelta(days=99)) is None
