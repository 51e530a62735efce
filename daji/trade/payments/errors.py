"""What this room refuses, each with a stable code."""

from __future__ import annotations

from daji.kit.problems import Problem


class NoPayable(Problem):
    """Nothing was ever asked for this trade."""

    code = "payments.no_payable"
    status = 404


class NoTender(Problem):
    code = "payments.no_tender"
    status = 404


class NoRefund(Problem):
    code = "payments.no_refund"
    status = 404


class PayableExists(Problem):
    """The trade has a payable of another amount or currency; parameters `due` and `currency` (what it has)."""

    code = "payments.payable_exists"
    status = 409


class PayableClosed(Problem):
    """No more money is asked for this trade."""

    code = "payments.payable_closed"
    status = 409


class TendersExceedDue(Problem):
    """More would be asked than is open; parameters `asked`, `open` (minor units), `currency`."""

    code = "payments.tenders_exceed_due"
    status = 409


class BadTender(Problem):
    """A tender cannot be asked for as given; `fields` name what is wrong."""

    code = "payments.bad_tender"
    status = 422


class BadAmount(Problem):
    """Not between the bounds of this room; parameters `amount`, `minimum`, `maximum` (minor units)."""

    code = "payments.bad_amount"
    status = 422


class RefundTooMuch(Problem):
    """More than was captured and not yet given back; parameters `asked`, `available`, `currency`."""

    code = "payments.refund_too_much"
    status = 409


class RefundRefReused(Problem):
    """The reference came before with another amount; parameters `ref`, `planned`, `asked`."""

    code = "payments.refund_ref_reused"
    status = 422
