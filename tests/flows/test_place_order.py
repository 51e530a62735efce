"""An order is placed at exactly the confirmed quote, once, or not at all."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from daji.flows.offers import NotForSale, NothingToBuy
from daji.flows.place_order import Placed, QuoteChanged, QuoteExpired
from daji.fulfil.inventory import api as inventory
from daji.kit import ids
from daji.kit.db import counting
from daji.kit.problems import KeyReused, NotFound
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.trade.orders import api as orders
from tests.makers.world import World, guest


class TestOneOrder:
    async def test_it_holds_the_goods_and_owes_the_quote(self, world: World) -> None:
        await world.freight(800)
        sku = await world.sku(price=1299, stock=10)
        quote = await world.quote({sku: 3})
        placed = await world.place_quote(quote)
        assert (quote.goods, quote.freight, quote.total) == (3897, 800, 4697)
        assert placed.due == 4697
        assert await world.stock(sku) == [(10, 3, 0)]
        trade = await world.trade(placed.trade_id)
        units = [unit for order in trade.orders for line in order.lines for unit in line.units]
        assert sum(unit.paid for unit in units) == 4697

    async def test_u80_placing_costs_at_most_25_statements(self, world: World) -> None:
        first, second = await world.sku(), await world.sku(price=550)
        quote = await world.quote({first: 1, second: 2})
        with counting() as tally:
            await world.place_quote(quote)
        assert tally.count <= 25, tally.statements

    async def test_sellers_and_sites_become_children(self, world: World) -> None:
        seller_a, seller_b = ids.new_id(), ids.new_id()
        site_a = await world.site("A", seller_id=seller_a)
        site_b = await world.site("B", seller_id=seller_b, lat=23.1, lon=113.3)
        skus = [
            await world.sku(seller_id=seller_a, site_id=site_a),
            await world.sku(seller_id=seller_b, site_id=site_b),
            await world.sku(),
        ]
        placed = await world.place(dict.fromkeys(skus, 1))
        trade = await world.trade(placed.trade_id)
        assert {order.seller_id for order in trade.orders} == {seller_a, seller_b, None}

    async def test_u50_the_plan_checked_is_the_plan_taken(self, world: World) -> None:
        near, far = await world.site("NEAR"), await world.site("FAR", lat=23.1, lon=113.3)
        sku = await world.sku(stock=2, site_id=near)
        await world.restock(sku, 3, far)
        placed = await world.place({sku: 5})
        assert sorted(await world.stock(sku)) == [(2, 2, 0), (3, 3, 0)]
        trade = await world.trade(placed.trade_id)
        assert {order.site_id: order.lines[0].qty for order in trade.orders} == {near: 2, far: 3}


class TestTheSameKey:
    async def test_gives_the_same_answer_and_holds_once(self, world: World) -> None:
        sku = await world.sku(stock=10)
        quote = await world.quote({sku: 4})
        answers = [await world.place_quote(quote, key="k") for _ in range(3)]
        assert len({answer.trade_id for answer in answers}) == 1
        assert await world.stock(sku) == [(10, 4, 0)]

    async def test_with_another_quote_is_refused(self, world: World) -> None:
        sku = await world.sku()
        owner = guest()
        await world.place_quote(await world.quote({sku: 1}, owner=owner), key="k")
        with pytest.raises(KeyReused):
            await world.place_quote(await world.quote({sku: 2}, owner=owner), key="k")

    async def test_one_quote_buys_once_whatever_the_keys(self, world: World) -> None:
        sku = await world.sku(stock=10)
        quote = await world.quote({sku: 1})
        answers = await asyncio.gather(*(world.place_quote(quote) for _ in range(8)), return_exceptions=True)
        assert sum(isinstance(answer, Placed) for answer in answers) == 1
        assert all(isinstance(answer, Placed | orders.AlreadyPlaced) for answer in answers)
        assert await world.stock(sku) == [(10, 1, 0)]


class TestRefusals:
    async def test_price_change_is_told(self, world: World) -> None:
        sku = await world.sku(price=1000)
        quote = await world.quote({sku: 1})
        world.clock.advance(timedelta(minutes=1))
        assert world.list_id is not None
        async with world.db.transaction() as tx:
            await pricing.set_prices(
                tx,
                list_id=world.list_id,
                prices=[pricing.NewPrice(sku_id=sku, amount=1200)],
                valid_from=world.clock.now(),
                by="system",
                now=world.clock.now(),
            )
        with pytest.raises(QuoteChanged) as caught:
            await world.place_quote(quote)
        assert "price_up" in str(caught.value.params)
        assert await world.stock(sku) == [(10, 0, 0)]

    async def test_delisting_is_told(self, world: World) -> None:
        sku = await world.sku()
        quote = await world.quote({sku: 1})
        async with world.db.transaction() as tx:
            await catalog.change_status(
                tx, product_id=quote.lines[0].product_id, verb="delist", by="system", now=world.clock.now()
            )
        with pytest.raises(QuoteChanged) as caught:
            await world.place_quote(quote)
        assert "delisted" in str(caught.value.params)

    async def test_sold_out_meanwhile_is_told_and_nothing_stays_held(self, world: World) -> None:
        first, last = await world.sku(stock=5), await world.sku(stock=1)
        slow = await world.quote({first: 1, last: 1})
        await world.place({last: 1})
        with pytest.raises(QuoteChanged) as caught:
            await world.place_quote(slow)
        assert "sold_out" in str(caught.value.params)
        assert await world.stock(first) == [(5, 0, 0)]

    async def test_an_expired_quote(self, world: World) -> None:
        sku = await world.sku()
        quote = await world.quote({sku: 1})
        world.clock.advance(timedelta(minutes=15))
        with pytest.raises(QuoteExpired):
            await world.place_quote(quote)

    async def test_u114_somebody_elses_quote_is_not_found(self, world: World) -> None:
        sku = await world.sku()
        quote = await world.quote({sku: 1})
        stolen = world.ctx, quote.id
        from daji.flows import place_order  # noqa: PLC0415

        with pytest.raises(NotFound):
            await place_order.place_order(
                stolen[0],
                place_order.PlaceOrder(quote_id=stolen[1], owner=guest(), buyer_keys=(), by="guest"),
                scope="thief",
                key="k",
                now=world.clock.now(),
            )

    @pytest.mark.parametrize("qty", [0, -1, 1000, 10**9])
    async def test_impossible_quantities(self, world: World, qty: int) -> None:
        sku = await world.sku()
        with pytest.raises(NothingToBuy):
            await world.quote({sku: qty})

    async def test_unknown_and_missing_goods(self, world: World) -> None:
        with pytest.raises(NothingToBuy):
            await world.quote({})
        with pytest.raises(NotForSale):
            await world.quote({ids.new_id(): 1})

    async def test_more_than_there_is(self, world: World) -> None:
        sku = await world.sku(stock=3)
        with pytest.raises(inventory.StockShort):
            await world.quote({sku: 4})
