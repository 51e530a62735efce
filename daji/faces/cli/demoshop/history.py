"""The days behind the demo shop: orders that take the real journeys, on a clock that runs up to the present."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from daji.boot import House, Rehearsal
from daji.care.aftersales import api as aftersales
from daji.faces.cli.demoshop.people import Buyer, Purchase, story
from daji.faces.cli.demoshop.shelves import CHANNEL
from daji.flows.cancel_order import CancelOrder, cancel_order
from daji.flows.place_order import PlaceOrder, place_order
from daji.flows.post_review import post_review
from daji.flows.quote_checkout import QuoteRequest, quote_checkout
from daji.flows.return_goods import AskReturn, SettleReturn, ask_return, settle_return
from daji.flows.ship_order import ShipOrder, ship_order
from daji.flows.start_payment import StartPayment, TenderAsk, start_payment
from daji.flows.work_order import PackOrder, PickOrder, pack_order, pick_order
from daji.kit import timers
from daji.kit.db import Tx
from daji.shop.reviews import api as reviews
from daji.trade.cart.api import Contact, Owner
from daji.trade.orders import api as orders

DAYS = 18
_SCOPE = "demo"
_TICK = timedelta(hours=6)
_PARCEL_MM = (320, 240, 160)
_BOX_G = 180
_METHODS = ("wallet", "wallet", "credit_card", "debit_card")

# What happens to an order, in hours after it was placed, and how far that takes it.
_WORK = (("pay", 0.05), ("pick", 3.0), ("pack", 4.0), ("ship", 5.0))
_FATES: Mapping[str, tuple[tuple[str, float], ...]] = {
    "placed": (),
    "expired": (),
    "paid": _WORK[:1],
    "cancelled": (*_WORK[:1], ("cancel", 1.5)),
    "picking": _WORK[:2],
    "packed": _WORK[:3],
    "shipped": _WORK,
    "delivered": (*_WORK, ("review", 100.0)),
    "completed": (*_WORK, ("review", 110.0)),
    "return_asked": (*_WORK, ("ask", 90.0)),
    "returned": (*_WORK, ("ask", 80.0), ("agree", 86.0), ("take_back", 150.0)),
}


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """Who does the work, in the words of histories."""

    warehouse: str
    service: str


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What every order of the past takes place on."""

    house: House
    outside: Rehearsal
    staff: Staff
    skus: Mapping[str, UUID]
    owners: Mapping[str, UUID]

    @property
    def now(self) -> datetime:
        return self.outside.clock.now()


async def live(stage: Stage, *, until: datetime, done: Callable[[], None]) -> None:
    """Let every order of the story take its steps in their time; `done` is called after each order is placed."""
    agenda: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = []
    buyers = {buyer.key: buyer for buyer in story().buyers}
    for n, purchase in enumerate(story().orders):
        life = _Life(stage=stage, n=n, purchase=purchase, buyer=buyers[purchase.buyer])
        begun = until - timedelta(days=purchase.days)
        agenda.append((begun, n, life.place))
        agenda += [
            (begun + timedelta(hours=hours), n, getattr(life, step)) for step, hours in _FATES[purchase.until]
        ]
    for at, _, step in sorted(agenda, key=lambda entry: entry[:2]):
        await _pass_time(stage, at)
        await step()
        if step.__name__ == "place":
            done()
    await _pass_time(stage, until)


async def _pass_time(stage: Stage, until: datetime) -> None:
    """Let timers ring, parcels drive and the gateway tell, as they would have in the meantime."""
    while stage.now < until:
        stage.outside.clock.set(min(stage.now + _TICK, until))
        await stage.outside.carrier.advance(stage.now)
        await timers.fire_due(stage.house.db, stage.outside.timers, now=stage.now)
        await stage.outside.deliver_notices()


