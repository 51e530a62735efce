"""A whole small world for tests of journeys: shop, money, goods and time, with the real sandbox and carrier inside."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from litestar import Litestar

from daji.adapters.carrier.simulated import SimulatedCarrier
from daji.adapters.payment.sandbox.client import SandboxGateway
from daji.adapters.payment.sandbox.keys import ensure_keys
from daji.adapters.payment.sandbox.port import SandboxPort
from daji.adapters.payment.sandbox.service.app import create_app, deliver_due
from daji.boot import FLOWS, make_timers
from daji.flows import (
    check_out,
    examine_house,
    offers,
    place_order,
    quote_checkout,
    settle_payment,
    ship_order,
    start_payment,
    track_parcel,
    work_order,
)
from daji.flows.context import Context, Policies
from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.kit import ids, runs, timers
from daji.kit.clock import SimClock
from daji.kit.db import Database
from daji.kit.outbound import Answer, Question, Within, application
from daji.kit.places import Address
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.trade.cart import api as cart
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments

START = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
HANGZHOU = Address(
    name="王小明",
    phone="+8613800000000",
    country="CN",
    region="浙江省",
    city="杭州市",
    district="西湖区",
    line="文三路 1 号",
    postcode="310012",
    lat=30.27,
    lon=120.13,
)
CONTACT = cart.Contact(name="王小明", phone="+8613800000000", email="")
SECRET = b"0" * 32


STANDS_STILL = frozenset({"parked_events", "timers", "journeys"})


class World:
    """Everything a journey needs; its clock moves only when told."""

    def __init__(
        self,
        db: Database,
        folder: Path,
        keys: Path | None = None,
        policies: Policies | None = None,
        *,
        start: datetime = START,
    ) -> None:
        self.db = db
        self.folder = folder
        self.clock = SimClock(start)
        self._serial = 0
        self.category_id: UUID | None = None
        self.list_id: UUID | None = None
        self.notices: list[Question] = []
        sandbox_folder = folder / "sandbox"
        if keys is not None and not sandbox_folder.exists():
            shutil.copytree(keys, sandbox_folder)
        self.sandbox: Litestar = create_app(
            folder=sandbox_folder,
            clock=self.clock.now,
            base_url="http://sandbox.test",
            http=Within(self._receive_notice),
        )
        self.http = Within(application(self.sandbox))
        self.client = SandboxGateway(
            http=self.http,
            base_url="http://sandbox.test",
            keys=ensure_keys(sandbox_folder),
            clock=self.clock.now,
        )
        self.gateway = SandboxPort(self.client)
        self.carrier = SimulatedCarrier(
            folder=folder / "carrier",
            secret=SECRET,
            clock=self.clock.now,
            http=Within(self._receive_tracking),
            notify_url="http://shop.test/notify/carriers/simulated",
        )
        self.ctx = Context(
            db=db,
            gateways={self.gateway.code: self.gateway},
            carriers={self.carrier.code: self.carrier},
            policies=policies or Policies(public_url="http://shop.test"),
        )

    async def close(self) -> None:
        await self.carrier.aclose()
        self.sandbox.state.sandbox.db.close()

    async def _receive_notice(self, request: Question) -> Answer:
        self.notices.append(request)
        return await self.take_notice(request)

    async def take_notice(self, request: Question) -> Answer:
        """What the webhook's face does with a message."""
        notice = self.gateway.parse_notification(request.headers, request.body, self.clock.now())
        given = settle_payment.Settle(gateway=self.gateway.code, notice=notice)
        await settle_payment.settle_payment(self.ctx, given, now=self.clock.now())
        return Answer(status=204)

    async def _receive_tracking(self, request: Question) -> Answer:
        for event in self.carrier.parse_event(request.headers, request.body, self.clock.now()):
            await track_parcel.track_parcel(
                self.ctx, carrier=self.carrier.code, event=event, now=self.clock.now()
            )
        return Answer(status=204)

    async def open_shop(self, *, currency: str = "CNY") -> None:
        """A channel with a price list, one category, free freight everywhere."""
        now = self.clock.now()
        async with self.db.transaction() as tx:
            await pricing.save_channel(tx, code="web", name="Web", currency=currency, lang="zh", now=now)
            prices = await pricing.save_list(tx, code="retail", channel="web", currency=currency, now=now)
            category = await catalog.create_category(
                tx, code="tea", names={"zh": "茶", "en": "Tea"}, by="system", now=now
            )
        self.list_id, self.category_id = prices.id, category.id
        await self.freight(0, currency=currency)

    async def open_abroad(self, currency: str = "USD", *, freight: int | None = 0) -> UUID:
        """A further channel of the storefront; its price list. Sending is not priced there with `freight` None."""
        now, code = self.clock.now(), f"web-{currency.lower()}"
        async with self.db.transaction() as tx:
            await pricing.save_channel(tx, code=code, name=code, currency=currency, lang="en", now=now)
            prices = await pricing.save_list(tx, code=code, channel=code, currency=currency, now=now)
        if freight is not None:
            await self.freight(freight, currency=currency, code=f"flat-{currency.lower()}")
        return prices.id

    async def price(self, sku_id: UUID, amount: int, list_id: UUID) -> None:
        now = self.clock.now()
        async with self.db.transaction() as tx:
            await pricing.set_prices(
                tx,
                list_id=list_id,
                prices=[pricing.NewPrice(sku_id=sku_id, amount=amount)],
                valid_from=now,
                by="system",
                now=now,
            )

    async def freight(
        self, fee: int, *, currency: str = "CNY", free_from: int | None = None, code: str = "flat"
    ) -> None:
        """One flat fee for everybody, by the default template of the currency."""
        now = self.clock.now()
        async with self.db.transaction() as tx:
            template = await delivery.save_template(
                tx,
                code=code,
                name="Flat",
                currency=currency,
                mode="table",
                rules=(
                    delivery.FreightRule(
                        regions=("*",),
                        first_g=1_000_000,
                        first_fee=fee,
                        step_g=1_000,
                        step_fee=0,
                        free_from=free_from,
                        transit_hours=48,
                    ),
                ),
                now=now,
            )
            await delivery.assign_template(tx, seller_id=None, template_id=template.id)

    async def site(
        self, code: str = "HZ", *, seller_id: UUID | None = None, lat: float = 30.3, lon: float = 120.2
    ) -> UUID:
        async with self.db.transaction() as tx:
            site = await inventory.open_site(
                tx,
                code=code,
                name=code,
                kind="warehouse",
                seller_id=seller_id,
                country="CN",
                region="浙江省",
                city="杭州市",
                postcode="310000",
                lat=lat,
                lon=lon,
                now=self.clock.now(),
            )
        return site.id

    async def sku(
        self,
        *,
        price: int = 1299,
        stock: int = 10,
        site_id: UUID | None = None,
        seller_id: UUID | None = None,
    ) -> UUID:
        """A listed product with one SKU, priced, with `stock` units at the site."""
        assert self.category_id is not None
        assert self.list_id is not None
        self._serial += 1
        now = self.clock.now()
        async with self.db.transaction() as tx:
            product = await catalog.create_product(
                tx,
                product=catalog.NewProduct(
                    code=f"P{self._serial}",
                    category_id=self.category_id,
                    seller_id=seller_id,
                    texts={
                        "zh": catalog.Text(title=f"龙井 {self._serial} 号"),
                        "en": catalog.Text(title=f"Longjing {self._serial}"),
                    },
                    skus=(catalog.NewSku(code=f"P{self._serial}-1", weight_g=250),),
                ),
                by="system",
                now=now,
            )
            await catalog.change_status(tx, product_id=product.id, verb="submit", by="system", now=now)
            await catalog.change_status(tx, product_id=product.id, verb="approve", by="system", now=now)
            sku_id = product.skus[0].id
            await pricing.set_prices(
                tx,
                list_id=self.list_id,
                prices=[pricing.NewPrice(sku_id=sku_id, amount=price)],
                valid_from=now,
                by="system",
                now=now,
            )
        if stock:
            await self.restock(sku_id, stock, site_id or await self.site())
        return sku_id

    async def restock(self, sku_id: UUID, qty: int, site_id: UUID) -> None:
        async with self.db.transaction() as tx:
            await inventory.receive(
                tx,
                site_id=site_id,
                lines=[inventory.StockLine(sku_id=sku_id, qty=qty)],
                ref="asn",
                by="system",
                now=self.clock.now(),
            )

    async def quote(self, items: dict[UUID, int], *, owner: cart.Owner | None = None) -> cart.Quote:
        return await quote_checkout.quote_checkout(
            self.ctx,
            offers.QuoteRequest(
                owner=owner or guest(),
                channel="web",
                lang="zh",
                address=HANGZHOU,
                contact=CONTACT,
                items=tuple(items.items()),
            ),
            now=self.clock.now(),
        )

    async def place_quote(self, quote: cart.Quote, *, key: str | None = None) -> place_order.Placed:
        return await place_order.place_order(
            self.ctx,
            place_order.PlaceOrder(
                quote_id=quote.id, owner=quote.owner, buyer_keys=(str(quote.owner.guest_token),), by="guest"
            ),
            scope=f"guest:{quote.owner.guest_token}",
            key=key or str(ids.new_id()),
            now=self.clock.now(),
        )

    async def place(self, items: dict[UUID, int], *, owner: cart.Owner | None = None) -> place_order.Placed:
        return await self.place_quote(await self.quote(items, owner=owner))

    async def check_out(
        self, quote: cart.Quote, *, owner: cart.Owner, scope: str = "test", key: str, script: str = "approve"
    ) -> place_order.Placed:
        """Place and pay by one tap."""
        done = await check_out.check_out(
            self.ctx,
            check_out.CheckOut(
                order=place_order.PlaceOrder(
                    quote_id=quote.id, owner=owner, buyer_keys=(str(owner.guest_token),), by="guest"
                ),
                tender=start_payment.TenderAsk(method="wallet", script=script),
                return_base="http://shop.test/paid/",
                gateway="sandbox",
            ),
            scope=scope,
            key=key,
            now=self.clock.now(),
        )
        return done.placed

    async def pay(
        self,
        trade_id: UUID,
        *,
        script: str | None = "approve",
        amount: int | None = None,
        key: str | None = None,
    ) -> start_payment.Started:
        return await start_payment.start_payment(
            self.ctx,
            start_payment.StartPayment(
                trade_id=trade_id,
                owner=None,
                tenders=(start_payment.TenderAsk(method="wallet", amount=amount, script=script),),
                return_url="http://shop.test/back",
                gateway="sandbox",
            ),
            scope="test",
            key=key or str(ids.new_id()),
            now=self.clock.now(),
        )

    async def paid_order(self, items: dict[UUID, int]) -> orders.Trade:
        placed = await self.place(items)
        await self.pay(placed.trade_id)
        return await self.trade(placed.trade_id)

    async def ship(self, order_id: UUID) -> ship_order.Shipped:
        """Pick all, pack, and hand over."""
        now = self.clock.now()
        await work_order.pick_order(
            self.ctx,
            work_order.PickOrder(order_id=order_id, by="staff:1"),
            scope="test",
            key=f"pick{order_id}",
            now=now,
        )
        await work_order.pack_order(
            self.ctx,
            work_order.PackOrder(order_id=order_id, by="staff:1", weight_g=500),
            scope="test",
            key=f"pack{order_id}",
            now=now,
        )
        return await ship_order.ship_order(
            self.ctx,
            ship_order.ShipOrder(order_id=order_id, carrier=self.carrier.code, by="staff:1"),
            scope="test",
            key=f"ship{order_id}",
            now=now,
        )

    async def deliver(self, order_id: UUID) -> None:
        """Ship it and let the carrier drive until it is delivered."""
        await self.ship(order_id)
        for _ in range(40):
            self.clock.advance(timedelta(hours=6))
            await self.carrier.advance(self.clock.now())
            async with self.db.read() as session:
                order = await orders.get_order(session, order_id=order_id, owner=None)
            if order.delivery == "delivered":
                return
        raise AssertionError(f"still {order.delivery} after ten days")

    async def deliver_notices(self) -> None:
        await deliver_due(self.sandbox, self.clock.now())

    async def fire_timers(self) -> timers.FireReport:
        return await timers.fire_due(self.db, make_timers(self.ctx), now=self.clock.now())

    async def resume(self) -> int:
        async with self.db.transaction() as tx:
            await tx.execute("UPDATE kit.runs SET leased_until = clock_timestamp() - interval '1 s'")
        return await runs.resume_stale(self.db, FLOWS, self.ctx, now=self.clock.now())

    async def trade(self, trade_id: UUID) -> orders.Trade:
        async with self.db.read() as session:
            return await orders.get_trade(session, trade_id=trade_id, owner=None)

    async def payable(self, trade_id: UUID) -> payments.Payable:
        async with self.db.read() as session:
            return await payments.get_payable(session, trade_id=trade_id)

    async def stock(self, sku_id: UUID) -> list[tuple[int, int, int]]:
        """(on hand, held, quarantined) per site."""
        async with self.db.read() as session:
            rows = await inventory.availability(session, sku_ids=[sku_id])
        return [(row.on_hand, row.held, row.quarantined) for row in rows]

    async def check(self) -> None:
        """The invariants of goods, orders and money, which hold after whatever happened; work may stand still in a test."""
        findings = await examine_house.examine(self.db)
        broken = {one.code: one.wrong for one in findings if one.broken and one.code not in STANDS_STILL}
        assert not broken, broken


def guest(name: str | None = None) -> cart.Owner:
    return cart.Owner(guest_token=name or str(ids.new_id()))
