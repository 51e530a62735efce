"""The rehearsal of a flash sale: play it to its end on a clock of its own, then count everything again."""

from __future__ import annotations

import asyncio
import bisect
import random
import statistics
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from daji.faces.cli.rehearsing import bars
from daji.faces.cli.rehearsing.crowd import Actor, Crowd, Step
from daji.faces.cli.rehearsing.stage import Stage, open_stage
from daji.flows import run_flash_sale
from daji.fulfil.inventory import api as inventory
from daji.grow.flash import api as flash
from daji.views import console_flash

SLICE = 0.01
"""Seconds of the rehearsal that happen at once."""
IN_FLIGHT = 64
"""Requests that are answered at the same time: what two cores of a shop carry without a queue before them."""
STEP = 1000.0
"""How many times more must come in the busiest second than before, so that it is a rush."""
STEP_FROM, SOLD_FROM = 10_000, 4
"""Attempts from which that step can be told, and attempts for each piece from which every piece must be sold."""
EXTRA = 100
"""Pieces that the ordinary shop keeps: none of them may end up in the sale."""
PAIRS = 200_000
ONE_LOOK = 2.5
"""Seconds between two looks of somebody near the front, with their jitter."""


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from request to answer, in process."""

    what: str
    answers: int
    p50: float
    p99: float
    slowest: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal counted."""

    attempts: int
    stock: int
    bots: float
    duplicates: float
    seed: int
    processes: int
    in_line: int
    throttled: int
    sold: int
    unpaid: int
    returned: int
    refused: int
    oversold: int
    leaked: int
    miscounted: int
    over_limit: int
    doubled: int
    doubles_that_differ: int
    errors: int
    gini_of_waiting: float
    order_kept: float
    waited_p50: float
    waited_p99: float
    sold_to_bots: float
    bots_of_those_in_line: float
    step: float
    played_seconds: float
    seconds: float
    latency: tuple[Latency, ...]
    outcomes: dict[str, int]

    def judge(self) -> bars.Verdict:
        """What must hold. Without enough people for every piece not every piece need be sold."""
        sold = bars.exactly("sold", self.sold, self.stock)
        step = bars.at_least("arrivals: busiest second to one before", self.step, STEP, "x")
        return bars.judge(
            "flash sale",
            (
                *((sold,) if self.attempts >= SOLD_FROM * self.stock else ()),
                bars.exactly("oversold", self.oversold),
                bars.exactly("leaked", self.leaked),
                bars.exactly("counters that disagree with the rows", self.miscounted),
                bars.exactly("buyers over their limit", self.over_limit),
                bars.exactly("doubles answered differently", self.doubles_that_differ),
                bars.exactly("server errors", self.errors),
                *((step,) if self.attempts >= STEP_FROM else ()),
            ),
            msgspec.structs.asdict(self),
        )


async def rehearse_flash_sale(
    *, attempts: int, stock: int, bots: float, duplicates: float, seed: int, processes: int, start: datetime
) -> Result:
    """Play the sale against the real application and a real database, and count what came of it."""
    began = time.monotonic()
    async with open_stage(stock=stock, extra=EXTRA, processes=processes, pay_minutes=2, start=start) as stage:
        crowd = Crowd(stage, attempts=attempts, bots=bots, duplicates=duplicates, seed=seed)
        await _play(stage, crowd, start)
        played = (stage.clock.now() - start).total_seconds()
        found = await _count(stage)
    return _result(
        crowd,
        found,
        given={
            "attempts": attempts,
            "stock": stock,
            "bots": bots,
            "duplicates": duplicates,
            "seed": seed,
            "processes": processes,
            "played_seconds": round(played, 1),
            "seconds": round(time.monotonic() - began, 1),
        },
    )


async def _play(stage: Stage, crowd: Crowd, start: datetime) -> None:
    """Move from slice to slice; every second of it the worker has its turn. Ends when nobody has anything left to do."""
    end = (stage.sale.closes_at - start).total_seconds()
    moment, next_tick, quiet = 0.0, 0.0, False
    while moment < end and not quiet:
        upcoming = crowd.calendar[0][0] if crowd.calendar else next_tick
        moment = max(moment, min(upcoming, next_tick))
        crowd.now = moment
        stage.clock.set(start + timedelta(seconds=moment))
        await _together(crowd.due(moment + SLICE))
        if moment >= next_tick:
            await stage.tick()
            next_tick = moment + 1.0
            quiet = not crowd.calendar and not await _open_orders(stage)
    await stage.tick()


async def _together(steps: Sequence[Step]) -> None:
    for at in range(0, len(steps), IN_FLIGHT):
        await asyncio.gather(*(step() for step in steps[at : at + IN_FLIGHT]))


async def _open_orders(stage: Stage) -> int:
    async with stage.house.db.read() as session:
        figures = await console_flash.get_figures(session, sale_id=stage.sale.id, at=stage.clock.now())
    return figures.unpaid


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    figures: console_flash.FlashFigures
    running: console_flash.FlashCheck
    closed: console_flash.FlashCheck
    ledger: int
    on_hand: int
    kept: int
    free: int


