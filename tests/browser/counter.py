"""A shop with work behind the counter: goods on a shelf, orders to pack, holds that wait for money, returns."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from playwright.async_api import Page, expect

from daji.adapters.carrier.simulated.books import Books
from daji.base.identity import api as identity
from daji.boot import LOCK_ORDER
from daji.faces.console.page import BASE
from daji.flows import return_goods
from daji.flows.context import Policies
from daji.kit import ids
from daji.kit.db import DatabaseSettings, LockOrder, open_database
from daji.trade.cart.api import Owner
from tests.browser.conftest import OpenPage
from tests.live import LiveShop
from tests.makers.world import World

PASSWORD = "plum-blossom-in-snow-42"
QUICK = identity.Passwords(memory_kib=64, rounds=1)
ROLES = ("admin", "warehouse", "service", "analyst")


@dataclass(frozen=True, kw_only=True)
class Counter:
    """What was made; codes and numbers as a person types them, ids as the wire has them.

    `unpaid` and `idle` wait for money; `cases` are two pieces of one order that are sent back.
    """

    shop: LiveShop
    sku_codes: tuple[str, ...]
    sku_ids: tuple[UUID, ...]
    order_ids: tuple[str, ...]
    order_numbers: tuple[str, ...]
    unpaid: str
    cases: tuple[str, ...]
    idle: tuple[str, ...]
    shopper: str

    def url(self, path: str) -> str:
        return f"{self.shop.url}{BASE}{path}"

    async def desk(self, open_page: OpenPage, role: str, *, desk: bool = True, lang: str = "zh") -> Page:
        """Somebody of this role, signed in; `desk` False is a phone."""
        page = await open_page(desk=desk)
        # Opening a loudspeaker that is not there holds a browser up for seconds.
        await page.context.add_init_script("localStorage.setItem('daji_station_quiet', '1')")
        await page.context.add_cookies([{"name": "daji_lang", "value": lang, "url": self.shop.url}])
        await page.goto(self.url("/"))
        await page.locator('input[autocomplete="username"]').fill(f"{role}@counter.test")
        await page.locator('input[type="password"]').fill(PASSWORD)
        await page.locator('input[type="password"]').press("Enter")
        await expect(page.locator('input[type="password"]')).to_have_count(0)
        return page


def _count_from(folder: Path, serial: int) -> None:
    """Let this carrier give out other numbers than the running shop's own, which begins at one."""
    folder.mkdir()
    Books(folder / "carrier.sqlite3").find("nobody's")
    with sqlite3.connect(folder / "carrier.sqlite3") as books:
        books.execute(
            "INSERT INTO booking (serial, key, tracking_no, fingerprint, collected_at, cancelled_at)"
            " VALUES (?, 'first', 'none', '', 0, 0)",
            (serial,),
        )


async def fill(shop: LiveShop, folder: Path) -> Counter:
    """Make it all through the rooms' own doors; the gateway is the running shop's."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nobody waits
    (folder / "sandbox").symlink_to(shop.home / "sandbox", target_is_directory=True)
    _count_from(folder / "carrier", 5_000)
    db = await open_database(DatabaseSettings(url=shop.database_url), lock_order=LockOrder(LOCK_ORDER))
    # The running shop's worker lives today: what is to be paid must not be overdue by its clock.
    patient = Policies(public_url="http://shop.test", pay_within_minutes=7 * 24 * 60)
    world = World(db, folder, policies=patient, start=datetime.now(UTC) - timedelta(days=2))
    try:
        now = world.clock.now()
        async with db.transaction() as tx:
            for role in ROLES:
                await identity.create_staff(
                    tx, email=f"{role}@counter.test", name=role.title(), password=PASSWORD, roles=(role,),
                    by=None, now=now, passwords=QUICK,
                )  # fmt: skip
            who = await identity.register_shopper(
                tx, phone="13800001234", email="lin@example.com", password=PASSWORD, name="林晓", lang="zh",
                now=now, passwords=QUICK,
            )  # fmt: skip
        await world.open_shop()
        await world.site("SH")
        skus = [await world.sku(price=12_900 + 1_000 * n, stock=20) for n in range(3)]
        orders = []
        for n in range(3):
            trade = await world.paid_order({skus[0]: 2, skus[n % 2 + 1]: 1})
            orders.append(trade.orders[0])
        waiting = await world.place({skus[1]: 2})
        spare = await world.sku(price=9_900, stock=5)
        idle = [(await world.trade((await world.place({spare: 1})).trade_id)).number for _ in range(2)]
        placed = await world.place({skus[2]: 2}, owner=Owner(shopper_id=who.id))
        await world.pay(placed.trade_id)
        back = (await world.trade(placed.trade_id)).orders[0]
        await world.deliver(back.id)
        asked = [
            await return_goods.ask_return(
                world.ctx,
                return_goods.AskReturn(
                    order_id=back.id,
                    owner=Owner(shopper_id=who.id),
                    unit_ids=(unit.id,),
                    kind="return",
                    reason="damaged",
                    note="杯口有裂",
                    by=f"shopper:{who.id}",
                ),
                scope="counter",
                key=str(unit.id),
                now=world.clock.now(),
            )
            for unit in back.lines[0].units
        ]
        codes = {line.sku_id: line.code for order in [*orders, back] for line in order.lines}
        return Counter(
            shop=shop,
            sku_codes=tuple(codes[one] for one in skus),
            sku_ids=tuple(skus),
            order_ids=tuple(ids.show("ord", order.id) for order in orders),
            order_numbers=tuple(order.number for order in orders),
            unpaid=(await world.trade(waiting.trade_id)).number,
            cases=tuple(ids.show("cas", one.case_id) for one in asked),
            idle=tuple(idle),
            shopper=ids.show("acc", who.id),
        )
    finally:
        await world.close()
        await db.close()
