"""The import journey: whole, broken, resumed, rehearsed, repeated, and large (U-82)."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import gzip
import io
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from daji.adapters.catalogue import Leyou, Litemall, Newbee, Olist, Table
from daji.flows.import_catalogue import ImportReport, import_catalogue
from daji.fulfil.inventory import api as inventory
from daji.kit import faults
from daji.kit.db import Database
from daji.kit.ids import new_id
from daji.kit.problems import Invalid, NotFound
from daji.reach.marketplace import api as marketplace
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data"
TABLES = (
    "catalog.category",
    "catalog.brand",
    "catalog.product",
    "catalog.sku",
    "catalog.history",
    "pricing.price",
)
TABLES += ("inventory.balance", "inventory.movement", "marketplace.seller", "kit.outbox")


@dataclass(frozen=True)
class Shop:
    """What an import needs, and where it puts things."""

    db: Database
    list_id: UUID
    site_id: UUID
    now: datetime

    async def take(self, source: catalog.CatalogueSource, **more: Any) -> ImportReport:
        given: dict[str, Any] = {
            "dry_run": False,
            "by": "staff:1",
            "now": self.now,
            "progress": lambda _: None,
            "batch": 10,
            "price_list_id": self.list_id,
            "site_id": self.site_id,
            **more,
        }
        return await import_catalogue(self, source=source, **given)

    async def counts(self) -> dict[str, int]:
        async with self.db.read() as session:
            return {
                table: await session.value(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of this module
                for table in TABLES
            }

    async def value(self, sql: str, *args: object) -> Any:
        async with self.db.read() as session:
            return await session.value(sql, *args)


@pytest.fixture
async def shop(db: Database, now: datetime) -> Shop:
    return await open_shop(db, now, "CNY")


async def open_shop(db: Database, now: datetime, currency: str) -> Shop:
    async with db.transaction() as tx:
        await pricing.save_channel(tx, code="store", name="Store", currency=currency, lang="zh", now=now)
        base = await pricing.save_list(tx, code="base", channel="store", currency=currency, now=now)
        site = await inventory.open_site(
            tx,
            code="main",
            name="Main",
            kind="warehouse",
            seller_id=None,
            country="CN",
            region="",
            city="",
            postcode="",
            lat=None,
            lon=None,
            now=now,
        )
    return Shop(db=db, list_id=base.id, site_id=site.id, now=now)


def goods(folder: Path, count: int, *, bad: tuple[int, ...] = (), name: str = "goods.csv") -> Table:
    """A file of `count` SKUs, three to a product, with `bad` rows whose price is none."""
    path = folder / name
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow(
        [
            "product_code",
            "sku_code",
            "seller_code",
            "category",
            "title",
            "price",
            "stock",
            "option.型号",
            "list",
        ]
    )
    out.writerows(lines(count, bad))
    raw = text.getvalue().encode()
    path.write_bytes(gzip.compress(raw, 1) if name.endswith(".gz") else raw)
    return Table(path)


def lines(count: int, bad: tuple[int, ...]) -> Iterator[list[object]]:
    for n in range(count):
        price = "x" if n in bad else f"{n}.50"
        product = n // 3
        seller = f"seller{product % 4}" if product % 5 else ""
        yield [
            f"p{product}",
            f"s{n}",
            seller,
            f"a > b{product % 7}",
            f"商品{product}",
            price,
            n % 9,
            n % 3,
            1,
        ]


async def test_u82_goods_prices_stock_and_sellers_arrive_together(shop: Shop, tmp_path: Path) -> None:
    heard: list[int] = []
    report = await shop.take(goods(tmp_path, 45, bad=(4, 30)), progress=heard.append)
    assert (report.ok, report.failed, report.dry_run, report.already_done) == (43, 2, False, False)
    assert [(error.line, error.field, error.code) for error in report.errors] == [
        (6, "price", "catalog.bad_amount"),
        (32, "price", "catalog.bad_amount"),
    ]
    assert heard == [10, 20, 30, 40, 45]
    counts = await shop.counts()
    assert (counts["catalog.sku"], counts["pricing.price"], counts["marketplace.seller"]) == (43, 43, 4)
    assert counts["inventory.movement"] == sum(1 for n in range(45) if n not in (4, 30) and n % 9)
    async with shop.db.read() as session:
        found = await catalog.sku_ids_by_code(session, codes=["s7", "s8"])
        prices = await pricing.prices_for(session, sku_ids=list(found.values()), channel="store", at=shop.now)
        assert prices[found["s7"]].amount == 750
        assert {one.on_hand for one in await inventory.availability(session, sku_ids=[found["s7"]])} == {7}
        seller = await marketplace.find_seller(session, code="seller2")
        (sku,) = await catalog.skus_for_sale(session, sku_ids=[found["s8"]])
        assert seller is not None
        assert (sku.seller_id, sku.sellable) == (seller.id, True)
        job = await catalog.get_job(session, job_id=report.job_id or new_id())
        assert (job.status, job.position, job.ok, job.failed) == ("done", 45, 43, 2)
        assert [one.id for one in (await catalog.list_jobs(session)).items] == [job.id]


async def test_an_import_of_many_is_known_to_the_planner(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without that, the first orders after an import look every price up among all."""
    looked_at = "SELECT reltuples FROM pg_class WHERE oid = ANY($1::text[]::regclass[])"
    tables = ["catalog.sku", "pricing.price", "inventory.balance"]
    await shop.take(goods(tmp_path, 40))
    async with shop.db.read() as session:
        assert {row["reltuples"] for row in await session.rows(looked_at, tables)} == {-1}
    monkeypatch.setattr("daji.flows.import_catalogue._MANY", 100)
    await shop.take(goods(tmp_path, 120))
    async with shop.db.read() as session:
        assert min(row["reltuples"] for row in await session.rows(looked_at, tables)) >= 100


