"""Recompute what must hold, all of it on one moment of the database, and keep the report in the audit log."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.base.audit import api as audit
from daji.fulfil.inventory import api as inventory
from daji.kit import ids, outbox
from daji.kit.db import Database, Tx
from daji.trade.payments import api as payments

TIMER = "house.examine"
ACTION = "house.examined"
KIND = "house_report"
_SHOWN = 100


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One invariant: what was looked at, and what is wrong with it (empty when nothing).

    `code` is one of stock, money, audit_log, parked_events; `name` says it in English for logs.
    """

    code: str
    name: str
    looked_at: int
    wrong: tuple[str, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`report_id` is what a request for it was answered with."""

    report_id: str
    at: datetime
    ok: bool
    findings: tuple[Finding, ...]


async def examine(db: Database) -> tuple[Finding, ...]:
    """Recompute every invariant; tells, never repairs."""
    async with db.snapshot() as session:
        stock = await inventory.audit(session)
        ledger = await payments.trial_balance(session)
        trail = await audit.verify(session)
        lag = await session.row(outbox.SQL_LAG)
        held = await session.value(outbox.SQL_HELD)
    waiting = int(lag["waiting"]) if lag else 0
    return (
        Finding(
            code="stock",
            name="stock equals the sum of its movements and holds",
            looked_at=stock.balances,
            wrong=tuple(_told(difference) for difference in stock.differences[:_SHOWN]),
        ),
        Finding(
            code="money",
            name="the money ledger balances",
            looked_at=len(ledger),
            wrong=() if sum(ledger.values()) == 0 else (f"trial balance is {sum(ledger.values())}",),
        ),
        Finding(
            code="audit_log",
            name="the audit log's chain is whole",
            looked_at=trail.entries,
            wrong=() if trail.intact else (f"entry {trail.broken_at} does not fit",),
        ),
        Finding(
            code="parked_events",
            name="no event is parked after failing",
            looked_at=waiting,
            wrong=() if not held else (f"{held} deliveries are parked",),
        ),
    )


def _told(found: inventory.Difference) -> str:
    sku, site = ids.show("sku", found.sku_id), ids.show("sit", found.site_id)
    return f"{sku} @ {site} {found.field}: balance {found.balance}, ledger {found.ledger}"


def ask(tx: Tx, *, report_id: UUID, now: datetime) -> None:
    """Let a worker examine the house on its next round."""
    tx.set_timer(TIMER, report_id, now)


async def examine_and_keep(db: Database, *, report_id: UUID, now: datetime) -> Report:
    """Examine, and write what was found where nobody can change it."""
    findings = await examine(db)
    report = Report(
        report_id=ids.show("rep", report_id),
        at=now,
        ok=not any(finding.wrong for finding in findings),
        findings=findings,
    )

    async def keep(tx: Tx) -> None:
        await audit.record(
            tx,
            staff_id=None,
            action=ACTION,
            subject_kind=KIND,
            subject_id=report.report_id,
            before=None,
            after=msgspec.to_builtins(report),
            request_id=None,
            ip=None,
            now=now,
        )

    await db.run(keep)
    return report
