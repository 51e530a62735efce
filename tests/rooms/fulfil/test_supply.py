"""Announced deliveries on a real database."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from daji.fulfil.inventory import api as inventory
from daji.fulfil.supply import api as supply
from daji.kit.db import Database
from daji.kit.ids import new_id
from daji.kit.problems import Invalid, NotFound

BY = "staff:test"


async def open_site(db: Database, now: datetime) -> UUID:
    async with db.transaction() as tx:
        made = await inventory.open_site(
            tx, code="HZ", name="HZ", kind="warehouse", seller_id=None, country="CN", region="浙江省", city="杭州市",
            postcode="310000", lat=30.3, lon=120.2, now=now,
        )  # fmt: skip
    return made.id


async def announced(
    db: Database, now: datetime, *qtys: int, number: str = "ASN-1", site_id: UUID | None = None
) -> supply.Notice:
    wish = supply.NewNotice(
        number=number,
        supplier="景德镇南窑",
        site_id=site_id or await open_site(db, now),
        expected_at=now + timedelta(days=1),
        lines=tuple((new_id(), qty) for qty in qtys),
    )
    async with db.transaction() as tx:
        return await supply.announce(tx, notice=wish, by=BY, now=now)


async def came(db: Database, made: supply.Notice, now: datetime, *pieces: tuple[UUID, int]) -> supply.Notice:
    async with db.transaction() as tx:
        return await supply.receive(tx, notice_id=made.id, came=pieces, by=BY, now=now)


async def on_hand(db: Database, sku_id: UUID) -> int:
    async with db.read() as session:
        return sum(row.on_hand for row in await inventory.availability(session, sku_ids=[sku_id]))


async def end(db: Database, made: supply.Notice, verb: str, now: datetime) -> supply.Notice:
    async with db.transaction() as tx:
        return await supply.end(tx, notice_id=made.id, verb=verb, now=now)  # type: ignore[arg-type]


async def test_a_delivery_comes_in_two_parts_and_closes_by_itself(db: Database, now: datetime) -> None:
    made = await announced(db, now, 5, 2)
    tea, pot = (line.sku_id for line in made.lines)
    half = await came(db, made, now, (tea, 5))
    assert half.status == "receiving"
    whole = await came(db, made, now, (pot, 2))
    assert (whole.status, whole.ended_at) == ("closed", now)
    assert [(line.expected, line.received) for line in whole.lines] == [(5, 5), (2, 2)]
    assert (await on_hand(db, tea), await on_hand(db, pot)) == (5, 2)
    async with db.read() as session:
        moves = (await inventory.list_movements(session, sku_id=tea)).items
        assert (await inventory.audit(session)).differences == ()
    assert [move.ref for move in moves] == ["ASN-1"]
    with pytest.raises(supply.NoticeEnded):
        await came(db, made, now, (tea, 1))
    assert await on_hand(db, tea) == 5


async def test_more_and_other_goods_than_announced_are_counted_as_they_are(
    db: Database, now: datetime
) -> None:
    made = await announced(db, now, 3, 4)
    tea, stranger = made.lines[0].sku_id, new_id()
    after = await came(db, made, now, (tea, 5), (stranger, 1))
    assert after.status == "receiving"
    assert [(line.expected, line.received) for line in after.lines] == [(3, 5), (4, 0), (0, 1)]
    closed = await end(db, made, "close", now)
    assert closed.status == "closed"
    assert await on_hand(db, stranger) == 1


async def test_what_has_begun_is_not_cancelled_and_what_ended_stays(db: Database, now: datetime) -> None:
    made = await announced(db, now, 3)
    await came(db, made, now, (made.lines[0].sku_id, 1))
    with pytest.raises(supply.NoticeEnded) as caught:
        await end(db, made, "cancel", now)
    assert caught.value.params == {"notice_status": "receiving"}
    other = await announced(db, now, 3, number="ASN-2", site_id=made.site_id)
    assert (await end(db, other, "cancel", now)).status == "cancelled"
    with pytest.raises(supply.NoticeEnded):
        await end(db, other, "close", now)


async def test_a_number_is_announced_once(db: Database, now: datetime) -> None:
    made = await announced(db, now, 1)
    with pytest.raises(supply.NoticeKnown):
        await announced(db, now, 2, site_id=made.site_id)


async def test_what_cannot_be_kept_is_refused(db: Database, now: datetime) -> None:
    with pytest.raises(inventory.UnknownSite):
        await announced(db, now, 1, site_id=new_id())
    site_id = await open_site(db, now)
    with pytest.raises(Invalid):
        await announced(db, now, 1, number="  ", site_id=site_id)
    with pytest.raises(Invalid):
        await announced(db, now, site_id=site_id)
    made = await announced(db, now, 1, site_id=site_id)
    with pytest.raises(NotFound):
        await came(db, msgspec.structs.replace(made, id=new_id()), now, (new_id(), 1))


async def test_two_gates_count_together(db: Database, now: datetime) -> None:
    made = await announced(db, now, 20)
    tea = made.lines[0].sku_id
    await asyncio.gather(*(came(db, made, now, (tea, 2)) for _ in range(10)))
    async with db.read() as session:
        after = await supply.get_notice(session, notice_id=made.id)
    assert (after.status, after.lines[0].received) == ("closed", 20)
    assert await on_hand(db, tea) == 20
