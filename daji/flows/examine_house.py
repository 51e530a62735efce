"""Recompute what must hold, all of it on one moment of the database, and keep the report in the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from daji.base.audit import api as audit
from daji.flows import check_out, place_order, place_orders
from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.grow.flash import api as flash
from daji.kit import agree, ids, passed, standing
from daji.kit.db import Database, Session, Tx
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments

TIMER = "house.examine"
ACTION = "house.examined"
KIND = "house_report"
_SHOWN = 100

INVARIANTS: Mapping[str, str] = {
    "oversold": "no piece is promised that is not on hand",
    "stock": "stock equals the sum of its movements and holds",
    "holds": "open holds are what orders and sales still promise",
    "flash_sales": "flash sales sold what they claim, within their quota",
    "orders": "every order that was answered exists, once",
    "doubled": "no offer and no outside number became two orders",
    "order_sums": "an order's sums are those of its parcels and pieces",
    "confirmed": "no paid order stands unconfirmed",
    "parcels": "what left the shelves is what carriers have",
    "dues": "orders and payments agree on due, paid and refunded",
    "books": "each order's entries agree with its payments",
    "money": "the money ledger balances",
    "audit_log": "the audit log's chain is whole",
    "parked_events": "no event is parked after failing",
    "timers": "no timer keeps failing",
    "journeys": "no journey stands still",
}
"""What is examined, by code; the sentences are for logs, faces have their own."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One invariant: how much was looked at, how often it is broken, and at most 100 of these by name.

    `code` is a key of `INVARIANTS`; `name` says it in English for logs.
    """

    code: str
    name: str
    looked_at: int
    wrong: tuple[str, ...]
    broken: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`report_id` is what a request for it was answered with."""

    report_id: str
    at: datetime
    ok: bool
    findings: tuple[Finding, ...]


async def examine(db: Database) -> tuple[Finding, ...]:
    """Recompute every invariant; tells, never repairs."""
    async with db.snapshot() as session:
        return await findings(session)


async def findings(session: Session) -> tuple[Finding, ...]:
    """As `examine`, on what this session sees; its statements must see one moment."""
    return (
        *await _goods(session),
        *await _orders(session),
        *await _money(session),
        *await _machinery(session),
    )


async def _goods(session: Session) -> tuple[Finding, ...]:
    stock = await inventory.audit(session)
    holds = await agree.compare(session, (inventory.PROMISES,), (orders.PROMISES, flash.PROMISES))
    lines, miscounted = await flash.miscounted(session)
    return (
        _finding(
            "oversold", stock.balances, [f"{stock.oversold} pieces"] if stock.oversold else [], stock.oversold
        ),
        _finding("stock", stock.balances, [_told(one) for one in stock.differences]),
        _agreed("holds", holds, "held and not promised", "promised and not held"),
        _finding("flash_sales", lines, [f"line {line}" for line in miscounted]),
    )


async def _orders(session: Session) -> tuple[Finding, ...]:
    found = await orders.audit(session)
    placing = (
        *(passed.by_run(flow.name, "place") for flow in (place_order.FLOW, check_out.FLOW)),
        passed.by_each(place_orders.FLOW.name, "place", rows="orders", name="trade_id"),
    )
    answered = await agree.compare(session, placing, (orders.FROM_QUOTES,))
    sent = await agree.compare(session, (orders.SENT,), (delivery.SENT,))
    return (
        _agreed("orders", answered, "answered and lost", "there and never answered"),
        _finding("doubled", found.trades, _trades(found.doubled)),
        _finding("order_sums", found.trades, _trades(found.unbalanced)),
        _finding("confirmed", found.trades, _trades(found.paid_not_confirmed)),
        _agreed("parcels", sent, "sent without a parcel", "a parcel of an order that was not sent"),
    )


async def _money(session: Session) -> tuple[Finding, ...]:
    dues = await agree.compare(session, (orders.DUES,), (payments.DUES,))
    balances = await payments.trial_balance(session)
    sums: dict[str, int] = {}
    for account, balance in balances.items():
        currency = account.rpartition(":")[2]
        sums[currency] = sums.get(currency, 0) + balance
    off = [f"trial balance is {total} {currency}" for currency, total in sums.items() if total]
    return (
        _agreed("dues", dues, "as the order says", "as payments say"),
        _finding("books", dues.rows, _trades(await payments.broken_books(session))),
        _finding("money", len(balances), off),
    )


async def _machinery(session: Session) -> tuple[Finding, ...]:
    trail = await audit.verify(session)
    still = await standing.look(session)
    return (
        _finding(
            "audit_log", trail.entries, [] if trail.intact else [f"entry {trail.broken_at} does not fit"]
        ),
        _finding("parked_events", still.deliveries, still.parked),
        _finding("timers", still.timers, still.failing),
        _finding("journeys", still.runs, still.stuck),
    )


def _finding(code: str, looked_at: int, wrong: Iterable[str], broken: int | None = None) -> Finding:
    told = tuple(wrong)
    return Finding(
        code=code,
        name=INVARIANTS[code],
        looked_at=looked_at,
        wrong=told[:_SHOWN],
        broken=len(told) if broken is None else broken,
    )


def _agreed(code: str, found: agree.Agreement, left: str, right: str) -> Finding:
    told = [f"{left}: {row}" for row in found.only_left] + [f"{right}: {row}" for row in found.only_right]
    return _finding(code, found.rows, told)


def _trades(found: Iterable[UUID]) -> tuple[str, ...]:
    return tuple(ids.show("trd", trade) for trade in found)


def _told(found: inventory.Difference) -> str:
    sku, site = ids.show("sku", found.sku_id), ids.show("sit", found.site_id)
    return f"{sku} @ {site} {found.field}: balance {found.balance}, ledger {found.ledger}"


def ask(tx: Tx, *, report_id: UUID, now: datetime) -> None:
    """Let a worker examine the house on its next round."""
    tx.set_timer(TIMER, report_id, now)


async def examine_and_keep(db: Database, *, report_id: UUID, now: datetime) -> Report:
    """Examine, and write what was found where nobody can change it."""
    found = await examine(db)
    report = Report(
        report_id=ids.show("rep", report_id),
        at=now,
        ok=not any(finding.broken for finding in found),
        findings=found,
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
