"""`daji audit`: recompute the invariants and say whether they hold."""

from __future__ import annotations

import typer
from rich.markup import escape
from rich.table import Table

from daji.faces.cli.common import JsonFile, with_house, write_json
from daji.faces.cli.screen import console
from daji.flows import examine_house

SHOWN = 5
"""Differences of one invariant that are printed; the file of `--json` holds up to 100."""


def audit(json_file: JsonFile = None) -> None:
    """Recompute every invariant of stock, orders, money and machinery; exits 1 when one is broken."""
    findings = with_house(lambda house: examine_house.examine(house.db))
    table = Table("invariant", "", "looked at", "broken")
    for column in table.columns[2:]:
        column.justify = "right"
    for one in findings:
        broken = f"[red]{one.broken:,}[/]" if one.broken else "[green]0[/]"
        table.add_row(one.code, one.name, f"{one.looked_at:,}", broken)
    console.print(table)
    wrong = [one for one in findings if one.broken]
    for one in wrong:
        console.print(f"[red]✗ {one.name}[/]", highlight=False)
        for line in one.wrong[:SHOWN]:
            console.print(f"    {escape(line)}", highlight=False)
    if not wrong:
        console.print(f"[green]✓[/] {len(findings)} invariants hold", highlight=False)
    write_json(json_file, findings)
    if wrong:
        raise typer.Exit(1)
