"""`daji replay`: live a recorded history again, and hold the books against it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import asyncpg
import msgspec
import typer
import uvloop
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from daji.boot import FLOWS, House, HouseSettings, Rehearsal, open_house, read_settings, rehearse
from daji.faces.cli.common import JsonFile, fail, unhurried, write_json
from daji.faces.cli.migrate import database_url, migrate_database
from daji.faces.cli.screen import console
from daji.flows.replay_olist import begin, drive, importing, plan, reconcile
from daji.flows.replay_olist.source import Source, SourceBroken, read_source
from daji.flows.replay_olist.stage import POLICIES, Stage, Stuck
from daji.kit import runs, telemetry, timers
from daji.kit.clock import SimClock
from daji.kit.db import DatabaseSettings, counting
from daji.kit.settings import BadSetting
from daji.views import reconciliation

APPLICATION = "daji-replay"
_BEFORE = timedelta(days=1)
_CENTAVOS = 100
_MONEY = ("prices", "freight", "refunded", "money.")

app = typer.Typer(no_args_is_help=True, help="Live a recorded history again through today's journeys.")


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay did: `orders` placed and `steps` taken by this run, and the whole comparison.

    `statements` and `cpu_seconds` (of this process, without the database's) are of the steps, without the import.
    """

    orders: int
    steps: int
    seconds: float
    orders_per_second: float
    statements: int
    cpu_seconds: float
    resumed_at_step: int
    clean: bool
    reconciliation: reconcile.Reconciliation


@app.callback()
def replay() -> None:
    """Live a recorded history again through today's journeys."""


@app.command("olist")
def olist(
    folder: Annotated[Path, typer.Argument(help="Folder with the Olist files, orders.csv.gz and its kin.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many orders.")] = None,
    json_file: JsonFile = None,
    *,
    together: Annotated[
        int, typer.Option(min=1, help="Steps of one window, whose like ones are taken at once.")
    ] = drive.TOGETHER,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Throw the embedded database's earlier replay away first.")
    ] = False,
) -> None:
    """Replay the Olist marketplace, then reconcile; goes on where a killed run stopped. Exits 1 on a difference.

    Events wait in the outbox for the worker of the shop, as they do whenever no worker runs.
    """
    telemetry.configure(service="daji-replay", level="WARNING")
    try:
        settings, database = read_settings()
    except BadSetting as error:
        fail(str(error), "correct the variable or unset it")
    try:
        source = read_source(folder, limit=limit)
    except SourceBroken as error:
        fail(
            str(error),
            "give the folder that holds the Olist files: daji replay olist ../shared/data/olist_orders",
        )
    with _alone(settings):
        if fresh:
            asyncio.run(_wipe(settings, database))
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                result = runner.run(_replay(settings, database, source, together))
        except Stuck as stuck:
            fail(str(stuck), "the same command goes on from there once the cause is mended")
        except begin.OtherReplay:
            fail(
                "this database holds the replay of another slice",
                "repeat that one's --limit, start over with --fresh, or use another DAJI_HOME",
            )
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InvalidCatalogNameError) as error:
            fail(f"the database does not answer: {error}", "run `daji doctor`")
    _show(result)
    write_json(json_file, result)
    if not result.clean:
        raise typer.Exit(1)


