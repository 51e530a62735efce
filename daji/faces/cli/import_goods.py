"""`daji import`: a file of goods becomes products, prices and first stock."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from daji.boot import CATALOGUES, House
from daji.faces.cli.common import JsonFile, fail, with_house, write_json
from daji.faces.cli.screen import console
from daji.flows.import_catalogue import ImportReport, import_catalogue
from daji.fulfil.inventory import api as inventory
from daji.kit.problems import Problem
from daji.shop.pricing import api as pricing

SHOWN_ERRORS = 20

Kind = StrEnum("Kind", {name: name for name in CATALOGUES})  # type: ignore[misc]  # one list, kept by boot


def import_goods(
    kind: Annotated[
        Kind, typer.Argument(help="table: a CSV or JSON Lines file; else another shop's folder.")
    ],
    path: Annotated[Path, typer.Argument(help="The file or folder.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row and write nothing.")] = False,
    price_list: Annotated[
        str, typer.Option(help="Code of the price list that takes the prices; empty: none.")
    ] = "",
    site: Annotated[str, typer.Option(help="Code of the site that takes first stock; empty: none.")] = "",
    batch: Annotated[int, typer.Option(min=1, max=1000, help="Rows in one transaction.")] = 500,
    json_file: JsonFile = None,
) -> None:
    """Import goods; a broken run goes on where it stopped. Exits 1 when a row was refused."""
    if not path.exists():
        fail(f"{path} does not exist", "check the path")
    report = with_house(
        lambda house: _import(
            house, kind, path, dry_run=dry_run, price_list=price_list, site=site, batch=batch
        )
    )
    _show(report)
    write_json(json_file, report)
    if report.failed:
        raise typer.Exit(1)


async def _import(
    house: House, kind: Kind, path: Path, *, dry_run: bool, price_list: str, site: str, batch: int
) -> ImportReport:
    async with house.db.read() as session:
        prices = await pricing.find_list(session, code=price_list) if price_list else None
        place = await inventory.find_site(session, code=site) if site else None
    if price_list and prices is None:
        fail(f"there is no price list {price_list!r}", "make it in the console, or leave --price-list out")
    if site and place is None:
        fail(f"there is no site {site!r}", "make it in the console, or leave --site out")
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed} rows"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(f"{path.name}", total=None)
        try:
            return await import_catalogue(
                house.ctx,
                source=CATALOGUES[kind.value](path),
                dry_run=dry_run,
                by="system",
                now=house.clock.now(),
                progress=lambda done: bar.update(task, completed=done),
                batch=batch,
                price_list_id=prices.id if prices else None,
                site_id=place.id if place else None,
            )
        except (FileNotFoundError, NotADirectoryError) as error:
            fail(f"{error.filename} is missing", f"`{kind.value}` wants the files its reader names")
        except Problem as problem:
            fail(str(problem), "wait for the other import, or start afresh")


def _show(report: ImportReport) -> None:
    what = "would be written" if report.dry_run else "written"
    if report.already_done:
        what = "written by an earlier run; nothing to do"
    console.print(f"{report.ok} rows {what}, {report.failed} refused", highlight=False)
    if report.resumed_from:
        console.print(f"went on after row {report.resumed_from}", highlight=False)
    if report.errors:
        table = Table("line", "field", "why")
        for error in report.errors[:SHOWN_ERRORS]:
            table.add_row(str(error.line), error.field, error.code)
        console.print(table)
