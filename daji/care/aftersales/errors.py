"""What this room refuses, each with a stable code."""

from __future__ import annotations

from daji.kit.problems import Problem


class NoCase(Problem):
    """There is no such case, or it is somebody else's."""

    code = "aftersales.no_case"
    status = 404


class CaseExists(Problem):
    """A case of this id was opened before."""

    code = "aftersales.case_exists"
    status = 409


class BadCase(Problem):
    """The request makes no sense as given; `fields` name what is wrong."""

    code = "aftersales.bad_case"
    status = 422


class BadGrades(Problem):
    """The grades do not say of each unit of the case, and of no other, what becomes of it."""

    code = "aftersales.bad_grades"
    status = 422


class UnitInCase(Problem):
    """A unit is in another open case; parameter `units` counts them."""

    code = "aftersales.unit_in_case"
    status = 409


class NotDelivered(Problem):
    """Goods that have not arrived cannot be sent back."""

    code = "aftersales.not_delivered"
    status = 409


class WindowClosed(Problem):
    """The time for this wish is over; parameters `days` and `closed_at`."""

    code = "aftersales.window_closed"
    status = 409


class RefundBeyondCase(Problem):
    """More came back than the case is about; parameters `amount` (minor units), `currency`, `asked`."""

    code = "aftersales.refund_beyond_case"
    status = 409
