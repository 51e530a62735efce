"""One order's life: each method is a step that its buyer, the warehouse or the service desk takes.

A step answers False when its time has not come, such as a review of what is still on the road.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Literal
from uuid import UUID

from daji.care.aftersales import api as aftersales
from daji.faces.cli.demoshop import people
from daji.faces.cli.demoshop.plan import Visit
from daji.faces.cli.demoshop.snaps import snap
from daji.faces.cli.demoshop.stage import SCOPE, Stage
from daji.flows.cancel_order import CancelOrder, cancel_order
from daji.flows.offers import QuoteRequest
from daji.flows.place_order import PlaceOrder, QuoteChanged, place_order
from daji.flows.post_review import post_review_with_pictures
from daji.flows.quote_checkout import quote_checkout
from daji.flows.return_goods import AskReturn, SettleReturn, ask_return, close_without_refund, settle_return
from daji.flows.ship_order import ShipOrder, ship_order
from daji.flows.start_payment import StartPayment, TenderAsk, start_payment
from daji.flows.work_order import PackOrder, PickOrder, pack_order, pick_order
from daji.fulfil.inventory import api as inventory
from daji.fulfil.warehouse import api as warehouse
from daji.kit.db import Tx
from daji.shop.reviews import api as reviews
from daji.trade.cart.api import Contact, Owner
from daji.trade.orders import api as orders

_PARCEL_MM = (320, 240, 160)
_BOX_G = 180
_METHODS = ("wallet", "wallet", "credit_card", "debit_card")
_DEAR = 50_000
_INSTALMENTS = (1, 1, 3, 6, 12)
_GRADES: tuple[inventory.Grade, ...] = ("restock", "restock", "restock", "quarantine", "scrap")
_DESK_NOTE = timedelta(minutes=1)


@dataclass(kw_only=True)
class Life:
    """`over` is set when nothing more will happen: the goods were gone before they were ordered."""

    stage: Stage
    visit: Visit
    over: bool = False
    trade_id: UUID | None = None
    guest: str | None = None
    case_ids: list[UUID] = field(default_factory=list)

    @property
    def owner(self) -> Owner:
        if self.visit.member:
            return Owner(shopper_id=self.stage.members[self.visit.buyer.key])
        return Owner(guest_token=self.guest)

    @property
    def by(self) -> str:
        if self.guest is None:
            return f"shopper:{self.owner.shopper_id}"
        return f"guest:{sha256(self.guest.encode()).hexdigest()[:16]}"

    @property
    def dice(self) -> Random:
        """Draws of this order, the same in every run."""
        return Random(self.visit.n)  # noqa: S311 - a history, not a secret

    async def trade(self) -> orders.Trade:
        if self.trade_id is None:
            raise orders.TradeUnknown
        async with self.stage.house.db.read() as session:
            return await orders.get_trade(session, trade_id=self.trade_id, owner=None)

    async def _arrive(self) -> None:
        """A member has an account from the first order on, a guest has a secret."""
        buyer = self.visit.buyer
        if not self.visit.member:
            self.guest = secrets.token_urlsafe(24)
            return
        now, passwords = self.stage.now, self.stage.passwords
        # Two orders of one person may come at once; there is one account.
        async with self.stage.joining:
            if buyer.key not in self.stage.members:
                self.stage.members[buyer.key] = await self.stage.house.db.run(
                    lambda tx: people.join(tx, buyer, passwords=passwords, now=now)
                )

    async def place(self) -> bool:
        stage, visit, buyer = self.stage, self.visit, self.visit.buyer
        await self._arrive()
        stage.done()
        try:
            quote = await quote_checkout(
                stage.outside.ctx,
                QuoteRequest(
                    owner=self.owner,
                    channel=visit.channel,
                    lang=buyer.lang,
                    address=buyer.address,
                    contact=Contact(name=buyer.name, phone=buyer.phone, email=buyer.email),
                    items=tuple((stage.skus[code], qty) for code, qty in visit.items.items()),
                ),
                now=stage.now,
            )
            placed = await place_order(
                stage.outside.ctx,
                PlaceOrder(quote_id=quote.id, owner=self.owner, buyer_keys=(self.by,), by=self.by),
                scope=SCOPE,
                key=f"place:{visit.n}",
                now=stage.now,
            )
        except (inventory.StockShort, inventory.HoldLimit, QuoteChanged):
            self.over = True
            stage.seen["sold_out"] += 1
            return True
        self.trade_id = placed.trade_id
        stage.seen["orders"] += 1
        return True

    async def pay(self) -> bool:
        return await self._go_to_gateway("approve")

    async def decline(self) -> bool:
        return await self._go_to_gateway("decline")

    async def _go_to_gateway(self, script: Literal["approve", "decline"]) -> bool:
        trade = await self.trade()
        ctx, dice = self.stage.outside.ctx, self.dice
        method = dice.choice(_METHODS)
        dear = method == "credit_card" and trade.due >= _DEAR
        await start_payment(
            ctx,
            StartPayment(
                trade_id=trade.id,
                owner=self.owner,
                tenders=(
                    TenderAsk(
                        method=method, instalments=dice.choice(_INSTALMENTS) if dear else 1, script=script
                    ),
                ),
                return_url=f"{ctx.policies.public_url}/",
                gateway=ctx.policies.gateway,
            ),
            scope=SCOPE,
            key=f"{script}:{self.visit.n}",
            now=self.stage.now,
        )
        return True

    async def pick(self) -> bool:
        for order in await self._at_work():
            given = PickOrder(order_id=order.id, by=self.stage.staff.warehouse)
            key = f"pick:{order.id}"
            await pick_order(self.stage.outside.ctx, given, scope=SCOPE, key=key, now=self.stage.now)
        return True

    async def pick_part(self) -> bool:
        """Somebody began at the shelf and was called away; of a single piece there is no half."""
        for order in await self._at_work():
            if picked := _half(order):
                given = PickOrder(order_id=order.id, by=self.stage.staff.warehouse, picked=picked)
                key = f"pick_part:{order.id}"
                await pick_order(self.stage.outside.ctx, given, scope=SCOPE, key=key, now=self.stage.now)
        return True

    async def pack(self) -> bool:
        for order in await self._at_work():
            given = PackOrder(
                order_id=order.id,
                by=self.stage.staff.warehouse,
                weight_g=order.weight_g + _BOX_G,
                size_mm=_PARCEL_MM,
            )
            key = f"pack:{order.id}"
            await pack_order(self.stage.outside.ctx, given, scope=SCOPE, key=key, now=self.stage.now)
        return True

    async def ship(self) -> bool:
        ctx, way = self.stage.outside.ctx, self.visit.way
        self.stage.outside.carrier.obey(self.visit.buyer.address, frozenset({way} if way else ()))
        for order in await self._at_work():
            given = ShipOrder(order_id=order.id, carrier=ctx.policies.carrier, by=self.stage.staff.warehouse)
            await ship_order(ctx, given, scope=SCOPE, key=f"ship:{order.id}", now=self.stage.now)
            self.stage.seen["parcels"] += 1
        return True

    async def _at_work(self) -> list[orders.Order]:
        return [order for order in (await self.trade()).orders if order.status == "confirmed"]

    async def review(self) -> bool:
        trade = await self.trade()
        if not _all_there(trade):
            return False
        by_code = {line.code: line for order in trade.orders for line in order.lines}
        for code, opinion in self.visit.opinions.items():
            posted = await post_review_with_pictures(
                self.stage.outside.ctx,
                storage=self.stage.house.storage,
                trade_id=trade.id,
                line_id=by_code[code].id,
                owner=self.owner,
                by=self.by,
                score=opinion.score,
                title=opinion.title,
                text=opinion.text,
                pictures=[snap(opinion.shot)] if opinion.shot else [],
                now=self.stage.now,
            )
            self.stage.seen["reviews"] += 1
            if opinion.reply:
                await self._answer(posted.id, opinion.reply)
        return True

    async def _answer(self, review_id: UUID, text: str) -> None:
        now, by = self.stage.now + _DESK_NOTE, self.stage.staff.service

        async def answer(tx: Tx) -> None:
            await reviews.reply(tx, review_id=review_id, text=text, by=by, now=now)

        await self.stage.house.db.run(answer)

    async def cancel(self) -> bool:
        await self._cancel(self.by, self.owner)
        return True

    async def call_off(self) -> bool:
        """The parcel came back to the house: the desk cancels what nobody took in."""
        if any(order.delivery != "returned" for order in (await self.trade()).orders):
            return False
        await self._cancel(self.stage.staff.service, None)
        return True

    async def _cancel(self, by: str, owner: Owner | None) -> None:
        trade = await self.trade()
        await cancel_order(
            self.stage.outside.ctx,
            CancelOrder(trade_id=trade.id, order_id=None, owner=owner, reason=self.visit.reason, by=by),
            scope=SCOPE,
            key=f"cancel:{self.visit.n}",
            now=self.stage.now,
        )
        self.stage.seen["cancelled"] += 1

    async def ask(self) -> bool:
        """Ask to send back one piece of everything, or for money back."""
        trade, visit = await self.trade(), self.visit
        if visit.way != "lost" and not _all_there(trade):
            return False
        for order in trade.orders:
            if visit.way == "lost" and order.delivery == "delivered":
                # Found after all, as parcels are.
                continue
            units = (
                tuple(unit.id for line in order.lines for unit in line.units)
                if visit.way == "lost"
                else tuple(line.units[0].id for line in order.lines)
            )
            asked = await ask_return(
                self.stage.outside.ctx,
                AskReturn(
                    order_id=order.id,
                    owner=self.owner,
                    unit_ids=units,
                    kind=visit.kind,
                    reason=visit.reason,
                    note=visit.note,
                    by=self.by,
                ),
                scope=SCOPE,
                key=f"ask:{order.id}",
                now=self.stage.now,
            )
            self.case_ids.append(asked.case_id)
            self.stage.seen["cases"] += 1
        return True

    async def agree(self) -> bool:
        now, by = self.stage.now, self.stage.staff.service

        async def approve(tx: Tx) -> None:
            for case_id in self.case_ids:
                await aftersales.approve(tx, case_id=case_id, by=by, now=now)

        await self.stage.house.db.run(approve)
        return True

    async def reject(self) -> bool:
        await self._close("reject", self.visit.answer, self.stage.staff.service, None)
        return True

    async def withdraw(self) -> bool:
        await self._close("withdraw", "", self.by, self.owner)
        return True

    async def _close(self, verb: str, why: str, by: str, owner: Owner | None) -> None:
        for case_id in self.case_ids:
            await close_without_refund(
                self.stage.outside.ctx,
                case_id=case_id,
                verb=verb,
                why=why,
                owner=owner,
                by=by,
                now=self.stage.now,
            )

    async def take_back(self) -> bool:
        """The goods are here, or need not come: what was looked at gets its grade, the money goes back."""
        sites = {order.id: order.site_id for order in (await self.trade()).orders}
        damaged = self.visit.reason in {"damaged", "defective"}
        for case_id in self.case_ids:
            async with self.stage.house.db.read() as session:
                case = await aftersales.get_case(session, case_id=case_id, owner=None)
            grade: inventory.Grade = "quarantine" if damaged else self.dice.choice(_GRADES)
            sent_back = case.kind == "return"
            given = SettleReturn(
                case_id=case_id,
                grades={unit.unit_id: grade for unit in case.units} if sent_back else {},
                site_id=sites[case.order_id] if sent_back else None,
                by=self.stage.staff.warehouse,
            )
            key = f"settle:{case_id}"
            await settle_return(self.stage.outside.ctx, given, scope=SCOPE, key=key, now=self.stage.now)
        return True


def _all_there(trade: orders.Trade) -> bool:
    return all(order.delivery == "delivered" for order in trade.orders)


def _half(order: orders.Order) -> tuple[warehouse.Picked, ...]:
    left = sum(line.qty for line in order.lines) // 2
    found = []
    for line in order.lines:
        qty = min(line.qty, left)
        left -= qty
        if qty:
            found.append(warehouse.Picked(line_id=line.id, qty=qty))
    return tuple(found)
