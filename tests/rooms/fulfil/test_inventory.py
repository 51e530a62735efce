"""The stock ledger on a real database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from daji.fulfil.inventory import api as inventory
from daji.kit.db import Database, Tx, counting
from daji.kit.ids import new_id, show
from daji.kit.paging import BadCursor
from daji.kit.problems import Invalid

FREE = inventory.HoldPolicy(max_units_per_buyer_sku=1_000_000, max_share_percent=100, min_units=1_000_000)
BY = "staff:test"


async def open_site(db: Database, code: str, now: datetime) -> UUID:
    async with db.transaction() as tx:
        site = await inventory.open_site(
            tx,
            code=code,
            name=code,
            kind="warehouse",
            seller_id=None,
            country="CN",
            region="Zhejiang",
            city="Hangzhou",
            postcode="310000",
            lat=30.25,
            lon=120.17,
            now=now,
        )
    return site.id


async def receive(db: Database, site_id: UUID, sku_id: UUID, qty: int, now: datetime) -> None:
    async with db.transaction() as tx:
        line = inventory.StockLine(sku_id=sku_id, qty=qty)
        await inventory.receive(tx, site_id=site_id, lines=(line,), ref="asn-1", by=BY, now=now)


async def hold(
    tx: Tx,
    holder: UUID,
    lines: Sequence[inventory.HoldLine],
    now: datetime,
    *,
    keys: Sequence[str] = (),
    policy: inventory.HoldPolicy = FREE,
) -> None:
    await inventory.hold(
        tx,
        holder=holder,
        lines=lines,
        buyer_keys=keys,
        expires_at=now + timedelta(minutes=15),
        policy=policy,
        now=now,
    )


async def numbers(db: Database, sku_id: UUID, site_id: UUID) -> tuple[int, int, int]:
    async with db.read() as session:
        for balance in await inventory.availability(session, sku_ids=(sku_id,)):
            if balance.site_id == site_id:
                return balance.on_hand, balance.held, balance.quarantined
    return 0, 0, 0


async def states(db: Database, holder: UUID) -> dict[str, int]:
    async with db.read() as session:
        page = await inventory.list_holds(session, holder=holder)
    total: dict[str, int] = {}
    for one in page.items:
        total[one.state] = total.get(one.state, 0) + one.qty
    return total


async def assert_clean(db: Database) -> None:
    async with db.snapshot() as session:
        assert (await inventory.audit(session)).differences == ()


async def test_a_whole_life(db: Database, now: datetime) -> None:
    """U-13: receive, hold, confirm, ship, take back; every SKU of the order nets to zero."""
    site = await open_site(db, "hz", now)
    simple, variant, part_of_bundle, gift = (new_id() for _ in range(4))
    skus = (simple, variant, part_of_bundle, gift)
    for sku in skus:
        await receive(db, site, sku, 10, now)
    holder = new_id()
    lines = tuple(inventory.HoldLine(sku_id=sku, site_id=site, qty=n + 1) for n, sku in enumerate(skus))
    async with db.transaction() as tx:
        await hold(tx, holder, lines, now)
    assert await numbers(db, gift, site) == (10, 4, 0)
    async with db.transaction() as tx:
        assert await inventory.confirm(tx, holder=holder, now=now)
    async with db.transaction() as tx:
        assert await inventory.confirm(tx, holder=holder, now=now)
    async with db.transaction() as tx:
        await inventory.ship(tx, holder=holder, lines=lines, ref="shp_1", by=BY, now=now)
    assert await numbers(db, gift, site) == (6, 0, 0)
    async with db.transaction() as tx:
        graded = tuple(inventory.Graded(sku_id=line.sku_id, qty=line.qty, grade="restock") for line in lines)
        await inventory.take_back(tx, site_id=site, lines=graded, ref="cas_1", by=BY, now=now)
    for sku in skus:
        assert await numbers(db, sku, site) == (10, 0, 0)
    async with db.read() as session:
        page = await inventory.list_movements(session, sku_id=gift)
    assert [one.kind for one in page.items] == ["take_back", "ship", "hold", "receive"]
    await assert_clean(db)


async def test_many_holders_hold_and_ship_in_single_statements(db: Database, now: datetime) -> None:
    """U-10 for many at once: together they get what one after the other would, or nothing; each keeps its own time."""
    site, sku = await open_site(db, "hz", now), new_id()
    await receive(db, site, sku, 5, now)
    line = inventory.HoldLine(sku_id=sku, site_id=site, qty=2)
    holders = [new_id() for _ in range(3)]

    def promises(count: int) -> list[inventory.Promise]:
        return [
            inventory.Promise(
                holder=holder,
                lines=(line,),
                buyer_keys=(f"shopper:{n}",),
                expires_at=now + timedelta(minutes=15),
                at=now + timedelta(seconds=n),
            )
            for n, holder in enumerate(holders[:count])
        ]

    async with db.transaction() as tx:
        with pytest.raises(inventory.StockShort):
            await inventory.hold_each(tx, promises=promises(3), policy=FREE)
    assert await numbers(db, sku, site) == (5, 0, 0)
    with counting() as tally:
        async with db.transaction() as tx:
            await inventory.hold_each(tx, promises=promises(2), policy=FREE)
            assert await inventory.confirm_many(tx, holders=holders) == set(holders[:2])
    assert sum("inventory." in sql for sql in tally.statements) == 3
    assert await numbers(db, sku, site) == (5, 4, 0)
    parcels = [
        inventory.Leaving(holder=holder, lines=(line,), ref=f"shp_{n}", by=BY, at=now + timedelta(days=n))
        for n, holder in enumerate(holders)
    ]
    async with db.transaction() as tx:
        with pytest.raises(inventory.HeldElsewhere):
            await inventory.ship_many(tx, leaving=parcels)
    async with db.transaction() as tx:
        await inventory.ship_many(tx, leaving=parcels[:2])
    assert await numbers(db, sku, site) == (1, 0, 0)
    async with db.read() as session:
        page = await inventory.list_movements(session, sku_id=sku)
    assert [(one.kind, one.at) for one in page.items][:2] == [
        ("ship", now + timedelta(days=1)),
        ("ship", now),
    ]
    await assert_clean(db)


async def test_hold_is_all_or_nothing(db: Database, now: datetime) -> None:
    site = await open_site(db, "hz", now)
    many, few = new_id(), new_id()
    await receive(db, site, many, 10, now)
    await receive(db, site, few, 1, now)
    lines = (
        inventory.HoldLine(sku_id=many, site_id=site, qty=2),
        inventory.HoldLine(sku_id=few, site_id=site, qty=1),
        inventory.HoldLine(sku_id=few, site_id=site, qty=1),
    )
    async with db.transaction() as tx:
        with pytest.raises(inventory.StockShort) as caught:
            await hold(tx, new_id(), lines, now)
    assert caught.value.params["lines"] == (
        {"sku": show("sku", few), "site": show("sit", site), "wanted": 2, "available": 1},
    )
    assert await numbers(db, many, site) == (10, 0, 0)
    await assert_clean(db)


@pytest.mark.parametrize("qty", [0, -1, 10**10])
async def test_impossible_quantities(db: Database, now: datetime, qty: int) -> None:
    site = await open_site(db, "hz", now)
    sku = new_id()
    async with db.transaction() as tx:
        with pytest.raises(Invalid):
            await hold(tx, new_id(), (inventory.HoldLine(sku_id=sku, site_id=site, qty=qty),), now)
        line = inventory.StockLine(sku_id=sku, qty=qty)
        with pytest.raises(Invalid):
            await inventory.receive(tx, site_id=site, lines=(line,), ref="x", by=BY, now=now)
        with pytest.raises(Invalid):
            await inventory.release(
                tx,
                holder=new_id(),
                reason="x",
                by=BY,
                now=now,
                lines=(inventory.HoldLine(sku_id=sku, site_id=site, qty=qty),),
            )


async def test_unknown_places(db: Database, now: datetime) -> None:
    sku, nowhere = new_id(), new_id()
    with pytest.raises(inventory.UnknownSite):
        await receive(db, nowhere, sku, 1, now)
    async with db.transaction() as tx:
        with pytest.raises(inventory.StockShort):
            await hold(tx, new_id(), (inventory.HoldLine(sku_id=sku, site_id=nowhere, qty=1),), now)
        with pytest.raises(inventory.UnknownSite):
            await inventory.adjust(
                tx, site_id=nowhere, sku_id=sku, delta=1, reason="found", note="", by=BY, now=now
            )
    await assert_clean(db)


async def test_holding_costs_two_statements(db: Database, now: datetime) -> None:
    site = await open_site(db, "hz", now)
    skus = [new_id() for _ in range(30)]
    async with db.transaction() as tx:
        await inventory.receive_many(
            tx,
            lines=[inventory.HoldLine(sku_id=sku, site_id=site, qty=9) for sku in skus],
            ref="asn",
            by=BY,
            now=now,
        )
    lines = [inventory.HoldLine(sku_id=sku, site_id=site, qty=1) for sku in skus]
    async with db.transaction() as tx:
        with counting() as tally:
            await hold(tx, new_id(), lines, now, keys=("shopper:1", "ip:1"))
        assert tally.count == 2
        with counting() as tally:
            await hold(tx, new_id(), lines, now)
        assert tally.count == 1
        assert len(tx.events) == 2


async def test_the_ledger_is_append_only(db: Database, now: datetime) -> None:
    site = await open_site(db, "hz", now)
    await receive(db, site, new_id(), 1, now)
    for statement in ("UPDATE inventory.movement SET note = 'x'", "DELETE FROM inventory.movement"):
        with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
            async with db.transaction() as tx:
                await tx.execute(statement)


async def test_unshipping_restores_stock_and_hold_where_they_were(db: Database, now: datetime) -> None:
    """U-17: a cancelled shipment gives back on-hand and allocation at the original place."""
    here, there = await open_site(db, "hz", now), await open_site(db, "sh", now)
    sku, holder = new_id(), new_id()
    for site in (here, there):
        await receive(db, site, sku, 3, now)
    line = inventory.HoldLine(sku_id=sku, site_id=here, qty=2)
    elsewhere = inventory.HoldLine(sku_id=sku, site_id=there, qty=2)
    async with db.transaction() as tx:
        await hold(tx, holder, (line,), now)
        with pytest.raises(inventory.HeldElsewhere):
            await inventory.ship(tx, holder=holder, lines=(line,), ref="early", by=BY, now=now)
        assert await inventory.confirm(tx, holder=holder, now=now)
    async with db.transaction() as tx:
        await inventory.ship(tx, holder=holder, lines=(line,), ref="shp_1", by=BY, now=now)
    assert await numbers(db, sku, here) == (1, 0, 0)
    async with db.transaction() as tx:
        with pytest.raises(inventory.NotShipped):
            await inventory.unship(tx, holder=holder, lines=(elsewhere,), ref="shp_1", by=BY, now=now)
        await inventory.unship(tx, holder=holder, lines=(line,), ref="shp_1", by=BY, now=now)
        with pytest.raises(inventory.NotShipped):
            await inventory.unship(tx, holder=holder, lines=(line,), ref="shp_1", by=BY, now=now)
    assert await numbers(db, sku, here) == (3, 2, 0)
    assert await numbers(db, sku, there) == (3, 0, 0)
    assert await states(db, holder) == {"confirmed": 2}
    await assert_clean(db)


async def test_shipping_from_elsewhere_is_refused_until_the_hold_has_moved(
    db: Database, now: datetime
) -> None:
    """U-51: the reservation moves in the same transaction, or the shipment is refused."""
    here, there = await open_site(db, "hz", now), await open_site(db, "sh", now)
    sku, holder = new_id(), new_id()
    for site in (here, there):
        await receive(db, site, sku, 3, now)
    async with db.transaction() as tx:
        await hold(tx, holder, (inventory.HoldLine(sku_id=sku, site_id=here, qty=3),), now)
    async with db.transaction() as tx:
        assert await inventory.confirm(tx, holder=holder, now=now)
    line = inventory.HoldLine(sku_id=sku, site_id=there, qty=2)
    with pytest.raises(inventory.HeldElsewhere):
        async with db.transaction() as tx:
            await inventory.ship(tx, holder=holder, lines=(line,), ref="shp", by=BY, now=now)
    assert await numbers(db, sku, there) == (3, 0, 0)
    async with db.transaction() as tx:
        await inventory.move_hold(
            tx, holder=holder, sku_id=sku, from_site=here, to_site=there, qty=2, by=BY, now=now
        )
        await inventory.ship(tx, holder=holder, lines=(line,), ref="shp", by=BY, now=now)
    assert await numbers(db, sku, here) == (3, 1, 0)
    assert await numbers(db, sku, there) == (1, 0, 0)
    async with db.transaction() as tx:
        with pytest.raises(inventory.StockShort):
            await inventory.move_hold(
                tx,
                holder=holder,
                sku_id=sku,
                from_site=here,
                to_site=await open_site(db, "bj", now),
                qty=1,
                by=BY,
                now=now,
            )
        with pytest.raises(inventory.HeldElsewhere):
            await inventory.move_hold(
                tx, holder=holder, sku_id=sku, from_site=here, to_site=there, qty=2, by=BY, now=now
            )
        with pytest.raises(Invalid):
            await inventory.move_hold(
                tx, holder=holder, sku_id=sku, from_site=here, to_site=here, qty=1, by=BY, now=now
            )
    await assert_clean(db)


async def test_grades_of_returned_goods(db: Database, now: datetime) -> None:
    """U-17: restock, quarantine and scrap; scrap is seen and adds nothing."""
    site, sku = await open_site(db, "hz", now), new_id()
    async with db.transaction() as tx:
        await inventory.take_back(
            tx,
            site_id=site,
            lines=(
                inventory.Graded(sku_id=sku, qty=3, grade="restock"),
                inventory.Graded(sku_id=sku, qty=2, grade="quarantine"),
                inventory.Graded(sku_id=sku, qty=1, grade="scrap"),
            ),
            ref="cas_1",
            by=BY,
            now=now,
        )
    assert await numbers(db, sku, site) == (3, 0, 2)
    async with db.read() as session:
        page = await inventory.list_movements(session, ref="cas_1")
    assert [(m.kind, m.delta_on_hand, m.delta_quarantined) for m in reversed(page.items)] == [
        ("take_back", 3, 0),
        ("take_back", 0, 2),
        ("take_back", 1, 0),
        ("scrap", -1, 0),
    ]
    await assert_clean(db)


async def test_quarantine_takes_only_what_is_free(db: Database, now: datetime) -> None:
    """U-18: neither bucket goes below zero, nor does what is promised leave."""
    site, sku = await open_site(db, "hz", now), new_id()
    await receive(db, site, sku, 5, now)
    async with db.transaction() as tx:
        await hold(tx, new_id(), (inventory.HoldLine(sku_id=sku, site_id=site, qty=3),), now)

    async def bucket(verb: inventory.BucketVerb, qty: int) -> inventory.Availability:
        async with db.transaction() as tx:
            return await inventory.move_bucket(
                tx, site_id=site, sku_id=sku, qty=qty, verb=verb, note="", by=BY, now=now
            )

    with pytest.raises(inventory.BelowHeld) as caught:
        await bucket("quarantine", 3)
    assert caught.value.params == {"wanted": 3, "free": 2}
    with pytest.raises(inventory.BelowHeld):
        await bucket("scrap", 1)
    assert (await bucket("quarantine", 2)).available == 0
    assert (await bucket("restock", 1)).quarantined == 1
    assert (await bucket("scrap", 1)).quarantined == 0
    with pytest.raises(inventory.BelowHeld):
        await bucket("restock", 1)
    with pytest.raises(inventory.BelowHeld):
        async with db.transaction() as tx:
            await inventory.adjust(
                tx, site_id=site, sku_id=sku, delta=-2, reason="lost", note="", by=BY, now=now
            )
    async with db.transaction() as tx:
        left = await inventory.adjust(
            tx, site_id=site, sku_id=sku, delta=-1, reason="damaged", note="wet", by=BY, now=now
        )
    assert (left.on_hand, left.held) == (3, 3)
    await assert_clean(db)


async def test_release_is_idempotent_and_may_be_partial(db: Database, now: datetime) -> None:
    site, sku, other = await open_site(db, "hz", now), new_id(), new_id()
    await receive(db, site, sku, 5, now)
    await receive(db, site, other, 5, now)
    holder = new_id()
    lines = [inventory.HoldLine(sku_id=one, site_id=site, qty=3) for one in (sku, other)]
    async with db.transaction() as tx:
        await hold(tx, holder, lines, now)

    async def release(lines: Sequence[inventory.HoldLine] | None) -> int:
        async with db.transaction() as tx:
            return await inventory.release(tx, holder=holder, reason="cancelled", by=BY, now=now, lines=lines)

    assert await release((inventory.HoldLine(sku_id=sku, site_id=site, qty=2),)) == 2
    assert await states(db, holder) == {"pending": 4, "released": 2}
    assert await release((inventory.HoldLine(sku_id=sku, site_id=site, qty=2),)) == 1
    assert await release(None) == 3
    assert await release(None) == 0
    assert await numbers(db, sku, site) == (5, 0, 0)
    async with db.transaction() as tx:
        assert not await inventory.confirm(tx, holder=holder, now=now)
        assert not await inventory.confirm(tx, holder=new_id(), now=now)
    await assert_clean(db)


async def test_a_late_payer_holds_again_in_the_same_transaction(db: Database, now: datetime) -> None:
    """U-15: the refused confirmation leaves nothing locked and nothing in the way."""
    here, there = await open_site(db, "hz", now), await open_site(db, "sh", now)
    sku, holder = new_id(), new_id()
    for site in (here, there):
        await receive(db, site, sku, 1, now)
    async with db.transaction() as tx:
        await hold(tx, holder, (inventory.HoldLine(sku_id=sku, site_id=here, qty=1),), now)
    async with db.transaction() as tx:
        assert await inventory.release(tx, holder=holder, reason="expired", by="system", now=now) == 1
    later = now + timedelta(days=1)
    async with db.transaction() as tx:
        assert not await inventory.confirm(tx, holder=holder, now=later)
        await hold(tx, holder, (inventory.HoldLine(sku_id=sku, site_id=there, qty=1),), later)
        assert await inventory.confirm(tx, holder=holder, now=later)
    assert await numbers(db, sku, there) == (1, 1, 0)
    await assert_clean(db)


async def test_opening_is_idempotent_by_code(db: Database, now: datetime) -> None:
    first = await open_site(db, "hz", now)
    assert await open_site(db, "hz", now) == first
    new = [
        inventory.NewSite(code=code, name=code, kind="shop", country="CN", region="r", city="c")
        for code in ("hz", "gz", "gz")
    ]
    async with db.transaction() as tx:
        assert await inventory.open_sites(tx, sites=(), now=now) == {}
        opened = await inventory.open_sites(tx, sites=new, now=now)
    assert opened.keys() == {"hz", "gz"}
    assert opened["hz"] == first
    async with db.read() as session:
        assert [one.code for one in await inventory.sites(session)] == ["gz", "hz"]
        assert [one.code for one in await inventory.sites(session, seller_ids=[None])] == ["gz", "hz"]
        assert await inventory.sites(session, seller_ids=[new_id()]) == ()
        assert await inventory.sites(session, ids=[]) == ()
        found = await inventory.find_site(session, code="hz")
        assert found is not None
        assert found.id == first
        assert await inventory.find_site(session, code="' OR 1=1 --") is None


async def test_lists_are_paged(db: Database, now: datetime) -> None:
    site = await open_site(db, "hz", now)
    skus = sorted(new_id() for _ in range(5))
    for sku in skus:
        await receive(db, site, sku, 2, now)
    holder = new_id()
    async with db.transaction() as tx:
        await hold(tx, holder, [inventory.HoldLine(sku_id=s, site_id=site, qty=2) for s in skus], now)
        line = inventory.HoldLine(sku_id=skus[2], site_id=site, qty=1)
        await inventory.release(tx, holder=holder, reason="x", by=BY, now=now, lines=(line,))
    async with db.read() as session:
        seen: list[object] = []
        cursor = None
        while True:
            page = await inventory.list_balances(session, site_id=site, cursor=cursor, limit=2)
            seen += [one.sku_id for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == skus
        seen = []
        while True:
            holds = await inventory.list_holds(session, holder=holder, cursor=cursor, limit=1)
            seen += [(one.sku_id, one.state, one.qty) for one in holds.items]
            cursor = holds.next_cursor
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 6
        assert (skus[2], "released", 1) in seen
        moved = await inventory.list_movements(session, site_id=site, limit=3)
        rest = await inventory.list_movements(session, site_id=site, cursor=moved.next_cursor, limit=100)
        assert len(moved.items) + len(rest.items) == 11
        assert rest.next_cursor is None
        assert len((await inventory.list_holds(session, state="pending", sku_id=skus[2])).items) == 1
        for bad in ("", "x", moved.next_cursor):
            with pytest.raises(BadCursor):
                await inventory.list_balances(session, cursor=bad)


async def test_the_audit_sees_a_tampered_balance(db: Database, now: datetime) -> None:
    """U-12: a difference is an alarm; nothing is repaired."""
    site, sku = await open_site(db, "hz", now), new_id()
    await receive(db, site, sku, 5, now)
    async with db.transaction() as tx:
        await hold(tx, new_id(), (inventory.HoldLine(sku_id=sku, site_id=site, qty=1),), now)
        await tx.execute("UPDATE inventory.balance SET held = 2, on_hand = 6")
    async with db.snapshot() as session:
        report = await inventory.audit(session)
    assert {(d.field, d.balance, d.ledger) for d in report.differences} == {
        ("on_hand", 6, 5),
        ("held", 2, 1),
        ("holds", 2, 1),
    }
    assert (report.balances, report.movements) == (1, 2)
    assert await numbers(db, sku, site) == (6, 2, 0)


async def scarce(db: Database, site_id: UUID) -> set[UUID]:
    async with db.read() as session:
        rows = await session.rows("SELECT sku_id FROM inventory.scarce WHERE site_id = $1", site_id)
    return {row["sku_id"] for row in rows}


async def test_balances_with_few_pieces_left_are_marked_as_they_cross_the_line(
    db: Database, now: datetime
) -> None:
    site = await open_site(db, "SCARCE", now)
    few, many = new_id(), new_id()
    await receive(db, site, few, 10, now)
    await receive(db, site, many, 12, now)
    assert await scarce(db, site) == {few}
    holder = new_id()
    async with db.transaction() as tx:
        await hold(tx, holder, [inventory.HoldLine(sku_id=many, site_id=site, qty=2)], now)
    assert await scarce(db, site) == {few, many}
    async with db.transaction() as tx:
        await inventory.release(tx, holder=holder, reason="cancelled", by=BY, now=now)
    await receive(db, site, few, 1, now)
    assert await scarce(db, site) == set()
