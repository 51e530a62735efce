"""The last unit is sold once, whoever comes and however many."""

from __future__ import annotations

import asyncio

import pytest

from daji.flows.place_order import Placed, QuoteChanged
from daji.fulfil.inventory import api as inventory
from daji.kit import ids
from daji.kit.problems import Problem
from tests.makers.world import World, guest

RIVALS = 200
ROUNDS = 50


@pytest.mark.timeout(600)
async def test_u10_two_hundred_rivals_for_the_last_unit_fifty_times(world: World) -> None:
    """U-10: exactly one order and 199 clean refusals each time; the ledger adds up."""
    site = await world.site()
    sku = await world.sku(stock=1, site_id=site)
    quotes = [await world.quote({sku: 1}) for _ in range(RIVALS)]
    for round_number in range(ROUNDS):
        answers = await asyncio.gather(
            *(world.place_quote(quote) for quote in quotes), return_exceptions=True
        )
        won = [index for index, answer in enumerate(answers) if isinstance(answer, Placed)]
        lost = [answer for answer in answers if isinstance(answer, QuoteChanged)]
        assert (len(won), len(lost)) == (1, RIVALS - 1), [
            a for a in answers if not isinstance(a, Placed | QuoteChanged)
        ]
        assert await world.stock(sku) == [(round_number + 1, round_number + 1, 0)]
        await world.restock(sku, 1, site)
        quotes[won[0]] = await world.quote({sku: 1})
    await world.check()


async def test_u34_fifty_rivals_for_five_units_of_two_goods(world: World) -> None:
    """Several units, several SKUs, opposite orders of lines: no deadlock, never more than there is."""
    site = await world.site()
    first, second = await world.sku(stock=5, site_id=site), await world.sku(stock=5, site_id=site)
    baskets = [{first: 1, second: 1} if index % 2 else {second: 1, first: 1} for index in range(50)]
    quotes = [await world.quote(basket) for basket in baskets]
    answers = await asyncio.gather(*(world.place_quote(quote) for quote in quotes), return_exceptions=True)
    assert sum(isinstance(answer, Placed) for answer in answers) == 5
    assert all(isinstance(answer, Placed | QuoteChanged) for answer in answers)
    assert await world.stock(first) == await world.stock(second) == [(5, 5, 0)]


async def test_u10_a_crowd_that_checks_out_in_one_moment_is_served_together_and_exactly(world: World) -> None:
    """One tap each: place and pay. Who comes too late is told what is left; stale offers and doubles hurt nobody else."""
    site = await world.site()
    hot, other = await world.sku(stock=7, site_id=site), await world.sku(stock=100, site_id=site)
    buyers = [guest() for _ in range(60)]
    quotes = [
        await world.quote({hot: 1} if number % 3 else {other: 2}, owner=buyer)
        for number, buyer in enumerate(buyers)
    ]
    taps = [
        world.check_out(quote, owner=buyer, key=f"tap {number % 50}", scope=str(buyer.guest_token))
        for number, (quote, buyer) in enumerate(zip(quotes, buyers, strict=True))
    ]
    again = [
        world.check_out(quote, owner=buyer, key=f"other tap {number}", scope=str(buyer.guest_token))
        for number, (quote, buyer) in enumerate(zip(quotes[:9], buyers[:9], strict=True))
    ]
    answers = await asyncio.gather(*taps, *again, return_exceptions=True)
    placed = [answer for answer in answers if isinstance(answer, Placed)]
    assert len({one.trade_id for one in placed}) == len(placed) == 7 + 20
    assert await world.stock(hot) == [(7, 7, 0)]
    assert await world.stock(other) == [(100, 40, 0)]
    assert sum(isinstance(answer, QuoteChanged) for answer in answers) >= 33
    assert not [answer for answer in answers if not isinstance(answer, Placed | Problem)]
    for one in placed:
        assert (await world.trade(one.trade_id)).payment == "paid"
    await world.check()


async def test_u14_one_guest_cannot_empty_the_shop(world: World) -> None:
    """A buyer's unpaid holds keep at most a fifth of the stock from the others."""
    from daji.flows import place_order  # noqa: PLC0415

    site = await world.site()
    sku = await world.sku(stock=100, site_id=site)
    got = 0
    for _ in range(30):
        quote = await world.quote({sku: 5})
        given = place_order.PlaceOrder(
            quote_id=quote.id,
            owner=quote.owner,
            buyer_keys=(f"guest:{quote.owner.guest_token}", "ip:203.0.113.9"),
            by="guest",
        )
        try:
            await place_order.place_order(
                world.ctx, given, scope="attacker", key=str(ids.new_id()), now=world.clock.now()
            )
            got += 5
        except inventory.HoldLimit:
            continue
    assert 0 < got <= 20
