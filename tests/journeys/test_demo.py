"""The demo shop is whole: every state is there, the books agree, and filling it twice changes nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daji.base.identity import api as identity
from daji.boot import House, open_house
from daji.care.aftersales import api as aftersales
from daji.faces.cli import demo
from daji.faces.cli.demoshop import keeping, places, plan, shelves
from daji.faces.cli.demoshop.goods import choices, sold_here
from daji.flows import examine_house
from daji.fulfil.inventory import api as inventory
from daji.kit.db import ReadSession
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.shop.reviews import api as reviews
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments
from daji.views import store_cards

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
SQL_TABLES = """
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


async def opened(database_url: str, home: Path) -> House:
    return await open_house(env={"DAJI_DATABASE_URL": database_url, "DAJI_HOME": str(home)})


async def row_counts(session: ReadSession) -> dict[str, int]:
    names = [row["name"] for row in await session.rows(SQL_TABLES)]
    counts = {}
    for name in names:
        row = await session.row(f"SELECT count(*) AS n FROM {name}")  # noqa: S608 - quoted by the server
        assert row is not None
        counts[name] = row["n"]
    return counts


async def all_trades(session: ReadSession) -> list[orders.Trade]:
    found: list[orders.Trade] = []
    cursor = None
    while True:
        page = await orders.list_trades(session, owner=None, cursor=cursor, limit=50)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


