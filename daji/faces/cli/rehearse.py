"""`daji rehearse`: what the shop would do on its hardest day, played against the real code and a real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer
import uvloop
from rich.table import Table

from daji.faces.cli.common import JsonFile
from daji.faces.cli.rehearsing import bars
from daji.faces.cli.rehearsing.flash import Result, rehearse_flash_sale
from daji.faces.cli.screen import console
from daji.kit import telemetry

START = datetime(2026, 11, 11, 11, 59, 50, tzinfo=UTC)

app = typer.Typer(no_args_is_help=True, help="Play the shop's hardest day against the real code.")


@app.callback()
def rehearse() -> None:
    """Play the shop's hardest day against the real code."""


@app.command("flash-sale")
def flash_sale(
    attempts: Annotated[int, typer.Option(min=1, help="Buyers and bots who come.")] = 100_000,
    stock: Annotated[int, typer.Option(min=1, help="Pieces in the sale.")] = 500,
    bots: Annotated[float, typer.Option(min=0, max=1, help="Share of them that are programs.")] = 0.3,
    duplicates: Annotated[
        float, typer.Option(min=0, max=1, help="Share of them that send all twice.")
    ] = 0.05,
    processes: Annotated[int, typer.Option(min=1, help="Web processes to play, in this one.")] = 2,
    seed: Annotated[int, typer.Option(help="Another seed, another crowd.")] = 20261111,
    json_file: JsonFile = None,
) -> None:
    """Let a crowd come within one second. Exits 1 when a bar is missed.

    The database is an embedded one of its own that is thrown away; the shop of DAJI_HOME is not touched. Requests go
    through the whole application, its limits too, but through no socket. Time is played: only the work is real.
    """
    telemetry.configure(service="daji-rehearsal", level="ERROR")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(
            rehearse_flash_sale(
                attempts=attempts,
                stock=stock,
                bots=bots,
                duplicates=duplicates,
                seed=seed,
                processes=processes,
                start=START,
            )
        )
    _show(result)
    if bars.finish(result.judge(), json_file=json_file):
        raise typer.Exit(1)


def _show(result: Result) -> None:
    seen = Table(
        "figure", "value", title=f"Flash sale: {result.attempts:,} attempts on {result.stock:,} pieces"
    )
    seen.columns[1].justify = "right"
    for name, text in (
        ("got in line", f"{result.in_line:,}"),
        ("answers “come later” (429)", f"{result.throttled:,}"),
        ("went without", f"{result.refused:,}"),
        ("pieces that came back from unpaid orders", f"{result.returned:,}"),
        ("doubles sent", f"{result.doubled:,}"),
        ("waited for their turn, p50 / p99", f"{result.waited_p50:,.1f} s / {result.waited_p99:,.1f} s"),
        ("Gini of waiting, people let in", f"{result.gini_of_waiting:.3f}"),
        ("order of coming kept, people let in", f"{result.order_kept:.2%}"),
        ("bots among those in line", f"{result.bots_of_those_in_line:.1%}"),
        ("orders by bots", f"{result.sold_to_bots:.1%}"),
        ("time played", f"{result.played_seconds:,.0f} s"),
        ("time taken", f"{result.seconds:,.0f} s"),
    ):
        seen.add_row(name, text)
    console.print(seen)
    times = Table(
        "answers",
        "count",
        "p50 ms",
        "p99 ms",
        "slowest ms",
        title="Whole application, 64 in flight, no socket",
    )
    for column in times.columns[1:]:
        column.justify = "right"
    for one in result.latency:
        times.add_row(one.what, f"{one.answers:,}", f"{one.p50:.1f}", f"{one.p99:.1f}", f"{one.slowest:.0f}")
    console.print(times)
    for name, count in result.outcomes.items():
        console.print(f"  {count:>8,}  {name}", highlight=False)
