"""The trail: append-only, without gaps, and found out when touched."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import msgspec
import pytest

from daji.base.audit import api
from daji.kit import ids
from daji.kit.db import Database
from daji.kit.paging import BadCursor

ADMIN = ids.new_id()


async def deed(db: Database, now: datetime, **changes: Any) -> api.Entry:
    given = {
        "staff_id": ADMIN,
        "action": "price.set",
        "subject_kind": "sku",
        "subject_id": ids.new_id(),
        "before": {"amount": 100},
        "after": {"amount": 120},
        "request_id": "req_1",
        "ip": "192.0.2.1",
    } | changes
    async with db.transaction() as tx:
        return await api.record(tx, **given, now=now)


async def report(db: Database, expected: api.Head | None = None) -> api.ChainReport:
    async with db.snapshot() as session:
        return await api.verify(session, expected=expected)


async def tamper(db: Database, *statements: str) -> None:
    """Do as somebody with every right on the database could."""
    connection = await asyncpg.connect(db.url)
    await connection.execute("SET session_replication_role = replica")
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def test_an_empty_trail_is_intact(db: Database):
    assert await report(db) == api.ChainReport(entries=0, head=api.Head(seq=0, hash=""), broken_at=None)


async def test_deeds_come_back_as_they_were(db: Database, now: datetime):
    subject = ids.new_id()
    written = await deed(db, now, subject_id=subject)
    async with db.read() as session:
        page = await api.list_entries(session, subject_kind="sku", subject_id=subject)
        assert page.items == (written,)
        assert (await api.head(session)).seq == 1
    assert (written.seq, written.subject_id, written.after, written.at) == (
        1,
        str(subject),
        {"amount": 120},
        now,
    )
    assert (await report(db)).intact


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.entry SET action = 'nothing'",
        "DELETE FROM audit.entry",
        "TRUNCATE audit.entry",
        "INSERT INTO audit.entry SELECT * FROM audit.entry ON CONFLICT (seq) DO UPDATE SET action = 'x'",
    ],
)
async def test_the_trail_refuses_to_forget(db: Database, now: datetime, statement: str):
    await deed(db, now)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="append-only"):
        async with db.transaction() as tx:
            await tx.execute(statement)
    assert (await report(db)).entries == 1


async def test_a_deed_that_is_rolled_back_was_never_recorded_and_leaves_no_gap(db: Database, now: datetime):
    await deed(db, now)

    async def fail_afterwards() -> None:
        async with db.transaction() as tx:
            await api.record(
                tx, staff_id=None, action="a", subject_kind="s", subject_id="1", before=None, after=None,
                request_id=None, ip=None, now=now,
            )  # fmt: skip
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_afterwards()
    assert (await deed(db, now)).seq == 2
    assert (await report(db)).intact


async def test_rivals_make_one_chain(db: Database, now: datetime):
    entries = await asyncio.gather(*(deed(db, now + timedelta(seconds=n)) for n in range(40)))
    assert sorted(entry.seq for entry in entries) == list(range(1, 41))
    found = await report(db)
    assert (found.entries, found.intact, found.head.seq) == (40, True, 40)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit.entry SET action = 'innocent' WHERE seq = 3", 3),
        ("""UPDATE audit.entry SET after = '{"amount": 1}' WHERE seq = 3""", 3),
        ("UPDATE audit.entry SET staff_id = NULL WHERE seq = 3", 3),
        ("UPDATE audit.entry SET at = at + interval '1 microsecond' WHERE seq = 3", 3),
        ("UPDATE audit.entry SET hash = sha256('x') WHERE seq = 3", 3),
        ("DELETE FROM audit.entry WHERE seq = 3", 4),
        ("DELETE FROM audit.entry WHERE seq = 1", 2),
    ],
)
async def test_tampering_is_found_at_its_place(db: Database, now: datetime, statement: str, broken_at: int):
    for n in range(5):
        await deed(db, now + timedelta(seconds=n))
    await tamper(db, statement)
    assert (await report(db)).broken_at == broken_at


async def test_a_chain_cut_short_or_written_anew_is_found_by_a_head_noted_earlier(
    db: Database, now: datetime
):
    for _ in range(5):
        await deed(db, now)
    noted = (await report(db)).head
    await deed(db, now)
    assert (await report(db, noted)).intact
    await tamper(db, "DELETE FROM audit.entry WHERE seq >= 4")
    assert (await report(db)).intact
    assert (await report(db, noted)).broken_at == 4
    for _ in range(4):
        await deed(db, now, action="price.kept")
    assert (await report(db)).intact
    assert (await report(db, noted)).broken_at == 5


class Odd(msgspec.Struct):
    price: Decimal
    when: datetime


@pytest.mark.parametrize(
    "after",
    [
        {"text": "a\0b\ud800", "k\0": ["\0"]},
        {"number": 1e22, "small": 5e-324, "int": 2**62, "minus": -0.0, "dec": Decimal("1.10")},
        {"z": 1, "a": {"b": None}, "时间": datetime(2026, 1, 1, tzinfo=UTC)},
        {"odd": Odd(price=Decimal("0.10"), when=datetime(2026, 1, 1, tzinfo=UTC)), "id": ids.new_id()},
        {"huge": "x" * 100_000},
        {},
    ],
)
async def test_whatever_was_done_is_recorded_and_verifies(db: Database, now: datetime, after: dict[str, Any]):
    await deed(db, now, after=after, action="a" * 1000, subject_id="\0", ip="\ud800")
    await deed(db, now, after=None, before=None, staff_id=None, ip=None, request_id=None)
    assert (await report(db)).intact


async def test_the_session_settings_do_not_change_the_hash(db: Database, now: datetime):
    await deed(db, now)
    connection = await asyncpg.connect(
        db.url, server_settings={"timezone": "Asia/Shanghai", "datestyle": "German"}
    )
    from daji.base.audit.store import SQL_VERIFY  # noqa: PLC0415

    row = await connection.fetchrow(SQL_VERIFY)
    await connection.close()
    assert row is not None
    assert row["broken_at"] is None


async def test_entries_are_filtered_and_paged(db: Database, now: datetime):
    other = ids.new_id()
    for n in range(7):
        await deed(db, now, staff_id=other if n % 2 else ADMIN, action=f"a{n % 3}")
    async with db.read() as session:
        first = await api.list_entries(session, limit=4)
        rest = await api.list_entries(session, limit=4, cursor=first.next_cursor)
        assert [e.seq for e in (*first.items, *rest.items)] == [7, 6, 5, 4, 3, 2, 1]
        assert rest.next_cursor is None
        assert {e.staff_id for e in (await api.list_entries(session, staff_id=other)).items} == {other}
        assert [e.seq for e in (await api.list_entries(session, action="a0")).items] == [7, 4, 1]
        assert (await api.list_entries(session, subject_kind="order")).items == ()
        with pytest.raises(BadCursor):
            await api.list_entries(session, cursor="x")