async def test_the_demo_shop_is_whole_and_filled_once(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await opened(database_url, tmp_path)
    _say_less(monkeypatch)
    heard: Counter[str] = Counter()

    def watch(what: str, total: int) -> None:
        heard[f"{what}s to come" if total else what] += total or 1

    try:
        report = await demo.seed(house, clock_now=NOW, watch=watch)
        assert report.created
        assert report.staff
        assert (report.categories, report.products, report.skus) == (20, 112, 224)
        assert heard["picture"] == heard["pictures to come"] == report.pictures
        assert heard["order"] == heard["orders to come"] >= report.orders > 70
        async with house.db.read() as session:
            await _check_goods(session, house)
            await _check_orders(session)
            await _check_open_work(session)
            await _check_books(session)
            assert sum((await reviews.count_by_score(session)).values()) == report.reviews > 50
            before = await row_counts(session)
        findings = await examine_house.examine(house.db)
        assert findings
        assert {one.code: one.wrong for one in findings if one.broken} == {}
        again = await demo.seed(house, clock_now=NOW + timedelta(minutes=1))
        assert again == demo.SeedReport(created=False)
        async with house.db.read() as session:
            assert await row_counts(session) == before
    finally:
        await house.close()


async def _check_goods(session: ReadSession, house: House) -> None:
    cards = await all_cards(session)
    abroad = await store_cards.cards(
        session, product_ids=[card.id for card in cards], channel="web-usd", at=NOW
    )
    assert all(card.lowest and card.currency == "USD" for card in abroad)
    assert len(cards) == len(abroad) == 112
    assert all(card.lowest and card.currency == "CNY" and card.media_id for card in cards)
    assert {card.stock for card in cards} == {"in_stock", "low", "sold_out"}
    assert len({card.category_id for card in cards[:12]}) >= 6
    assert sum(card.seller_id is not None for card in cards) == 5
    assert all(set(card.titles) == {"zh", "en"} for card in cards)
    assert list(house.media_folder.rglob("*.webp"))
    skus = await shelves.sku_ids(session)
    shelf = await inventory.availability(session, sku_ids=list(skus.values()))
    stocked = {row.sku_id for row in shelf if row.available > 0}
    never_there = {code for code, left in sold_here().scarce.items() if left == 0}
    gone = {code for code, sku_id in skus.items() if sku_id not in stocked}
    assert gone >= never_there | {"DJ-TEA2"}
    assert len(gone) < 10


async def all_cards(session: ReadSession) -> list[store_cards.Card]:
    found: list[store_cards.Card] = []
    cursor = None
    while True:
        page = await store_cards.list_cards(
            session, channel=shelves.CHANNEL, at=NOW, sort="newest", cursor=cursor, limit=50
        )
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


async def _check_orders(session: ReadSession) -> None:
    trades = await all_trades(session)
    statuses = Counter(trade.status for trade in trades)
    assert set(statuses) == {"completed", "confirmed", "placed", "expired", "cancelled"}
    assert statuses["completed"] > 10
    assert {(trade.channel, trade.currency) for trade in trades} == {
        *(("web", "CNY"), ("mini", "CNY"), ("web-usd", "USD"))
    }
    assert {trade.owner is not None and trade.owner.shopper_id is None for trade in trades} == {True, False}
    assert len({trade.address.city for trade in trades}) > 8
    split = [trade for trade in trades if len({order.seller_id for order in trade.orders}) > 1]
    assert len(split) >= 3
    # The quote rounds nothing away: the children add up to what was promised.
    assert all(sum(order.total for order in trade.orders) == trade.total for trade in trades if trade.orders)
    assert NOW - max(trade.placed_at for trade in trades) < timedelta(minutes=10)
    shopper = await identity.find_shopper(session, contact="shopper@daji.example")
    assert shopper is not None
    own = [trade for trade in trades if trade.owner and trade.owner.shopper_id == shopper.id]
    assert {trade.status for trade in own} == {"completed", "confirmed", "placed", "expired"}


async def _check_open_work(session: ReadSession) -> None:
    """Console and station have something to do."""
    trades = await all_trades(session)
    children = [order for trade in trades for order in trade.orders if trade.status == "confirmed"]
    assert {order.delivery for order in children} >= {
        *("released", "picking", "packed", "shipped", "delivered"),
    }
    cases = (await aftersales.list_cases(session, owner=None, limit=50)).items
    assert {case.status for case in cases} >= {"requested", "refunded"}


async def _check_books(session: ReadSession) -> None:
    assert (await inventory.audit(session)).differences == ()
    assert sum((await payments.trial_balance(session)).values()) == 0
    for trade in await all_trades(session):
        payable = await payments.get_payable(session, trade_id=trade.id)
        paid = trade.due if trade.status in {"confirmed", "completed"} else payable.captured
        assert payable.captured == paid
        if trade.status in {"placed", "expired", "cancelled"}:
            assert payable.kept == 0


@pytest.mark.parametrize("account", demo.ACCOUNTS, ids=lambda account: account.role)
def test_demo_accounts_are_easy_to_type_and_of_no_real_place(account: demo.Account) -> None:
    assert len(account.password) >= 12
    assert account.password.isascii()
    assert account.password.isalnum()
    assert account.login.endswith("@daji.example")


async def test_a_shop_that_sells_is_left_alone(database_url: str, tmp_path: Path) -> None:
    house = await opened(database_url, tmp_path)
    try:
        async with house.db.transaction() as tx:
            await pricing.save_channel(tx, code="web", name="Own", currency="EUR", lang="en", now=NOW)
        async with house.db.read() as session:
            before = await row_counts(session)
        assert not (await demo.seed(house, clock_now=NOW)).created
        async with house.db.read() as session:
            assert await row_counts(session) == before
    finally:
        await house.close()


async def test_a_kept_shop_gets_no_staff_with_known_passwords(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await opened(database_url, tmp_path)
    _forget_orders(monkeypatch)
    try:
        async with house.db.transaction() as tx:
            await identity.ensure_first_admin(
                tx, email="owner@shop.example", password="a long secret of my own", now=NOW
            )
        report = await demo.seed(house, clock_now=NOW)
        assert report.created
        assert not report.staff
        async with house.db.read() as session:
            assert [one.email for one in (await identity.list_staff(session)).items] == ["owner@shop.example"]
    finally:
        await house.close()


async def test_it_goes_on_where_it_was_killed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await opened(database_url, tmp_path)
    _forget_orders(monkeypatch)
    try:
        for owner, step in ((shelves, "put_up"), (places, "fill_sites"), (shelves, "open_doors")):
            with monkeypatch.context() as patch:
                patch.setattr(owner, step, _killed)
                with pytest.raises(ConnectionError):
                    await demo.seed(house, clock_now=NOW)
        rivals = await asyncio.gather(
            asyncio.to_thread(_seed_elsewhere, database_url, tmp_path), demo.seed(house, clock_now=NOW)
        )
        assert sorted(report.created for report in rivals) == [False, True]
        async with house.db.read() as session:
            await _check_goods_once(session)
    finally:
        await house.close()


def _seed_elsewhere(database_url: str, home: Path) -> demo.SeedReport:
    async def work() -> demo.SeedReport:
        house = await opened(database_url, home)
        try:
            return await demo.seed(house, clock_now=NOW)
        finally:
            await house.close()

    return asyncio.run(work())


async def _check_goods_once(session: ReadSession) -> None:
    assert (await catalog.list_products(session, status="listed", limit=50)).next_cursor is not None
    wanted = sum(len(choices(product)) for product in sold_here().products)
    assert len(await shelves.sku_ids(session)) == wanted
    report = await inventory.audit(session)
    assert report.differences == ()
    # One movement for each balance: nothing was received twice.
    assert report.movements == report.balances


async def _killed(*_args: object, **_kwargs: object) -> None:
    raise ConnectionError


def _forget_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buyers without orders: these tests are about the goods and who keeps them."""
    monkeypatch.setattr(plan, "visits", lambda **_given: ())
    monkeypatch.setattr(keeping, "deeds", lambda *_given, **_days: ())


def _say_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """One opinion of most products: a review is a review, and time is short."""
    whole = plan.opinions()
    monkeypatch.setattr(plan, "opinions", lambda: {code: said[:1] for code, said in list(whole.items())[::2]})
