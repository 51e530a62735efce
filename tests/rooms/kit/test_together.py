"""What many ask in one moment is done together, and nobody pays for another: answers, refusals, crashes and all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import pytest

from daji.kit import faults, ids, runs, telemetry, together
from daji.kit.db import Database, Tx
from daji.kit.events import Event
from daji.kit.problems import Conflict, InProgress

MAKE = "CREATE TABLE public.cup (run uuid PRIMARY KEY, what text CHECK (what <> 'salt'), batch xid8 DEFAULT pg_current_xact_id())"


class Poured(Event, frozen=True, kw_only=True):
    topic = "test.poured"
    what: str


class Ask(msgspec.Struct, frozen=True):
    what: str = "tea"


class Cup(msgspec.Struct, frozen=True):
    what: str


async def pour(tx: Tx, _: Bar, asked: Sequence[tuple[runs.Run, Ask]]) -> Sequence[Cup]:
    none_left = {run.id: Conflict(why="none left") for run, ask in asked if ask.what == "whisky"}
    if none_left:
        raise runs.Refused(none_left)
    for run, ask in asked:
        if ask.what == "hemlock":
            raise Conflict(why="not here")
        await tx.execute("INSERT INTO public.cup (run, what) VALUES ($1, $2)", run.id, ask.what)
        tx.emit(Poured(what=ask.what), subject=run.id, at=run.now)
    return [Cup(what=ask.what) for _, ask in asked]


POUR = runs.Joint(
    flow="pour", phase="pour", gives=Cup, work=pour, final=lambda _: True, subject=lambda run, _: run.id
)


async def body(run: runs.Run, bar: Bar, ask: Ask) -> Cup:
    return await run.share(POUR, bar, ask)


FLOW = runs.Flow(name="pour", takes=Ask, gives=Cup, body=body)


class Bar:
    """Context of the test journeys."""

    def __init__(self, db: Database, now: datetime) -> None:
        self.db = db
        self.now = now

    async def order(self, what: str, key: str | None = None) -> Cup:
        return await runs.start(
            self.db, FLOW, self, Ask(what=what), scope="bar", key=key or str(ids.new_id()), now=self.now
        )

    async def order_all(self, *wanted: str) -> list[Cup | BaseException]:
        return await asyncio.gather(*(self.order(what) for what in wanted), return_exceptions=True)

    async def cups(self) -> list[str]:
        async with self.db.read() as session:
            return [row["what"] for row in await session.rows("SELECT what FROM public.cup ORDER BY what")]

    async def value(self, sql: str) -> object:
        async with self.db.read() as session:
            return await session.value(sql)


@pytest.fixture
async def bar(db: Database, now: datetime) -> Bar:
    async with db.transaction() as tx:
        await tx.execute(MAKE)
    return Bar(db, now)


async def test_a_crowd_shares_transactions_and_everybody_has_a_run(bar: Bar) -> None:
    told = await bar.order_all(*["tea"] * 50)
    assert told == [Cup(what="tea")] * 50
    assert await bar.value("SELECT count(*) FROM kit.runs WHERE flow = 'pour' AND status = 'done'") == 50
    batches = await bar.value("SELECT count(DISTINCT batch) FROM public.cup")
    assert isinstance(batches, int)
    assert batches < 10


async def test_who_is_refused_by_name_falls_out_and_the_others_go_on(bar: Bar) -> None:
    told = await bar.order_all("tea", "whisky", "tea", "whisky", "tea")
    assert [type(one) for one in told] == [Cup, Conflict, Cup, Conflict, Cup]
    assert await bar.cups() == ["tea"] * 3
    assert await bar.value("SELECT count(*) FROM kit.runs") == 3


@pytest.mark.parametrize("poison", ["hemlock", "salt"])
async def test_whatever_goes_wrong_is_taken_apart_until_it_is_known_whom_it_concerns(
    bar: Bar, poison: str
) -> None:
    told = await bar.order_all("tea", "tea", poison, "tea", "tea", "tea")
    assert [isinstance(one, Exception) for one in told] == [False, False, True, False, False, False]
    assert await bar.cups() == ["tea"] * 5


async def test_one_key_twice_in_one_moment_works_once(bar: Bar) -> None:
    told = await asyncio.gather(
        *(bar.order("tea", key="same") for _ in range(8)), bar.order("milk"), return_exceptions=True
    )
    assert set(map(type, told)) <= {Cup, InProgress}
    assert Cup(what="tea") in told
    assert told[-1] == Cup(what="milk")
    assert await bar.cups() == ["milk", "tea"]


async def test_a_batch_that_breaks_before_its_commit_leaves_nothing_and_every_key_free(bar: Bar) -> None:
    def break_at(point: str) -> None:
        if point == "pour.pour.before_commit":
            raise RuntimeError("power cut")

    with faults.armed(break_at):
        told = await asyncio.gather(
            *(bar.order("tea", key=str(number)) for number in range(6)), return_exceptions=True
        )
    assert all(isinstance(one, RuntimeError) for one in told)
    assert await bar.cups() == []
    assert (
        await asyncio.gather(*(bar.order("tea", key=str(number)) for number in range(6)))
        == [Cup(what="tea")] * 6
    )


async def test_whoever_leaves_while_waiting_is_left_out(bar: Bar) -> None:
    staying = asyncio.create_task(bar.order("tea"))
    leaving = asyncio.create_task(bar.order("milk"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == Cup(what="tea")
    assert await bar.cups() == ["tea"]


async def test_each_event_bears_the_request_that_asked_for_it(bar: Bar) -> None:
    async def ask(name: str) -> None:
        telemetry.bind_request(name)
        await bar.order(name)

    await asyncio.gather(*(ask(f"req_{number}") for number in range(5)))
    async with bar.db.read() as session:
        rows = await session.rows("SELECT request_id, payload ->> 'what' AS what FROM kit.outbox")
    assert sorted((row["request_id"], row["what"]) for row in rows) == [
        (f"req_{number}", f"req_{number}") for number in range(5)
    ]


async def test_a_database_that_is_away_is_told_to_all_at_once() -> None:
    asked = 0

    async def work(items: Sequence[UUID]) -> Sequence[UUID]:
        nonlocal asked
        asked += 1
        raise ConnectionRefusedError

    lane: together.Lane[UUID, UUID] = together.Lane(work, of_all=(OSError,))
    told = await asyncio.gather(*(lane.join(ids.new_id()) for _ in range(9)), return_exceptions=True)
    assert all(isinstance(one, ConnectionRefusedError) for one in told)
    assert asked == 1


async def test_nobody_waits_for_company_in_a_quiet_house() -> None:
    async def work(items: Sequence[int]) -> Sequence[int]:
        return [2 * item for item in items]

    lane: together.Lane[int, int] = together.Lane(work, linger=60.0)
    assert [await asyncio.wait_for(lane.join(number), 5) for number in (1, 2)] == [2, 4]
    await lane.close()