@contextmanager
def _alone(settings: HouseSettings) -> Iterator[None]:
    """Hold the replay's lock file; the kernel lets go of it when the process dies, however it dies."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "replay.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fail("another replay runs in this DAJI_HOME", "wait for it, or use another DAJI_HOME")
        yield


async def _wipe(settings: HouseSettings, database: DatabaseSettings) -> None:
    """Start over, where nothing but an earlier replay can be lost."""
    if database.url:
        fail("--fresh does not empty DAJI_DATABASE_URL", "make an empty database yourself and name that one")
    if not (settings.home / "postgres").exists():
        return
    house = await open_house(application=APPLICATION)
    try:
        await _refuse_company(house)
        try:
            async with house.db.read() as session:
                others = await reconciliation.other_trades(session, channel=importing.CHANNEL)
        except asyncpg.UndefinedTableError:
            others = 0
    finally:
        await house.close()
    if others:
        fail(f"{settings.home} holds {others} orders that are no replay", "use another DAJI_HOME")
    for part in ("postgres", "sandbox", "carrier"):
        shutil.rmtree(settings.home / part, ignore_errors=True)


async def _replay(
    settings: HouseSettings, database: DatabaseSettings, source: Source, together: int
) -> Result:
    url, server = database_url(settings, database)
    try:
        await migrate_database(url)
        house = await open_house(
            env={**os.environ, "DAJI_DATABASE_URL": unhurried(url)}, application=APPLICATION
        )
        try:
            await _refuse_company(house)
            return await _lived(house, source, together)
        finally:
            await house.close()
    finally:
        if server is not None:
            server.stop()


async def _refuse_company(house: House) -> None:
    """A worker with today's clock would fire the timers of 2017 all at once."""
    async with house.db.read() as session:
        others = await reconciliation.other_processes(session, own=APPLICATION)
    if others:
        fail(
            f"other processes use this database: {', '.join(others)}",
            "stop `daji up`, or replay in another DAJI_HOME",
        )


async def _lived(house: House, source: Source, together: int) -> Result:
    steps = plan.steps(source.orders)
    async with house.db.read() as session:
        marks = await reconciliation.marks(session, scope=importing.SCOPE, channel=importing.CHANNEL)
    windows = tuple(drive.windows_left(steps, marks.done, together=together))
    start, began = windows[0].first, steps[0].at - _BEFORE
    rehearsal = rehearse(house, clock=SimClock(steps[start].at if start else began), policies=POLICIES)
    try:
        await begin.begin(rehearsal.ctx, source, now=began)
        await _take_over(house, rehearsal)
        with _progress() as bar:
            stage = await _import(rehearsal, source, marks, bar, now=began)
            await _recall(house, stage, rehearsal)
            driven = await _drive(stage, rehearsal, windows, len(steps), bar)
        async with house.db.snapshot() as session:
            found = await reconciliation.figures(session, channel=importing.CHANNEL)
    finally:
        await rehearsal.close()
    compared = reconcile.compare(reconcile.figures(source.orders), found, plan.oddities(source.orders))
    return Result(
        orders=driven.placed,
        steps=len(steps) - start,
        seconds=round(driven.seconds, 1),
        orders_per_second=round(driven.placed / driven.seconds, 1) if driven.seconds else 0.0,
        statements=driven.statements,
        cpu_seconds=round(driven.cpu_seconds, 2),
        resumed_at_step=start,
        clean=compared.clean,
        reconciliation=compared,
    )


async def _recall(house: House, stage: Stage, rehearsal: Rehearsal) -> None:
    """Know what an earlier process placed, and let the gateway know what was begun with it."""
    async with house.db.read() as session:
        found = await reconciliation.standing(session, channel=importing.CHANNEL)
    of_trade = {trade_id: name for name, trade_id in stage.trades.items()}
    for trade_id, order_id in found.orders:
        stage.owners[trade_id] = of_trade[trade_id]
        if order_id is not None:
            stage.owners[order_id] = of_trade[trade_id]
    for tender in found.tenders:
        name = stage.owners[tender.id] = of_trade[tender.trade_id]
        stage.tenders[name] = (*stage.tenders.get(name, ()), str(tender.id))
        if tender.gateway == rehearsal.payments.code:
            rehearsal.payments.recall(
                key=str(tender.id),
                amount=tender.amount,
                currency=tender.currency,
                status=tender.status if tender.status in ("captured", "voided") else "pending",
            )


async def _take_over(house: House, rehearsal: Rehearsal) -> None:
    """Nobody else is here, so whatever is claimed was claimed by a process that was killed."""
    async with house.db.read() as session:
        claimed = await reconciliation.leases(session)
    async with house.db.transaction() as tx:
        for run_id in claimed.runs:
            await tx.execute(runs.SQL_RELEASE, run_id, "its process was killed")
        for timer_id in claimed.timers:
            await tx.execute(timers.SQL_FAILED, timer_id, 0, "its process was killed")
    while await runs.resume_stale(house.db, FLOWS, rehearsal.ctx, now=rehearsal.clock.now()):
        pass


