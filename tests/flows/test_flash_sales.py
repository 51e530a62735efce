"""Flash sales against real stock, money and time: never one piece too many, and none that is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from daji.flows import cancel_order, flash_stock, place_order, quote_checkout, run_flash_sale
from daji.flows.flash_stock import buyer_of
from daji.flows.quote_flash import quote_flash
from daji.fulfil.inventory import api as inventory
from daji.grow.flash import api as flash
from daji.kit import ids
from daji.kit.problems import Invalid, Problem, Stale
from daji.kit.states import IllegalTransition
from daji.trade.cart import api as cart
from daji.trade.orders import api as orders
from daji.views import console_flash
from tests.makers.world import HANGZHOU, World, guest

PRICE = 100


class Sale:
    """A sale of one SKU in a world, and those who come to it."""

    def __init__(self, world: World, sku_id: UUID, sale: flash.Sale) -> None:
        self.world, self.sku_id, self.sale = world, sku_id, sale
        self.turnstile = flash.Turnstile(world.db, b"s" * 32)

    @property
    def now(self) -> Any:
        return self.world.clock.now()

    async def settle(self) -> None:
        self.world.clock.advance(timedelta(seconds=1))
        await self.turnstile.look(self.sale.id, now=self.now)
        await self.turnstile.settled()

    async def ticket(self, owner: cart.Owner) -> str:
        place = await self.turnstile.join(self.sale.id, buyer=buyer_of(owner), network=None, now=self.now)
        return place.ticket

    async def token(self, owner: cart.Owner, ticket: str | None = None) -> str:
        mine = ticket or await self.ticket(owner)
        await self.settle()
        at_till = await self.turnstile.admit(self.sale.id, ticket=mine, buyer=buyer_of(owner), now=self.now)
        return at_till.token

    async def quote(self, owner: cart.Owner, token: str, qty: int = 1, phone: str = "") -> cart.Quote:
        contact = cart.Contact(name="x", phone=phone or str(ids.new_id().int)[-11:])
        wish = quote_checkout.QuoteRequest(
            owner=owner,
            channel="",
            lang="zh",
            address=HANGZHOU.__class__(**{**_fields(HANGZHOU), "phone": contact.phone}),
            contact=contact,
            items=((self.sku_id, qty),),
        )
        return await quote_flash(
            self.world.ctx, self.turnstile, wish, sale_id=self.sale.id, token=token, now=self.now
        )

    async def place(self, quote: cart.Quote, key: str | None = None) -> place_order.Placed:
        return await self.world.place_quote(quote, key=key)

    async def buy(self, owner: cart.Owner | None = None, **more: Any) -> place_order.Placed:
        who = owner or guest()
        return await self.place(await self.quote(who, await self.token(who), **more))

    async def check(self) -> console_flash.FlashFigures:
        async with self.world.db.snapshot() as session:
            found = await console_flash.check(session, sale_id=self.sale.id)
            assert found == console_flash.FlashCheck(
                oversold=0, miscounted=0, leaked=0, over_limit=0, buyers_miscounted=0
            )
            return await console_flash.get_figures(session, sale_id=self.sale.id, at=self.now)

    async def stock(self) -> tuple[int, int]:
        """(on hand, held)."""
        [(on_hand, held, _)] = await self.world.stock(self.sku_id)
        return on_hand, held


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


async def open_sale(
    world: World, *, quota: int = 2, stock: int = 5, opened: bool = True, **more: Any
) -> Sale:
    sku_id = await world.sku(stock=stock)
    now = world.clock.now()
    plan = flash.Plan(
        **{
            "titles": {"en": "Flash"},
            "channel": "web",
            "currency": "CNY",
            "opens_at": now + timedelta(minutes=1),
            "closes_at": now + timedelta(hours=2),
            "audience": "anyone",
            "lines": (flash.NewLine(sku_id=sku_id, price=PRICE, quota=quota),),
            **more,
        }
    )
    async with world.db.transaction() as tx:
        draft = await run_flash_sale.plan_flash_sale(tx, plan=plan, by="staff:1", now=now)
    async with world.db.transaction() as tx:
        sale = await run_flash_sale.schedule_flash_sale(tx, sale_id=draft.id, now=now)
    if opened:
        world.clock.advance(timedelta(minutes=1))
    return Sale(world, sku_id, sale)


async def test_the_ordinary_shop_cannot_take_what_the_sale_holds(world: World) -> None:
    at = await open_sale(world, quota=2, stock=5)
    assert await at.stock() == (5, 2)
    with pytest.raises(inventory.StockShort):
        await world.quote({at.sku_id: 4})
    await world.place({at.sku_id: 3})
    await at.buy()
    assert await at.stock() == (5, 5)
    await at.check()


async def test_two_hundred_rivals_get_exactly_the_quota(world: World) -> None:
    at = await open_sale(world, quota=3, stock=10, admit_percent=300)
    owners = [guest() for _ in range(9)]
    tickets = [await at.ticket(owner) for owner in owners]
    quotes = [
        await at.quote(owner, await at.token(owner, ticket))
        for owner, ticket in zip(owners, tickets, strict=True)
    ]
    outcomes = await asyncio.gather(
        *(at.place(quote) for quote in quotes for _ in range(22)), return_exceptions=True
    )
    placed = {one.trade_id for one in outcomes if isinstance(one, place_order.Placed)}
    assert len(placed) == 3
    refused = {type(one) for one in outcomes if isinstance(one, BaseException)}
    assert refused <= {flash.SoldOut, flash.PassSpent, orders.AlreadyPlaced, place_order.QuoteChanged}
    assert (await at.check()).unpaid == 3


async def test_a_buyer_gets_their_share_by_account_and_by_telephone(world: World) -> None:
    at = await open_sale(world, quota=5)
    owner = guest()
    await at.buy(owner, phone="13800138000")
    with pytest.raises(flash.BuyerLimit):
        await at.token(owner)
    with pytest.raises(flash.BuyerLimit):
        await at.buy(guest(), phone="+86 138 0013 8000")
    assert (await at.check()).unpaid == 1


async def test_one_pass_places_one_order_and_the_same_key_the_same(world: World) -> None:
    at = await open_sale(world, quota=5, per_buyer=2)
    owner = guest()
    token = await at.token(owner)
    first, second = await at.quote(owner, token), await at.quote(owner, token)
    placed = await at.place(first, key="once")
    assert await at.place(first, key="once") == placed
    with pytest.raises(flash.PassSpent):
        await at.place(second)


async def test_what_is_not_paid_for_goes_back_into_the_sale_and_the_next_gets_it(world: World) -> None:
    at = await open_sale(world, quota=1, pay_minutes=2)
    owner = guest()
    placed = await at.buy(owner)
    late = guest()
    waiting = await at.ticket(late)
    await at.settle()
    with pytest.raises(flash.SoldOut):
        await at.turnstile.admit(at.sale.id, ticket=waiting, buyer=buyer_of(late), now=at.now)
    world.clock.advance(timedelta(minutes=2))
    await world.fire_timers()
    assert (await world.trade(placed.trade_id)).status == "expired"
    assert await at.stock() == (5, 1)
    await at.place(await at.quote(late, await at.token(late, waiting)))
    figures = await at.check()
    assert (figures.unpaid, figures.returned) == (1, 1)


async def test_a_cancelled_order_gives_back_paid_or_not_and_money_that_comes_too_late_goes_back(
    world: World,
) -> None:
    at = await open_sale(world, quota=1, pay_minutes=2)
    placed = await at.buy()
    await world.pay(placed.trade_id)
    await world.deliver_notices()
    assert (await at.check()).sold == 1
    wish = cancel_order.CancelOrder(
        trade_id=placed.trade_id, order_id=None, owner=None, reason="changed_mind", by="staff:1"
    )
    await cancel_order.cancel_order(world.ctx, wish, scope="t", key="c", now=at.now)
    assert (await at.check()).returned == 1
    await at.settle()
    await at.buy()
    assert await at.stock() == (5, 1)
    await at.check()


async def test_money_after_the_end_takes_the_piece_again_only_while_the_sale_has_it(world: World) -> None:
    at = await open_sale(world, quota=1, stock=5, pay_minutes=2)
    first = await at.buy()
    started = await world.pay(first.trade_id, script="pending")
    assert started.tenders
    world.clock.advance(timedelta(minutes=3))
    async with world.db.transaction() as tx:
        await flash_stock.let_go(tx, holder=first.trade_id, reason="expired", by="system", now=at.now)
    async with world.db.transaction() as tx:
        await flash_stock.claim_again(tx, trade_id=first.trade_id, now=at.now)
        await inventory.hold(
            tx,
            holder=first.trade_id,
            lines=[inventory.HoldLine(sku_id=at.sku_id, site_id=(await _site(tx)), qty=1)],
            buyer_keys=(),
            expires_at=at.now,
            policy=flash_stock.NO_LIMIT,
            now=at.now,
        )
    assert (await at.check()).returned == 0
    async with world.db.transaction() as tx:
        assert await orders.expire(tx, trade_id=first.trade_id, now=at.now)
        await flash_stock.let_go(tx, holder=first.trade_id, reason="expired", by="system", now=at.now)
    await at.settle()
    await at.buy()
    with pytest.raises(inventory.StockShort):
        async with world.db.transaction() as tx:
            await flash_stock.claim_again(tx, trade_id=first.trade_id, now=at.now)
    await at.check()


async def _site(tx: Any) -> UUID:
    found = await inventory.sites(tx)
    return found[0].id


async def test_nothing_is_sold_before_the_hour_after_it_or_once_stopped(world: World) -> None:
    at = await open_sale(world, quota=2, opened=False)
    owner = guest()
    ticket = await at.ticket(owner)
    with pytest.raises(flash.NotYourTurn):
        await at.turnstile.admit(at.sale.id, ticket=ticket, buyer=buyer_of(owner), now=at.now)
    assert (await at.check()).orders == 0
    world.clock.advance(timedelta(minutes=1))
    quote = await at.quote(owner, await at.token(owner, ticket))
    async with world.db.transaction() as tx:
        await run_flash_sale.stop_flash_sale(tx, sale_id=at.sale.id, by="staff:1", now=at.now)
    assert await at.stock() == (5, 0)
    with pytest.raises(Problem) as refused:
        await at.place(quote)
    assert refused.value.code == "flash.not_running"


async def test_an_order_that_ends_after_the_sale_frees_its_piece_for_the_shop(world: World) -> None:
    at = await open_sale(world, quota=1, pay_minutes=2)
    await at.buy()
    async with world.db.transaction() as tx:
        await run_flash_sale.stop_flash_sale(tx, sale_id=at.sale.id, by="staff:1", now=at.now)
    assert await at.stock() == (5, 1)
    world.clock.advance(timedelta(minutes=3))
    await world.fire_timers()
    assert await at.stock() == (5, 0)
    await at.check()


async def test_the_clock_opens_and_closes_by_itself(world: World) -> None:
    at = await open_sale(world, quota=1)
    await world.fire_timers()
    async with world.db.read() as session:
        assert (await flash.get_sale(session, sale_id=at.sale.id)).status == "open"
    world.clock.advance(timedelta(hours=2))
    await world.fire_timers()
    async with world.db.read() as session:
        assert (await flash.get_sale(session, sale_id=at.sale.id)).status == "closed"
    assert await at.stock() == (5, 0)


async def test_a_scheduled_sale_is_taken_back_changed_and_scheduled_again(world: World) -> None:
    at = await open_sale(world, quota=4, opened=False)
    async with world.db.transaction() as tx:
        draft = await run_flash_sale.withdraw_flash_sale(tx, sale_id=at.sale.id, by="staff:1", now=at.now)
    assert await at.stock() == (5, 0)
    plan = flash.Plan(
        titles={"en": "Anew"},
        channel="web",
        currency="CNY",
        opens_at=at.sale.opens_at,
        closes_at=at.sale.closes_at,
        lines=(flash.NewLine(sku_id=at.sku_id, price=1, quota=6),),
    )
    async with world.db.transaction() as tx:
        with pytest.raises(Stale):
            await run_flash_sale.change_flash_sale(
                tx, sale_id=draft.id, version=draft.version - 1, plan=plan, now=at.now
            )
    async with world.db.transaction() as tx:
        changed = await run_flash_sale.change_flash_sale(
            tx, sale_id=draft.id, version=draft.version, plan=plan, now=at.now
        )
    assert (changed.titles, changed.quota) == ({"en": "Anew"}, 6)
    with pytest.raises(inventory.StockShort):
        async with world.db.transaction() as tx:
            await run_flash_sale.schedule_flash_sale(tx, sale_id=draft.id, now=at.now)
    async with world.db.read() as session:
        assert (await flash.get_sale(session, sale_id=draft.id)).status == "draft"


async def test_an_open_sale_is_neither_withdrawn_nor_changed(world: World) -> None:
    at = await open_sale(world)
    with pytest.raises((IllegalTransition, Invalid)):
        async with world.db.transaction() as tx:
            await run_flash_sale.withdraw_flash_sale(tx, sale_id=at.sale.id, by="staff:1", now=at.now)
    assert await at.stock() == (5, 2)


async def test_a_lane_whose_process_died_is_called_on_by_another(world: World) -> None:
    at = await open_sale(world, quota=2)
    owner = guest()
    ticket = await at.ticket(owner)
    await at.settle()
    world.clock.advance(timedelta(seconds=20))
    other = Sale(world, at.sku_id, at.sale)
    for _ in range(3):
        await other.settle()
    how = await other.turnstile.standing(at.sale.id, ticket=ticket, now=other.now)
    assert how.state == "called"
    assert await other.token(owner, ticket)


async def test_two_processes_share_the_room_and_give_one_buyer_one_pass(world: World) -> None:
    at = await open_sale(world, quota=4)
    beside = Sale(world, at.sku_id, at.sale)
    owner = guest()
    tickets = [await at.ticket(owner), await beside.ticket(owner)]
    for _ in range(3):
        await at.settle()
        await beside.settle()
    assert (await at.token(owner, tickets[0])).split(".")[0]
    first = at.turnstile.read_pass(
        at.sale.id, token=await at.token(owner, tickets[0]), buyer=buyer_of(owner), now=at.now
    )
    second = beside.turnstile.read_pass(
        at.sale.id, token=await beside.token(owner, tickets[1]), buyer=buyer_of(owner), now=at.now
    )
    assert first == second


async def test_the_database_itself_refuses_one_piece_too_many(world: World) -> None:
    at = await open_sale(world, quota=2)
    with pytest.raises(asyncpg.CheckViolationError):
        async with world.db.transaction() as tx:
            await tx.execute("UPDATE flash.line SET taken = 3 WHERE sale_id = $1", at.sale.id)


async def test_what_was_looked_for_and_not_found_leaves_the_sale(world: World) -> None:
    at = await open_sale(world, quota=2)
    placed = await at.buy()
    await world.pay(placed.trade_id)
    await world.deliver_notices()
    wish = cancel_order.CancelOrder(
        trade_id=placed.trade_id, order_id=None, owner=None, reason="out_of_stock", by="staff:1", missing=True
    )
    await cancel_order.cancel_order(world.ctx, wish, scope="t", key="c", now=at.now)
    assert await at.stock() == (4, 1)
    await at.check()