async def test_u82_the_same_file_again_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    source = goods(tmp_path, 40)
    await shop.take(source)
    before = await shop.counts()
    again = await shop.take(source, now=shop.now + timedelta(days=1))
    assert (again.ok, again.already_done) == (40, True)
    assert await shop.counts() == before
    # Read anew, cut differently, a day later: still nothing new, and the stock is not received twice.
    anew = await shop.take(source, resume=False, batch=7, now=shop.now + timedelta(days=1))
    assert (anew.ok, anew.failed, anew.already_done) == (40, 0, False)
    assert await shop.counts() == before


async def test_a_changed_file_changes_what_differs(shop: Shop, tmp_path: Path) -> None:
    await shop.take(goods(tmp_path, 12))
    path = tmp_path / "goods.csv"
    path.write_text(path.read_text().replace("7.50", "8.88").replace("s7,", "s7,"))
    before = await shop.counts()
    report = await shop.take(Table(path), now=shop.now + timedelta(hours=1))
    assert (report.ok, report.failed) == (12, 0)
    after = await shop.counts()
    assert after["pricing.price"] == before["pricing.price"] + 1
    unchanged = ("catalog.product", "catalog.sku", "catalog.history", "inventory.movement")
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}


async def test_u82_a_rehearsal_reports_alike_and_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "hard.csv"
    path.write_text(
        "product_code,sku_code,seller_code,category,title,price,currency,option.c,weight_g\n"
        "p1,s1,,a,One,1,CNY,red,1\n"
        "p1,s2,,,,1,CNY,blue,1\n"
        "p2,s1,,a,Two,1,CNY,,1\n"
        "p1,s3,,,,1,CNY,red,1\n"
        "p3,s4,x,a,Three,1,USD,,1\n"
        "p1,s5,other,,,1,CNY,green,1\n"
        "p4,s6,new,a,Four,1,CNY,,-1\n"
        "p5,s7,new,a,Five,1,CNY,,1\n"
        "p6,s8,,,,1,CNY,,1\n"
        f"p7,s9,{'y' * 65},a,Seven,1,CNY,,1\n",
        encoding="utf-8",
    )
    before = await shop.counts()
    tried = await shop.take(Table(path), dry_run=True, batch=2)
    assert await shop.counts() == before
    assert await shop.value("SELECT count(*) FROM catalog.job") == 0
    real = await shop.take(Table(path), batch=2)
    assert (tried.ok, tried.failed, tried.errors) == (real.ok, real.failed, real.errors)
    assert tried.dry_run
    assert tried.job_id is None
    assert [(error.line, error.code) for error in real.errors] == [
        (4, "catalog.sku_of_other_product"),
        (5, "catalog.options_taken"),
        (6, "catalog.other_currency"),
        (7, "catalog.other_seller"),
        (8, "catalog.not_whole"),
        (10, "required"),
        (11, "catalog.unknown_seller"),
    ]
    assert real.ok == 3


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
async def test_u82_a_run_broken_at_any_batch_resumes_without_doubling(
    shop: Shop, tmp_path: Path, point: str
) -> None:
    source = goods(tmp_path, 45, bad=(3, 22))
    broken = 0
    report: ImportReport | None = None
    while report is None:
        left = 1

        def break_off(reached: str) -> None:
            nonlocal left
            if reached == f"import_catalogue.batch.{point}":
                left -= 1
                if left < 0:
                    raise Killed

        with faults.armed(break_off), contextlib.suppress(Killed):
            report = await shop.take(source)
        broken += report is None
    assert broken >= 2
    assert report.resumed_from == 40
    assert (report.ok, report.failed, len(report.errors)) == (43, 2, 2)
    counts = await shop.counts()
    assert (counts["catalog.sku"], counts["pricing.price"]) == (43, 43)
    assert await shop.value("SELECT sum(on_hand) FROM inventory.balance") == sum(
        n % 9 for n in range(45) if n not in (3, 22)
    )
    assert await shop.value("SELECT max(version) FROM catalog.product") <= 2


