"""`daji audit`: recompute the invariants and say whether they hold."""

from __future__ import annotations

import msgspec
import typer
from rich.table import Table

from daji.base.audit import api as audit_log
from daji.boot import House
from daji.faces.cli.common import JsonFile, console, with_house, write_json
from daji.fulfil.inventory import api as inventory
from daji.kit import outbox
from daji.trade.payments import api as payments


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One invariant: what was looked at, and what is wrong with it (empty when nothing)."""

    name: str
    looked_at: int
    wrong: tuple[str, ...]


async def examine(house: House) -> tuple[Finding, ...]:
    """Recompute every invariant on one moment of the database."""
    async with house.db.snapshot() as session:
        stock = await inventory.audit(session)
        ledger = await payments.trial_balance(session)
        trail = await audit_log.verify(session)
        lag = await session.row(outbox.SQL_LAG)
        held = await session.value(outbox.SQL_HELD)
    waiting = int(lag["waiting"]) if lag else 0
    return (
        Finding(
            name="stock equals the sum of its movements and holds",
            looked_at=stock.balances,
            wrong=tuple(str(difference) for difference in stock.differences),
        ),
        Finding(
            name="the money ledger balances",
            looked_at=len(ledger),
            wrong=() if sum(ledger.values()) == 0 else (f"trial balance is {sum(ledger.values())}",),
        ),
        Finding(
            name="the audit log's chain is whole",
            looked_at=trail.entries,
            wrong=() if trail.intact else (f"entry {trail.broken_at} does not fit",),
        ),
        Finding(
            name="no event is parked after failing",
            looked_at=waiting,
            wrong=() if not held else (f"{held} deliveries are parked",),
        ),
    )


def audit(json_file: JsonFile = None) -> None:
    """Recompute stock, money and audit log; exits 1 when something does not add up."""
    findings = with_house(examine)
    table = Table("invariant", "looked at", "result")
    for finding in findings:
        result = "[green]holds[/]" if not finding.wrong else "[red]" + "; ".join(finding.wrong[:5]) + "[/]"
        table.add_row(finding.name, str(finding.looked_at), result)
    console.print(table)
    write_json(json_file, findings)
    if any(finding.wrong for finding in findings):
        raise typer.Exit(1)
