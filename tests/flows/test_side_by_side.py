"""Two releases side by side (X9): today's code on the schema of a release that it does not know yet."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from daji.faces.app import create_app
from daji.kit.db import Database
from tests.faces.conftest import gateway_keys, shop
from tests.faces.real_app import RealShop
from tests.makers.world import World

__all__ = ["gateway_keys", "shop"]

TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'alembic_version'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
"""


async def expand(db: Database) -> int:
    """Add to every table what a next release may add: a column that it fills, and one that nobody needs to."""
    async with db.transaction() as tx:
        names = [row["name"] for row in await tx.rows(TABLES)]
        for name in names:
            await tx.execute(
                f"ALTER TABLE {name} ADD COLUMN x9_later text, ADD COLUMN x9_kept int DEFAULT 0 NOT NULL"
            )
        await tx.execute("UPDATE public.alembic_version SET version_num = '9999'")
    return len(names)


async def test_an_order_goes_its_way_on_a_schema_that_grew_meanwhile(db: Database, tmp_path: Path) -> None:
    world = World(db, tmp_path)
    await world.open_shop()
    sku = await world.sku(stock=5)
    begun = await world.place({sku: 1})
    assert await expand(db) > 50
    await world.pay(begun.trade_id)
    trade = await world.trade(begun.trade_id)
    await world.deliver(trade.orders[0].id)
    new = await world.paid_order({sku: 2})
    await world.deliver(new.orders[0].id)
    await world.fire_timers()
    await world.resume()
    await world.check()
    await world.close()


@pytest.mark.parametrize(("revision", "status"), [("9999", 200), ("0001", 503), ("", 503)])
async def test_a_process_is_ready_on_a_newer_schema_and_not_on_an_older_one(
    shop: RealShop, revision: str, status: int
) -> None:
    async with shop.house.db.transaction() as tx:
        await tx.execute("UPDATE public.alembic_version SET version_num = $1", revision)
    transport = httpx.ASGITransport(create_app(shop.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        assert (await http.get("/health/ready")).status_code == status


async def test_pages_are_answered_on_a_schema_that_grew_meanwhile(shop: RealShop) -> None:
    await shop.world.sku(stock=5)
    await expand(shop.house.db)
    transport = httpx.ASGITransport(create_app(shop.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        for path in ("/store/v1/products", "/store/v1/categories", "/zh/", "/en/search?q=a", "/zh/cart"):
            answer = await http.get(path, follow_redirects=True)
            assert answer.status_code == 200, (path, answer.text[:300])