SCRIPT = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID
from daji.adapters.catalogue import Table
from daji.flows.import_catalogue import import_catalogue
from daji.kit.db import DatabaseSettings, open_database

async def main(url, path, list_id, site_id, now):
    db = await open_database(DatabaseSettings(url=url, pool=2))
    report = await import_catalogue(
        SimpleNamespace(db=db), source=Table(Path(path)), dry_run=False, by="system", now=datetime.fromisoformat(now),
        progress=lambda n: None, batch=10, price_list_id=UUID(list_id), site_id=UUID(site_id))
    print(report.ok, report.resumed_from)
    await db.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_u82_kill_minus_nine_and_start_again(shop: Shop, tmp_path: Path, database_url: str) -> None:
    source = goods(tmp_path, 35)
    command = [sys.executable, "-c", SCRIPT, database_url, str(tmp_path / "goods.csv")]
    command += [str(shop.list_id), str(shop.site_id), shop.now.isoformat()]

    def run(fault: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "DAJI_FAULT": fault, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
        )

    for point, position in (("after_commit", 10), ("before_commit", 10), ("after_commit", 20)):
        died = await asyncio.to_thread(run, f"import_catalogue.batch.{point}")
        assert died.returncode == 137, died.stderr
        assert await shop.value("SELECT position FROM catalog.job") == position
        assert await shop.value("SELECT count(*) FROM catalog.sku") == position
    ended = await asyncio.to_thread(run, "")
    assert ended.stdout.split() == ["35", "20"], ended.stderr
    report = await shop.take(source)
    assert (report.ok, report.already_done) == (35, True)
    assert await shop.value("SELECT sum(on_hand) FROM inventory.balance") == sum(n % 9 for n in range(35))


async def test_of_two_runs_of_one_file_each_row_counts_once(shop: Shop, tmp_path: Path) -> None:
    source = goods(tmp_path, 60)
    answers = await asyncio.gather(*(shop.take(source) for _ in range(3)), return_exceptions=True)
    assert any(isinstance(answer, ImportReport) for answer in answers)
    assert all(isinstance(answer, ImportReport | catalog.JobMoved | catalog.JobRunning) for answer in answers)
    final = await shop.take(source)
    assert final.ok == 60
    assert await shop.value("SELECT sum(on_hand) FROM inventory.balance") == sum(n % 9 for n in range(60))
    assert (await shop.counts())["pricing.price"] == 60


async def test_what_is_known_of_a_seller_stays(shop: Shop, tmp_path: Path) -> None:
    async with shop.db.transaction() as tx:
        known = marketplace.NewSeller(code="seller1", name="Ann's", city="苏州")
        await marketplace.save_sellers(tx, sellers=[known], now=shop.now)
    await shop.take(goods(tmp_path, 30))
    async with shop.db.read() as session:
        seller = await marketplace.find_seller(session, code="seller1")
    assert seller is not None
    assert (seller.name, seller.city) == ("Ann's", "苏州")


