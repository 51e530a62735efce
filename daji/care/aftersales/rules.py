"""Decisions about after-sales: pure functions of values, a policy and `now`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from daji.care.aftersales.errors import BadCase, BadGrades, NotDelivered, RefundBeyondCase, WindowClosed
from daji.care.aftersales.facts import Case, Grade, Holder, Kind, NewCaseUnit, Policy, Status
from daji.care.aftersales.states import CASE
from daji.kit.problems import FieldProblem
from daji.kit.states import IllegalTransition

POLICY = Policy()
KINDS: tuple[Kind, ...] = get_args(Kind)
GRADES: tuple[Grade, ...] = get_args(Grade)
STATUSES: tuple[Status, ...] = get_args(Status)
REASONS = (
    "no_longer_wanted",
    "wrong_item",
    "damaged",
    "defective",
    "not_as_described",
    "missing_parts",
    "size",
    "not_received",
    "arrived_late",
    "other",
)
MAX_UNITS = 1000
MAX_NOTE = 1000
MAX_AMOUNT = 1_000_000_000_000_000


def window_closes(delivered_at: datetime, policy: Policy = POLICY) -> datetime:
    """When a wish comes too late: the first instant after the last day.

    The day of delivery does not count, the last day counts whole: article 10 of the Interim Measures for Seven-day
    No-reason Returns of Goods Purchased Online (2017) and article 201 of the Civil Code of China.
    """
    zone = ZoneInfo(policy.zone)
    after = delivered_at.astimezone(zone).date() + timedelta(days=policy.days + 1)
    return datetime.combine(after, time(), tzinfo=zone).astimezone(UTC)


def check_window(*, delivered_at: datetime | None, kind: str, now: datetime, policy: Policy = POLICY) -> None:
    """Let a wish pass that comes in time. Money for goods that have not arrived may be asked for at any time.

    Raises
    ------
    NotDelivered
        When goods are to be sent back that have not arrived.
    WindowClosed
    """
    if delivered_at is None:
        if kind == "return":
            raise NotDelivered
        return
    closes = window_closes(delivered_at, policy)
    if now >= closes:
        raise WindowClosed(days=policy.days, closed_at=closes.isoformat())


def expected_refund_by(*, kind: Kind, status: Status, at: datetime, policy: Policy = POLICY) -> datetime:
    """Add up the promises still ahead of a case that came to `status` at `at`."""
    ahead = {
        "requested": policy.decide_hours + policy.pay_back_hours,
        "approved": policy.pay_back_hours,
        "received": policy.pay_back_hours,
        "refunding": policy.pay_back_hours,
    }
    hours = ahead.get(status, 0)
    if kind == "return" and status in ("requested", "approved"):
        hours += policy.send_back_hours + policy.inspect_hours
    return at + timedelta(hours=hours)


def holder(kind: Kind, status: Status) -> Holder:
    """Who has to act next."""
    if status == "approved":
        return "buyer" if kind == "return" else "shop"
    if status == "refunding":
        return "gateway"
    return "shop" if status in ("requested", "received") else "nobody"


def after(case: Case, verb: str) -> str:
    """Status that follows. Raises IllegalTransition, also for a verb that does not fit the case's kind.

    Goods that are to come back must be here before money goes; where none are to come, none are received.
    """
    wrong = {"return": ("approved", "start_refund"), "refund_only": ("approved", "receive")}
    if (case.status, verb) == wrong[case.kind]:
        raise IllegalTransition(status=case.status, verb=verb)
    return CASE.after(case.status, verb)


def check_new(*, kind: str, units: Sequence[NewCaseUnit], reason: str, note: str) -> None:
    """Refuse a request that makes no sense: nothing, doubles, more than was paid. Raises BadCase."""
    found: list[FieldProblem] = []
    if kind not in KINDS:
        found.append(FieldProblem(pointer="/kind", code="unknown_value"))
    if reason not in REASONS:
        found.append(FieldProblem(pointer="/reason", code="unknown_value"))
    if len(note) > MAX_NOTE or "\x00" in note:
        found.append(FieldProblem(pointer="/note", code="aftersales.text", params={"maximum": MAX_NOTE}))
    if not 1 <= len(units) <= MAX_UNITS:
        params: dict[str, object] = {"minimum": 1, "maximum": MAX_UNITS}
        found.append(FieldProblem(pointer="/units", code="aftersales.count", params=params))
    if len({unit.unit_id for unit in units}) != len(units):
        found.append(FieldProblem(pointer="/units", code="aftersales.twice"))
    for index, unit in enumerate(units):
        if not 0 <= unit.amount <= unit.paid <= MAX_AMOUNT:
            params = {"minimum": 0, "maximum": unit.paid}
            found.append(
                FieldProblem(pointer=f"/units/{index}/amount", code="aftersales.amount", params=params)
            )
    if kind == "refund_only" and units and not any(unit.amount for unit in units):
        found.append(FieldProblem(pointer="/units", code="aftersales.nothing_to_refund"))
    if found:
        raise BadCase(fields=tuple(found))


def check_grades(case: Case, grades: Mapping[UUID, str], site_id: UUID | None) -> None:
    """Every unit has one known grade, and goods that are kept are kept somewhere. Raises BadGrades."""
    found = [
        FieldProblem(pointer=f"/grades/{unit.unit_id}", code="aftersales.grade_missing")
        for unit in case.units
        if unit.unit_id not in grades
    ]
    known = {unit.unit_id for unit in case.units}
    for unit_id, grade in grades.items():
        if unit_id not in known:
            found.append(FieldProblem(pointer=f"/grades/{unit_id}", code="aftersales.unknown_unit"))
        elif grade not in GRADES:
            found.append(FieldProblem(pointer=f"/grades/{unit_id}", code="unknown_value"))
    if site_id is None and any(grade != "scrap" for grade in grades.values()):
        found.append(FieldProblem(pointer="/site_id", code="aftersales.site_missing"))
    if found:
        raise BadGrades(fields=tuple(found))


def check_refund(case: Case, amount: int) -> None:
    """Refuse an amount that the case is not about. Raises RefundBeyondCase."""
    if not 0 <= amount <= case.amount:
        raise RefundBeyondCase(amount=case.amount, asked=amount, currency=case.currency)
