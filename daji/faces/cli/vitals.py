"""`daji vitals` and `daji mend`: what somebody whom an alarm woke looks at first, and sets going again."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from daji.boot import House
from daji.faces.cli.common import JsonFile, with_house, write_json
from daji.faces.cli.screen import console
from daji.kit import mending
from daji.views import console_health, vital_signs

LIMITS: dict[str, float] = {
    "outbox_oldest_s": 60,
    "parked": 0,
    "timers_oldest_s": 300,
    "runs_oldest_s": 300,
    "processes_silent": 0,
    "connections_share": 0.85,
    "longest_transaction_s": 300,
    "waiting_for_locks": 20,
    "wraparound_share": 0.5,
    "replica_lag_s": 30,
    "carrier_behind_s": 60,
    "oversold": 0,
}
"""Beyond these an alarm rings (`deploy/observability/rules.yaml`)."""


class Kind(StrEnum):
    """What can stand still."""

    ALL = "all"
    EVENTS = "events"
    JOURNEYS = "journeys"
    TIMERS = "timers"


class Vitals(msgspec.Struct, frozen=True, kw_only=True):
    """All signs, and what stands still by name."""

    signs: vital_signs.VitalSigns
    slow: vital_signs.SlowSigns
    parked: tuple[str, ...]
    stuck: tuple[str, ...]
    failing: tuple[str, ...]

    @property
    def figures(self) -> dict[str, float]:
        return {**msgspec.structs.asdict(self.signs), **msgspec.structs.asdict(self.slow)}

    @property
    def beyond(self) -> tuple[str, ...]:
        """Signs that are beyond their limit."""
        return tuple(
            name
            for name, value in self.figures.items()
            if (name in LIMITS and value > LIMITS[name]) or (name == "workers_alive" and not value)
        )


async def look(house: House) -> Vitals:
    """Ask for all signs now."""
    now = datetime.now(UTC)
    async with house.db.transaction() as fresh:
        health = await console_health.get_health(fresh, at=now, expected="")
        return Vitals(
            signs=await vital_signs.get_vital_signs(fresh, at=now, behind_s=house.db.behind_s),
            slow=await vital_signs.get_slow_signs(fresh, at=now),
            parked=tuple(f"{one.job_id} {one.listener} {one.topic}" for one in health.machine.parked),
            stuck=tuple(f"{one.id} {one.flow}: {one.last_error or ''}" for one in health.stuck_runs),
            failing=tuple(f"{one.id} {one.kind}: {one.last_error}" for one in health.failing_timers),
        )


def vitals(json_file: JsonFile = None) -> None:
    """Show the signs that alarms stand on, and what stands still; exits 1 when one is beyond its limit."""
    found = with_house(look)
    table = Table("sign", "now", "alarm beyond")
    for name, value in found.figures.items():
        shown = f"{value:,.3f}".rstrip("0").rstrip(".")
        limit = LIMITS.get(name)
        table.add_row(
            name,
            f"[red]{shown}[/]" if name in found.beyond else shown,
            "" if limit is None else f"{limit:g}",
        )
    console.print(table)
    for title, lines in (("parked", found.parked), ("stuck", found.stuck), ("failing", found.failing)):
        for line in lines:
            console.print(f"{title}: {line}", highlight=False)
    write_json(json_file, found)
    if found.beyond:
        raise typer.Exit(1)


def mend(what: Annotated[Kind, typer.Argument(help="Which of them.")] = Kind.ALL) -> None:
    """Set going again what stands still: parked events, stuck journeys, failing timers; workers take them up."""

    async def work(house: House) -> dict[str, int]:
        done: dict[str, int] = {}
        async with house.db.transaction() as tx:
            health = await console_health.get_health(tx, at=datetime.now(UTC), expected="")
            if what in {Kind.ALL, Kind.EVENTS}:
                for job in health.machine.parked:
                    await mending.retry_job(tx, job_id=job.job_id)
                done["events"] = len(health.machine.parked)
            if what in {Kind.ALL, Kind.JOURNEYS}:
                for run in health.stuck_runs:
                    await mending.resume_run(tx, run_id=run.id)
                done["journeys"] = len(health.stuck_runs)
            if what in {Kind.ALL, Kind.TIMERS}:
                for timer in health.failing_timers:
                    await mending.wake_timer(tx, timer_id=timer.id)
                done["timers"] = len(health.failing_timers)
        return done

    done = with_house(work)
    console.print(", ".join(f"{count} {kind}" for kind, count in done.items()) + " set going again")