async def _count(stage: Stage) -> _Found:
    """Count while the sale still runs, close it, and count again with all its stock given back."""
    db, now = stage.house.db, stage.clock.now()
    async with db.snapshot() as session:
        figures = await console_flash.get_figures(session, sale_id=stage.sale.id, at=now)
        running = await console_flash.check(session, sale_id=stage.sale.id)
    async with db.transaction() as tx:
        sale = await flash.get_sale(tx, sale_id=stage.sale.id)
        if sale.status != "closed":
            await run_flash_sale.stop_flash_sale(tx, sale_id=sale.id, by="staff:rehearsal", now=now)
    async with db.snapshot() as session:
        closed = await console_flash.check(session, sale_id=stage.sale.id)
        ledger = len((await inventory.audit(session)).differences)
        stock = await inventory.availability(session, sku_ids=[stage.sku_id])
    return _Found(
        figures=figures,
        running=running,
        closed=closed,
        ledger=ledger,
        on_hand=sum(row.on_hand for row in stock),
        kept=sum(row.held for row in stock),
        free=sum(row.available for row in stock),
    )


def _result(crowd: Crowd, found: _Found, *, given: dict[str, int | float]) -> Result:
    stock, attempts = int(given["stock"]), int(given["attempts"])
    tally, actors = crowd.tally, crowd.actors
    figures = found.figures
    waits = [a.admitted_at - a.joined_at for a in actors if not a.bot and _admitted(a)]  # type: ignore[operator]
    buyers = [actor for actor in actors if actor.outcome == "ordered"]
    in_line = [actor for actor in actors if actor.joined_at is not None]
    errors = sum(n for name, n in tally.statuses.items() if name[-3] == "5")
    oversold = max(found.running.oversold, found.closed.oversold, figures.sold + figures.unpaid - stock, 0)
    # What left the shelf's freedom and is in no order, or the other way round.
    leaked = found.running.leaked + found.closed.leaked + abs(found.kept - figures.sold - figures.unpaid)
    leaked += abs(found.on_hand - stock - EXTRA)
    miscounted = found.running.miscounted + found.closed.miscounted + found.running.buyers_miscounted
    outcomes: dict[str, int] = {}
    for actor in actors:
        name = f"{'bots' if actor.bot else 'people'}: {actor.outcome}"
        outcomes[name] = outcomes.get(name, 0) + 1
    return Result(
        attempts=attempts,
        stock=stock,
        bots=given["bots"],
        duplicates=given["duplicates"],
        seed=int(given["seed"]),
        processes=int(given["processes"]),
        in_line=len(in_line),
        throttled=sum(n for name, n in tally.statuses.items() if name.endswith(" 429")),
        sold=figures.sold,
        unpaid=figures.unpaid,
        returned=figures.returned,
        refused=attempts - len(buyers),
        oversold=oversold,
        leaked=leaked,
        miscounted=miscounted + found.ledger,
        over_limit=found.running.over_limit + found.closed.over_limit,
        doubled=tally.doubles,
        doubles_that_differ=tally.doubles_differ,
        errors=errors,
        gini_of_waiting=round(gini(waits), 3),
        order_kept=round(order_kept([a for a in actors if not a.bot and _admitted(a)]), 4),
        waited_p50=round(_at(waits, 0.5), 1),
        waited_p99=round(_at(waits, 0.99), 1),
        sold_to_bots=round(sum(a.bot for a in buyers) / len(buyers), 3) if buyers else 0.0,
        bots_of_those_in_line=round(sum(a.bot for a in in_line) / len(in_line), 3) if in_line else 0.0,
        step=_step(actors),
        played_seconds=given["played_seconds"],
        seconds=given["seconds"],
        latency=tuple(_latency(what, seconds) for what, seconds in _with_all(tally.seconds)),
        outcomes=dict(sorted(outcomes.items())),
    )


def _admitted(actor: Actor) -> bool:
    return actor.admitted_at is not None and actor.joined_at is not None


def _with_all(seconds: dict[str, list[float]]) -> list[tuple[str, list[float]]]:
    return [*seconds.items(), ("all", [one for some in seconds.values() for one in some])]


def _latency(what: str, seconds: list[float]) -> Latency:
    millis = [one * 1000 for one in seconds]
    return Latency(
        what=what,
        answers=len(millis),
        p50=round(_at(millis, 0.5), 2),
        p99=round(_at(millis, 0.99), 2),
        slowest=round(max(millis, default=0), 1),
    )


def _at(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _step(actors: Sequence[Actor]) -> float:
    """By how much more people came in the busiest second than in the median second before it."""
    arrivals = sorted(actor.arrives for actor in actors)
    if not arrivals:
        return 0.0
    busiest = max(bisect.bisect_left(arrivals, at + 1.0) - n for n, at in enumerate(arrivals))
    opening = arrivals[-1] - 1.0
    before = [sum(opening - s - 1 <= a < opening - s for a in arrivals) for s in range(5)]
    return round(busiest / max(1.0, statistics.median(before)), 0)


def gini(values: Sequence[float]) -> float:
    """Gini coefficient: 0 when all wait alike, towards 1 when few do all the waiting (Gini 1912)."""
    ordered = sorted(values)
    total = sum(ordered)
    if not ordered or not total:
        return 0.0
    n = len(ordered)
    return sum((2 * (i + 1) - n - 1) * value for i, value in enumerate(ordered)) / (n * total)


def order_kept(actors: Sequence[Actor]) -> float:
    """Of two people who were let in, how often the one who came first was let in no later than one look after the other.

    People learn that it is their turn when they look, every two seconds near the front; 1 is a perfect line.
    """
    if len(actors) < 2:  # noqa: PLR2004 - a pair
        return 1.0
    rng = random.Random(len(actors))  # noqa: S311 - a sample that can be repeated
    kept = 0
    for _ in range(PAIRS):
        one, other = rng.sample(actors, 2)
        first, second = sorted((one, other), key=lambda actor: actor.joined_at or 0.0)
        kept += (first.admitted_at or 0.0) <= (second.admitted_at or 0.0) + ONE_LOOK
    return kept / PAIRS