async def test_errors_kept_are_bounded_and_counts_exact(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("product_code,price\n" + "p,x\n" * 1_300)
    for report in (
        await shop.take(Table(path), dry_run=True, batch=500),
        await shop.take(Table(path), batch=500),
    ):
        assert (report.ok, report.failed, len(report.errors)) == (0, 1_300, catalog.MAX_STORED_ERRORS)
        assert [error.line for error in report.errors] == list(range(2, 1_002))
    assert await shop.value("SELECT count(*) FROM catalog.job_error") == catalog.MAX_STORED_ERRORS


async def test_without_list_and_site_only_goods_are_taken(shop: Shop, tmp_path: Path) -> None:
    report = await shop.take(goods(tmp_path, 9), price_list_id=None, site_id=None)
    assert report.ok == 9
    counts = await shop.counts()
    assert (counts["catalog.sku"], counts["pricing.price"], counts["inventory.balance"]) == (9, 0, 0)
    # Another target is another job, which then brings the prices.
    assert (await shop.take(goods(tmp_path, 9))).already_done is False
    assert (await shop.counts())["pricing.price"] == 9


async def test_impossible_orders_are_refused(shop: Shop, tmp_path: Path) -> None:
    for batch in (0, -1, catalog.MAX_BATCH + 1):
        with pytest.raises(Invalid):
            await shop.take(goods(tmp_path, 1), batch=batch)
    with pytest.raises(NotFound):
        await shop.take(goods(tmp_path, 1), price_list_id=new_id())


async def measured(shop: Shop, source: Table, count: int, **more: Any) -> int:
    """Peak of Python's memory while a file is imported, in bytes."""
    await shop.take(goods(source._path.parent, 1, name="warm.csv"), dry_run=True)
    tracemalloc.start()
    try:
        report = await shop.take(source, batch=500, **more)
        assert (report.ok, report.failed) == (count, 0)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def test_u82_memory_does_not_grow_with_the_file(shop: Shop, tmp_path: Path) -> None:
    small = await measured(shop, goods(tmp_path, 1_000, name="small.csv"), 1_000, dry_run=True)
    large = await measured(shop, goods(tmp_path, 4_000, name="large.csv"), 4_000, dry_run=True)
    assert large < small * 1.5


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("dry_run", [True, False])
async def test_u82_a_hundred_thousand_rows_fit_in_flat_memory(
    shop: Shop, tmp_path: Path, dry_run: bool
) -> None:
    source = goods(tmp_path, 100_000, name="huge.csv.gz")
    assert await measured(shop, source, 100_000, dry_run=dry_run) < 40_000_000
    assert await shop.value("SELECT count(*) FROM catalog.sku") == (0 if dry_run else 100_000)


def real(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the data set {name} is not beside this checkout")
    return folder


@pytest.mark.parametrize(
    ("reader", "folder", "skus", "unpriced"),
    [
        (Litemall, "cn_catalog/litemall", 244, 0),
        (Newbee, "cn_catalog/newbee_mall", 575, 0),
        (Leyou, "cn_catalog/leyou", 670, 1),
    ],
)
async def test_real_catalogues_arrive_whole_and_again_change_nothing(
    shop: Shop, reader: type[Litemall | Newbee | Leyou], folder: str, skus: int, unpriced: int
) -> None:
    source = reader(real(folder))
    report = await shop.take(source, batch=100)
    assert (report.ok, report.failed, report.errors) == (skus, 0, ())
    before = await shop.counts()
    assert before["pricing.price"] == skus - await shop.value(
        "SELECT count(*) FROM catalog.sku s WHERE NOT EXISTS (SELECT FROM pricing.price p WHERE p.sku_id = s.id)"
    )
    assert skus - before["pricing.price"] >= unpriced
    await shop.take(source, batch=333, resume=False, now=shop.now + timedelta(days=1))
    assert await shop.counts() == before


@pytest.mark.slow
async def test_olist_arrives_whole(db: Database, now: datetime) -> None:
    shop = await open_shop(db, now, "BRL")
    report = await shop.take(Olist(real("olist_orders")), batch=1000)
    assert (report.ok, report.failed) == (33_043, 0)
    counts = await shop.counts()
    assert counts["pricing.price"] == 5_687
    assert await shop.value("SELECT count(*) FROM catalog.product WHERE status = 'listed'") == 5_687
