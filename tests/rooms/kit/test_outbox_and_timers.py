"""A fact is delivered exactly when its change committed; a timer fires once, oldest first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

import pytest

from daji.kit import ids, outbox, timers
from daji.kit.db import Database, LockOrder, LockOrderBroken, Tx, counting
from daji.kit.events import Event


async def _next_due(db: Database) -> datetime | None:
    due = await timers.list_due(db, ("tea",), until=datetime.max.replace(tzinfo=UTC))
    return due[0].due_at if due else None


class KettleBoiled(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "kettle.boiled"
    litres: int


async def jobs(db: Database) -> list[bytes]:
    async with db.read() as session:
        return [row["payload"] for row in await session.rows("SELECT payload FROM pgqueuer ORDER BY id")]


async def test_event_and_job_commit_with_the_change_or_not_at_all(db: Database, now: datetime) -> None:
    heard: list[KettleBoiled] = []

    async def listen(_tx: Tx, event: KettleBoiled, _heard: outbox.Heard) -> None:
        heard.append(event)

    db.listeners.on(KettleBoiled, "tests.listen", listen)

    async def spill() -> None:
        async with db.transaction() as tx:
            tx.emit(KettleBoiled(litres=1), subject=ids.new_id(), at=now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await spill()
    assert await jobs(db) == []
    with counting() as tally:
        async with db.transaction() as tx:
            for litres in (2, 3):
                tx.emit(KettleBoiled(litres=litres), subject=ids.new_id(), at=now)
    assert tally.count == 4, tally.statements
    for payload in await jobs(db):
        assert await outbox.deliver(db, db.listeners, payload, now=now)
        assert not await outbox.deliver(db, db.listeners, payload, now=now)
    assert [event.litres for event in heard] == [2, 3]


async def test_a_failing_listener_may_be_tried_again(db: Database, now: datetime) -> None:
    calls = 0

    async def stumble(_tx: Tx, _event: KettleBoiled, _heard: outbox.Heard) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise RuntimeError("dropped the pot")

    db.listeners.on(KettleBoiled, "tests.stumble", stumble)
    async with db.transaction() as tx:
        tx.emit(KettleBoiled(litres=1), subject=ids.new_id(), at=now)
    (payload,) = await jobs(db)
    with pytest.raises(RuntimeError):
        await outbox.deliver(db, db.listeners, payload, now=now)
    assert await outbox.deliver(db, db.listeners, payload, now=now)


async def test_rival_deliveries_of_one_job_react_once(db: Database, now: datetime) -> None:
    calls = 0

    async def count(_tx: Tx, _event: KettleBoiled, _heard: outbox.Heard) -> None:
        nonlocal calls
        calls += 1

    db.listeners.on(KettleBoiled, "tests.count", count)
    async with db.transaction() as tx:
        tx.emit(KettleBoiled(litres=1), subject=ids.new_id(), at=now)
    (payload,) = await jobs(db)
    await asyncio.gather(*(outbox.deliver(db, db.listeners, payload, now=now) for _ in range(10)))
    assert calls == 1


class TestTimers:
    async def test_fire_in_order_at_their_own_time_and_are_gone(self, db: Database, now: datetime) -> None:
        fired: list[tuple[UUID, datetime]] = []

        async def handler(subject: UUID, at: datetime) -> None:
            fired.append((subject, at))

        late, early = ids.new_id(), ids.new_id()
        async with db.transaction() as tx:
            tx.set_timer("tea", late, now + timedelta(hours=2))
            tx.set_timer("tea", early, now + timedelta(hours=1))
            tx.set_timer("tea", early, now + timedelta(minutes=5))
        assert await _next_due(db) == now + timedelta(minutes=5)
        assert (await timers.fire_due(db, {"tea": handler}, now=now)).done == 0
        report = await timers.fire_due(db, {"tea": handler}, now=now + timedelta(days=1))
        assert report.done == 2
        assert fired == [(early, now + timedelta(minutes=5)), (late, now + timedelta(hours=2))]
        assert await _next_due(db) is None

    async def test_a_cleared_timer_does_not_fire(self, db: Database, now: datetime) -> None:
        subject = ids.new_id()
        async with db.transaction() as tx:
            tx.set_timer("tea", subject, now)
        async with db.transaction() as tx:
            tx.clear_timer("tea", subject)
        assert await _next_due(db) is None

    async def test_a_failing_one_keeps_its_row_and_does_not_stop_the_others(
        self, db: Database, now: datetime
    ) -> None:
        bad, good = ids.new_id(), ids.new_id()

        async def handler(subject: UUID, _at: datetime) -> None:
            if subject == bad:
                raise RuntimeError("no water")

        async with db.transaction() as tx:
            tx.set_timer("tea", bad, now)
            tx.set_timer("tea", good, now)
        report = await timers.fire_due(db, {"tea": handler}, now=now)
        assert (report.done, report.failed) == (1, 1)
        async with db.read() as session:
            assert "no water" in await session.value(
                "SELECT last_error FROM kit.timers WHERE subject = $1", bad
            )

    async def test_reset_while_it_fires_is_kept(self, db: Database, now: datetime) -> None:
        subject = ids.new_id()

        async def again(subject: UUID, at: datetime) -> None:
            async with db.transaction() as tx:
                tx.set_timer("tea", subject, at + timedelta(hours=1))

        async with db.transaction() as tx:
            tx.set_timer("tea", subject, now)
        await timers.fire_due(db, {"tea": again}, now=now)
        assert await _next_due(db) == now + timedelta(hours=1)

    async def test_many_of_a_kind_are_fired_together(self, db: Database, now: datetime) -> None:
        groups: list[list[UUID]] = []

        async def together(group: Sequence[timers.Due]) -> None:
            groups.append([due.subject for due in group])

        first, second, later = (ids.new_id() for _ in range(3))
        async with db.transaction() as tx:
            tx.set_timer("tea", second, now)
            tx.set_timer("tea", first, now - timedelta(hours=1))
            tx.set_timer("tea", later, now + timedelta(hours=1))
        due = await timers.list_due(db, ("tea",), until=now)
        assert await timers.fire_together(db, {"tea": together}, due) == 2
        assert groups == [[first, second]]
        assert await timers.fire_together(db, {"tea": together}, due) == 0
        assert await _next_due(db) == now + timedelta(hours=1)

    async def test_together_they_fail_and_say_why(self, db: Database, now: datetime) -> None:
        async def spill(_group: Sequence[timers.Due]) -> None:
            raise RuntimeError("no water")

        async with db.transaction() as tx:
            tx.set_timer("tea", ids.new_id(), now)
            tx.set_timer("tea", ids.new_id(), now)
        due = await timers.list_due(db, ("tea",), until=now)
        with pytest.raises(RuntimeError):
            await timers.fire_together(db, {"tea": spill}, due)
        async with db.read() as session:
            rows = await session.rows("SELECT last_error FROM kit.timers")
        assert [("no water" in row["last_error"]) for row in rows] == [True, True]

    async def test_rival_workers_fire_each_timer_once(self, db: Database, now: datetime) -> None:
        fired: list[UUID] = []

        async def handler(subject: UUID, _at: datetime) -> None:
            fired.append(subject)
            await asyncio.sleep(0)

        async with db.transaction() as tx:
            for _ in range(40):
                tx.set_timer("tea", ids.new_id(), now)
        await asyncio.gather(*(timers.fire_due(db, {"tea": handler}, now=now, limit=10) for _ in range(8)))
        while await _next_due(db):
            await timers.fire_due(db, {"tea": handler}, now=now)
        assert len(fired) == len(set(fired)) == 40


async def test_locks_against_the_written_order_raise(database_url: str) -> None:
    order = LockOrder(["first", "second"])
    assert order.rank("second") == 1
    tx = Tx(None, order)  # type: ignore[arg-type]
    tx.locking("second")
    tx.locking("second")
    with pytest.raises(LockOrderBroken):
        tx.locking("first")
    with pytest.raises(LockOrderBroken):
        Tx(None, order).locking("unknown")  # type: ignore[arg-type]


async def test_the_read_session_cannot_write(db: Database) -> None:
    with pytest.raises(Exception, match="read-only"):
        async with db.read() as session:
            await session.rows("DELETE FROM kit.timers RETURNING id")
