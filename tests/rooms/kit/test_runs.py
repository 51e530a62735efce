"""Runs answer once per key, resume after a crash, and never work twice."""

from __future__ import annotations

import asyncio
from datetime import datetime

import asyncpg
import msgspec
import pytest

from daji.kit import faults, runs
from daji.kit.db import Database, Tx, WireInsideTransaction, counting
from daji.kit.problems import Conflict, InProgress, KeyReused

MAKE = "CREATE TABLE public.work (what text)"


class Ask(msgspec.Struct, frozen=True):
    what: str = "tea"
    refuse_late: bool = False


class Done(msgspec.Struct, frozen=True):
    said: str


class Bench:
    """Context of the test journeys: counts its outside calls."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.calls = 0


async def write(tx: Tx, what: str) -> Done:
    await tx.execute("INSERT INTO public.work VALUES ($1)", what)
    return Done(said=what)


async def body(run: runs.Run, bench: Bench, ask: Ask) -> Done:
    first = await run.local("hold", Done, lambda tx: write(tx, f"hold {ask.what}"))

    async def call() -> str:
        bench.calls += 1
        return "charged"

    charged = await run.outside("charge", call)
    if ask.refuse_late:
        raise Conflict(why="declined")
    return await run.local("finish", Done, lambda tx: write(tx, f"{first.said}, {charged}"), final=True)


FLOW = runs.Flow(name="make_tea", takes=Ask, gives=Done, body=body)


@pytest.fixture
async def bench(db: Database) -> Bench:
    async with db.transaction() as tx:
        await tx.execute(MAKE)
    return Bench(db)


async def work_done(db: Database) -> list[str]:
    async with db.read() as session:
        return [row["what"] for row in await session.rows("SELECT what FROM public.work")]


async def go(bench: Bench, now: datetime, ask: Ask | None = None, key: str = "k1") -> Done:
    return await runs.start(bench.db, FLOW, bench, ask or Ask(), scope="shopper:1", key=key, now=now)


async def lapse_leases(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE kit.runs SET leased_until = clock_timestamp() - interval '1 s'")


async def test_same_key_gives_the_same_answer_without_working_again(bench: Bench, now: datetime) -> None:
    first = await go(bench, now)
    assert await go(bench, now) == first
    assert await work_done(bench.db) == ["hold tea", "hold tea, charged"]
    assert bench.calls == 1


async def test_same_key_with_another_body_is_refused(bench: Bench, now: datetime) -> None:
    await go(bench, now)
    with pytest.raises(KeyReused):
        await go(bench, now, Ask(what="coffee"))


async def test_another_scope_may_use_the_same_key(bench: Bench, now: datetime) -> None:
    await go(bench, now)
    await runs.start(bench.db, FLOW, bench, Ask(), scope="shopper:2", key="k1", now=now)
    assert bench.calls == 2


async def test_twenty_rivals_with_one_key_work_once(bench: Bench, now: datetime) -> None:
    answers = await asyncio.gather(*(go(bench, now) for _ in range(20)), return_exceptions=True)
    done = [answer for answer in answers if isinstance(answer, Done)]
    assert done
    assert all(isinstance(answer, Done | InProgress) for answer in answers)
    assert await work_done(bench.db) == ["hold tea", "hold tea, charged"]


async def test_refusal_in_the_first_phase_leaves_the_key_free(bench: Bench, now: datetime) -> None:
    async def refuse(run: runs.Run, _bench: Bench, _ask: Ask) -> Done:
        async def work(tx: Tx) -> Done:
            await write(tx, "gone")
            raise Conflict

        return await run.local("hold", Done, work)

    flow = runs.Flow(name="make_tea", takes=Ask, gives=Done, body=refuse)
    with pytest.raises(Conflict):
        await runs.start(bench.db, flow, bench, Ask(), scope="shopper:1", key="k1", now=now)
    assert await work_done(bench.db) == []
    await go(bench, now)


async def test_refusal_after_work_began_is_the_answer_for_ever(bench: Bench, now: datetime) -> None:
    for _ in range(3):
        with pytest.raises(Conflict) as caught:
            await go(bench, now, Ask(refuse_late=True))
        assert caught.value.params["why"] == "declined"
    assert bench.calls == 1


POINTS = [
    ("make_tea.hold.before_commit", [], 1),
    ("make_tea.hold.after_commit", ["hold tea"], 1),
    ("make_tea.charge.before_call", ["hold tea"], 1),
    ("make_tea.charge.after_call", ["hold tea"], 2),
    ("make_tea.finish.before_commit", ["hold tea"], 2),
    ("make_tea.finish.after_commit", ["hold tea", "hold tea, charged"], 1),
]


class PowerCut(BaseException):
    """Not an Exception: nothing in the house may catch it, as nothing survives a power cut."""


@pytest.mark.parametrize(("point", "left", "calls"), POINTS)
async def test_a_crash_at_every_point_resumes_to_the_same_end(
    bench: Bench, now: datetime, point: str, left: list[str], calls: int
) -> None:
    def cut(reached: str) -> None:
        if reached == point:
            raise PowerCut

    with faults.armed(cut), pytest.raises(PowerCut):
        await go(bench, now)
    assert await work_done(bench.db) == left
    if left and "charged" not in left[-1]:
        with pytest.raises(InProgress):
            await go(bench, now)
    await lapse_leases(bench.db)
    await runs.resume_stale(bench.db, [FLOW], bench, now=now)
    assert await go(bench, now) == Done(said="hold tea, charged")
    assert await work_done(bench.db) == ["hold tea", "hold tea, charged"]
    assert bench.calls == calls


async def test_an_outside_call_with_an_open_transaction_is_refused(bench: Bench, now: datetime) -> None:
    async def wired(run: runs.Run, _bench: Bench, _ask: Ask) -> Done:
        async def work(tx: Tx) -> Done:
            async def call() -> Done:
                return Done(said="sent")

            return await run.outside("charge", call)

        return await run.local("hold", Done, work)

    flow = runs.Flow(name="wired", takes=Ask, gives=Done, body=wired)
    with pytest.raises(WireInsideTransaction):
        await runs.start(bench.db, flow, bench, Ask(), scope="s", key="k", now=now)


async def test_a_one_phase_run_costs_two_statements_more_than_its_work(bench: Bench, now: datetime) -> None:
    async def one(run: runs.Run, _bench: Bench, ask: Ask) -> Done:
        return await run.local("do", Done, lambda tx: write(tx, ask.what), final=True)

    flow = runs.Flow(name="one", takes=Ask, gives=Done, body=one)
    with counting() as tally:
        await runs.start(bench.db, flow, bench, Ask(), scope="s", key="k", now=now)
    assert tally.count == 5, tally.statements


async def test_the_database_refuses_a_done_run_without_an_answer(db: Database) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.transaction() as tx:
            await tx.execute(
                "INSERT INTO kit.runs (id, scope, key, flow, fingerprint, input, leased_until, status)"
                " VALUES (gen_random_uuid(), 's', 'k', 'f', 'x', '{}', now(), 'done')"
            )
