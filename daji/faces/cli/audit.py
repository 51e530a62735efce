"""`daji audit`: recompute the invariants and say whether they hold."""

from __future__ import annotations

import typer
from rich.table import Table

from daji.faces.cli.common import JsonFile, console, with_house, write_json
from daji.flows import examine_house


def audit(json_file: JsonFile = None) -> None:
    """Recompute stock, money and audit log; exits 1 when something does not add up."""
    findings = with_house(lambda house: examine_house.examine(house.db))
    table = Table("invariant", "looked at", "result")
    for finding in findings:
        result = "[green]holds[/]" if not finding.wrong else "[red]" + "; ".join(finding.wrong[:5]) + "[/]"
        table.add_row(finding.name, str(finding.looked_at), result)
    console.print(table)
    write_json(json_file, findings)
    if any(finding.wrong for finding in findings):
        raise typer.Exit(1)
