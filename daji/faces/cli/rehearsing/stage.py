"""A shop that is made for one rehearsal: an embedded database, one product, one sale, and two web processes' worth of face."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from daji import migrations
from daji.boot import House, Rehearsal, open_house, rehearse
from daji.faces.app import create_app
from daji.faces.cli.rehearsing.door import Door
from daji.faces.http.settings import HttpSettings, LimitSettings, for_url
from daji.flows import run_flash_sale
from daji.flows.context import Policies
from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.grow.flash import api as flash
from daji.kit import timers as clockwork
from daji.kit.clock import SimClock
from daji.kit.db import Database, embedded
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing

PRICE, SALE_PRICE = 129_900, 9_900
WAIT = timedelta(seconds=10)
"""From the start of the rehearsal to the opening."""
LONG = timedelta(minutes=20)
BY = "staff:rehearsal"


@dataclass(kw_only=True)
class Stage:
    """All that a crowd needs: the doors, the clock that is moved by hand, the sale and who tells of money."""

    house: House
    rehearsal: Rehearsal
    clock: SimClock
    doors: tuple[Door, ...]
    settings: HttpSettings
    sale: flash.Sale
    sku_id: UUID

    async def tick(self) -> None:
        """What a worker does every second: timers that are due, and the gateway's messages."""
        await self.rehearsal.deliver_notices()

        await clockwork.fire_due(self.house.db, self.rehearsal.timers, now=self.clock.now(), limit=1_000)


@asynccontextmanager
async def open_stage(
    *, stock: int, extra: int, processes: int, pay_minutes: int, start: datetime
) -> AsyncIterator[Stage]:
    """Build it in a folder of its own, and throw it away at the end. The machine's own shop is not touched."""
    folder = Path(tempfile.mkdtemp(prefix="daji-rehearsal-"))
    folder.chmod(0o755)  # noqa: ASYNC240 - nobody else waits
    server = embedded.start(folder)
    try:
        await migrations.upgrade(server.url)
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DAJI_")},
            "DAJI_DATABASE_URL": server.url,
            "DAJI_DATABASE_POOL": "16",
            "DAJI_HOME": str(folder),
        }
        house = await open_house(env=env, clock=SimClock(start), application="daji-rehearsal")
        try:
            async with _wired(house, stock, extra, processes, pay_minutes) as stage:
                yield stage
        finally:
            await house.close()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _wired(
    house: House, stock: int, extra: int, processes: int, pay_minutes: int
) -> AsyncIterator[Stage]:
    clock: Any = house.clock
    rehearsal = rehearse(house, clock=clock, policies=Policies())
    house = replace(house, ctx=rehearsal.ctx, timers=rehearsal.timers, carrier=rehearsal.carrier)
    try:
        sale, sku_id = await _plan(house.db, stock, extra, pay_minutes, clock.now())
        start = clock.now()
        limits = LimitSettings(trusted_networks="")
        doors = []
        for _ in range(processes):
            app = create_app(replace(house), limits=limits)
            _move_throttle(app, lambda: (clock.now() - start).total_seconds())  # noqa: PLW0108 - it moves
            doors.append(Door(app))
        yield Stage(
            house=house,
            rehearsal=rehearsal,
            clock=clock,
            doors=tuple(doors),
            settings=for_url(house.settings.base_url, secret=house.secret),
            sale=sale,
            sku_id=sku_id,
        )
    finally:
        await rehearsal.close()


def _move_throttle(app: Any, seconds: Callable[[], float]) -> None:
    """Let budgets refill by the rehearsal's clock: a second of it takes longer than a second."""
    app.asgi_handler._meter._clock = seconds  # noqa: SLF001 - nobody else may move it


async def _plan(
    db: Database, stock: int, extra: int, pay_minutes: int, now: datetime
) -> tuple[flash.Sale, UUID]:
    """One product with `stock + extra` pieces, of which the sale gets `stock`."""
    async with db.transaction() as tx:
        await pricing.save_channel(tx, code="web", name="Web", currency="CNY", lang="zh", now=now)
        prices = await pricing.save_list(tx, code="retail", channel="web", currency="CNY", now=now)
        category = await catalog.create_category(
            tx, code="phones", names={"zh": "手机", "en": "Phones"}, by=BY, now=now
        )
        site = await inventory.open_site(
            tx,
            code="WH",
            name="WH",
            kind="warehouse",
            seller_id=None,
            country="CN",
            region="浙江省",
            city="杭州市",
            postcode="",
            lat=None,
            lon=None,
            now=now,
        )
    async with db.transaction() as tx:
        sku_id = await _product(tx, category.id, prices.id, now)
    async with db.transaction() as tx:
        await inventory.receive(
            tx,
            site_id=site.id,
            lines=[inventory.StockLine(sku_id=sku_id, qty=stock + extra)],
            ref="rehearsal",
            by=BY,
            now=now,
        )
    async with db.transaction() as tx:
        await _free_freight(tx, now)
    plan = flash.Plan(
        titles={"zh": "演练", "en": "Rehearsal"},
        channel="web",
        currency="CNY",
        opens_at=now + WAIT,
        closes_at=now + WAIT + LONG,
        audience="anyone",
        pass_minutes=2,
        pay_minutes=pay_minutes,
        lines=(flash.NewLine(sku_id=sku_id, price=SALE_PRICE, quota=stock),),
    )
    async with db.transaction() as tx:
        draft = await run_flash_sale.plan_flash_sale(tx, plan=plan, by=BY, now=now)
    async with db.transaction() as tx:
        return await run_flash_sale.schedule_flash_sale(tx, sale_id=draft.id, now=now), sku_id


async def _product(tx: Any, category_id: UUID, list_id: UUID, now: datetime) -> UUID:
    product = await catalog.create_product(
        tx,
        product=catalog.NewProduct(
            code="REHEARSAL",
            category_id=category_id,
            texts={"zh": catalog.Text(title="演练商品"), "en": catalog.Text(title="Rehearsed product")},
            skus=(catalog.NewSku(code="REHEARSAL-1", weight_g=250),),
        ),
        by=BY,
        now=now,
    )
    for verb in ("submit", "approve"):
        await catalog.change_status(tx, product_id=product.id, verb=verb, by=BY, now=now)
    sku_id = product.skus[0].id
    price = pricing.NewPrice(sku_id=sku_id, amount=PRICE)
    await pricing.set_prices(tx, list_id=list_id, prices=[price], valid_from=now, by=BY, now=now)
    return sku_id


async def _free_freight(tx: Any, now: datetime) -> None:
    rule = delivery.FreightRule(
        regions=("*",),
        first_g=1_000_000,
        first_fee=0,
        step_g=1_000,
        step_fee=0,
        free_from=None,
        transit_hours=48,
    )
    template = await delivery.save_template(
        tx, code="free", name="Free", currency="CNY", mode="table", rules=(rule,), now=now
    )
    await delivery.assign_template(tx, seller_id=None, template_id=template.id)
