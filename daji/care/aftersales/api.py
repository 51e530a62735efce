"""The door of the room. Commands take a `Tx` and never commit; queries take any session; `now` is given."""

from __future__ import annotations

from daji.care.aftersales.commands.approve import approve
from daji.care.aftersales.commands.finish_refund import finish_refund
from daji.care.aftersales.commands.open_case import open_case
from daji.care.aftersales.commands.receive import receive
from daji.care.aftersales.commands.reject import reject
from daji.care.aftersales.commands.start_refund import start_refund
from daji.care.aftersales.commands.withdraw import withdraw
from daji.care.aftersales.errors import (
    BadCase,
    BadGrades,
    CaseExists,
    NoCase,
    NotDelivered,
    RefundBeyondCase,
    UnitInCase,
    WindowClosed,
)
from daji.care.aftersales.facts import (
    Case,
    CaseUnit,
    Grade,
    Holder,
    Kind,
    NewCaseUnit,
    Owned,
    Policy,
    Status,
    Step,
)
from daji.care.aftersales.queries import get_case, list_cases
from daji.care.aftersales.rules import (
    GRADES,
    KINDS,
    REASONS,
    STATUSES,
    check_window,
    expected_refund_by,
    window_closes,
)

__all__ = [
    "GRADES",
    "KINDS",
    "REASONS",
    "STATUSES",
    "BadCase",
    "BadGrades",
    "Case",
    "CaseExists",
    "CaseUnit",
    "Grade",
    "Holder",
    "Kind",
    "NewCaseUnit",
    "NoCase",
    "NotDelivered",
    "Owned",
    "Policy",
    "RefundBeyondCase",
    "Status",
    "Step",
    "UnitInCase",
    "WindowClosed",
    "approve",
    "check_window",
    "expected_refund_by",
    "finish_refund",
    "get_case",
    "list_cases",
    "open_case",
    "receive",
    "reject",
    "start_refund",
    "window_closes",
    "withdraw",
]