@dataclass(kw_only=True)
class _Life:
    """One order's life; each method is a step that its buyer, the warehouse or the service desk takes."""

    stage: Stage
    n: int
    purchase: Purchase
    buyer: Buyer
    trade_id: UUID | None = None
    case_ids: list[UUID] = field(default_factory=list)

    @property
    def owner(self) -> Owner:
        return Owner(shopper_id=self.stage.owners[self.buyer.key])

    @property
    def by(self) -> str:
        return f"shopper:{self.owner.shopper_id}"

    async def trade(self) -> orders.Trade:
        if self.trade_id is None:
            raise orders.TradeUnknown
        async with self.stage.house.db.read() as session:
            return await orders.get_trade(session, trade_id=self.trade_id, owner=None)

    async def place(self) -> None:
        stage, buyer = self.stage, self.buyer
        quote = await quote_checkout(
            stage.outside.ctx,
            QuoteRequest(
                owner=self.owner,
                channel=CHANNEL,
                lang=buyer.lang,
                address=buyer.address,
                contact=Contact(name=buyer.name, phone=buyer.phone, email=buyer.email),
                items=tuple((stage.skus[code], qty) for code, qty in self.purchase.items.items()),
            ),
            now=stage.now,
        )
        placed = await place_order(
            stage.outside.ctx,
            PlaceOrder(quote_id=quote.id, owner=self.owner, buyer_keys=(self.by,), by=self.by),
            scope=_SCOPE,
            key=f"place:{self.n}",
            now=stage.now,
        )
        self.trade_id = placed.trade_id

    async def pay(self) -> None:
        trade = await self.trade()
        ctx = self.stage.outside.ctx
        method = _METHODS[self.n % len(_METHODS)]
        await start_payment(
            ctx,
            StartPayment(
                trade_id=trade.id,
                owner=self.owner,
                tenders=(TenderAsk(method=method, script="approve"),),
                return_url=f"{ctx.policies.public_url}/",
                gateway=ctx.policies.gateway,
            ),
            scope=_SCOPE,
            key=f"pay:{self.n}",
            now=self.stage.now,
        )

    async def pick(self) -> None:
        for order in (await self.trade()).orders:
            given = PickOrder(order_id=order.id, by=self.stage.staff.warehouse)
            key = f"pick:{order.id}"
            await pick_order(self.stage.outside.ctx, given, scope=_SCOPE, key=key, now=self.stage.now)

    async def pack(self) -> None:
        for order in (await self.trade()).orders:
            given = PackOrder(
                order_id=order.id,
                by=self.stage.staff.warehouse,
                weight_g=order.weight_g + _BOX_G,
                size_mm=_PARCEL_MM,
            )
            key = f"pack:{order.id}"
            await pack_order(self.stage.outside.ctx, given, scope=_SCOPE, key=key, now=self.stage.now)

    async def ship(self) -> None:
        ctx = self.stage.outside.ctx
        for order in (await self.trade()).orders:
            given = ShipOrder(order_id=order.id, carrier=ctx.policies.carrier, by=self.stage.staff.warehouse)
            await ship_order(ctx, given, scope=_SCOPE, key=f"ship:{order.id}", now=self.stage.now)

    async def review(self) -> None:
        trade = await self.trade()
        lines = [line for order in trade.orders for line in order.lines]
        by_code = {line.code: line for line in lines}
        for code, opinion in zip(self.purchase.items, self.purchase.reviews, strict=False):
            posted = await post_review(
                self.stage.outside.ctx,
                trade_id=trade.id,
                line_id=by_code[code].id,
                owner=self.owner,
                score=opinion.score,
                title=opinion.title,
                text=opinion.text,
                now=self.stage.now,
            )
            if opinion.reply:
                await self._answer(posted.id, opinion.reply)

    async def _answer(self, review_id: UUID, text: str) -> None:
        async def answer(tx: Tx) -> None:
            await reviews.reply(
                tx, review_id=review_id, text=text, by=self.stage.staff.service, now=self.stage.now
            )

        await self.stage.house.db.run(answer)

    async def cancel(self) -> None:
        await cancel_order(
            self.stage.outside.ctx,
            CancelOrder(
                trade_id=(await self.trade()).id,
                order_id=None,
                owner=self.owner,
                reason=self.purchase.reason,
                by=self.by,
            ),
            scope=_SCOPE,
            key=f"cancel:{self.n}",
            now=self.stage.now,
        )

    async def ask(self) -> None:
        """Ask to send back one piece of everything."""
        for order in (await self.trade()).orders:
            asked = await ask_return(
                self.stage.outside.ctx,
                AskReturn(
                    order_id=order.id,
                    owner=self.owner,
                    unit_ids=tuple(line.units[0].id for line in order.lines),
                    kind="return",
                    reason=self.purchase.reason,
                    note=self.purchase.note,
                    by=self.by,
                ),
                scope=_SCOPE,
                key=f"ask:{order.id}",
                now=self.stage.now,
            )
            self.case_ids.append(asked.case_id)

    async def agree(self) -> None:
        async def approve(tx: Tx) -> None:
            for case_id in self.case_ids:
                await aftersales.approve(tx, case_id=case_id, by=self.stage.staff.service, now=self.stage.now)

        await self.stage.house.db.run(approve)

    async def take_back(self) -> None:
        """The goods are here: what was damaged waits to be looked at, the money goes back."""
        trade = await self.trade()
        sites = {order.id: order.site_id for order in trade.orders}
        for case_id in self.case_ids:
            async with self.stage.house.db.read() as session:
                case = await aftersales.get_case(session, case_id=case_id, owner=None)
            given = SettleReturn(
                case_id=case_id,
                grades={unit.unit_id: "quarantine" for unit in case.units},
                site_id=sites[case.order_id],
                by=self.stage.staff.warehouse,
            )
            key = f"settle:{case_id}"
            await settle_return(self.stage.outside.ctx, given, scope=_SCOPE, key=key, now=self.stage.now)