async def _import(
    rehearsal: Rehearsal, source: Source, marks: reconciliation.Marks, bar: Progress, *, now: datetime
) -> Stage:
    list_id, template_id = await importing.open_channel(rehearsal.ctx, now=now)
    imported = importing.Imported(list_id=list_id)
    task = bar.add_task("importing", total=importing.count_of(source), note="")
    async for what, count in importing.import_all(
        rehearsal.ctx, source, imported, template_id=template_id, now=now
    ):
        bar.update(task, advance=count, note=what)

    return Stage(
        ctx=rehearsal.ctx,
        recorded=rehearsal.recorded,
        gateway=rehearsal.payments,
        imported=imported,
        products=source.products,
        trades=dict(marks.trades),
        owners={},
    )


class _Driven(msgspec.Struct, frozen=True, kw_only=True):
    placed: int
    seconds: float
    cpu_seconds: float
    statements: int


async def _drive(
    stage: Stage, rehearsal: Rehearsal, windows: Sequence[plan.Window], total: int, bar: Progress
) -> _Driven:
    """Take every step that is left, and say what it cost."""
    taken = windows[0].first
    task = bar.add_task("replaying", total=total, completed=taken, note="")
    placed, began, worked = 0, time.monotonic(), time.process_time()
    with counting() as tally:
        async for batch in drive.drive(stage, windows, clock=rehearsal.clock, handlers=rehearsal.together):
            taken += len(batch.steps)
            placed += len(batch.steps) if batch.kind == "place" else 0
            speed = placed / max(time.monotonic() - began, 0.001)
            bar.update(task, completed=taken, note=f"{batch.until:%Y-%m-%d}  {speed:.0f} orders/s")
    return _Driven(
        placed=placed,
        seconds=time.monotonic() - began,
        cpu_seconds=time.process_time() - worked,
        statements=tally.count,
    )


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
        refresh_per_second=4,
    )


def _show(result: Result) -> None:
    """Print the comparison and the list of what was booked or told in other words."""
    table = Table("figure", *(("source", "Daji", "difference", "explained")), title="Reconciliation")
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for row in result.reconciliation.rows:
        numbers = (row.source, row.daji, row.difference, row.explained)
        shown = [_number(row.figure, number) for number in numbers]
        table.add_row(row.figure, *shown, style="bold red" if row.unexplained else None)
    console.print(table)
    listed = Table(
        "booked and explained", "cases", "amount", title="What the source leaves open or contradicts"
    )
    for column in listed.columns[1:]:
        column.justify = "right"
    for one in result.reconciliation.explanations:
        amount = f"{one.amount / _CENTAVOS:,.2f}" if one.amount else ""
        listed.add_row(one.code, f"{one.count:,}", amount)
    console.print(listed)
    console.print(
        f"{result.orders:,} orders in {result.seconds:,.0f} s: [bold]{result.orders_per_second:.1f} orders/s[/]"
        + (
            f", {result.statements / result.orders:.1f} statements and"
            f" {result.cpu_seconds * 1000 / result.orders:.1f} ms of this process for each"
            if result.orders
            else ""
        )
        + (f", resumed at step {result.resumed_at_step:,}" if result.resumed_at_step else ""),
        highlight=False,
    )
    wrong = sum(1 for row in result.reconciliation.rows if row.unexplained)
    console.print(
        "[green]✓[/] no unexplained difference"
        if not wrong
        else f"[red]✗[/] {wrong} figures differ unexplained"
    )


def _number(figure: str, value: int) -> str:
    money = figure.startswith(_MONEY) or figure.endswith((".asked", ".captured", ".amount"))
    return f"{value / _CENTAVOS:,.2f}" if money else f"{value:,}"
