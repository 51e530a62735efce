"""Giving money back."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import Final

from daji.adapters.payment.sandbox.service import faults, outbox, payments
from daji.adapters.payment.sandbox.service.core import new_number
from daji.adapters.payment.sandbox.service.db import micros
from daji.adapters.payment.sandbox.service.refusal import Refusal
from daji.adapters.payment.sandbox.service.rows import PaymentRow, RefundRow, refund_fact
from daji.adapters.payment.sandbox.service.states import move
from daji.adapters.payment.sandbox.wire import CreateRefund, Refund, RefundScript, RefundStatus

SQL_HOLD = """
UPDATE payment SET refund_held = refund_held + :amount
WHERE gateway_no = :gateway_no AND status IN ('captured', 'part_refunded')
  AND captured_amount - refunded_amount - refund_held >= :amount
"""
SQL_RELEASE = "UPDATE payment SET refund_held = refund_held - ? WHERE gateway_no = ?"
SQL_PAY_BACK = """
UPDATE payment
SET refund_held = refund_held - :amount, refunded_amount = refunded_amount + :amount, status = :status
WHERE gateway_no = :gateway_no
"""
SQL_ADD = """
INSERT INTO refund
    (gateway_refund_no, out_refund_no, fingerprint, gateway_no, amount, reason, status, settle_at, settle_as,
     created_at)
VALUES (?, ?, ?, ?, ?, ?, 'processing', ?, ?, ?)
"""
SQL_BY_OUT_NO = "SELECT * FROM refund WHERE out_refund_no = ?"
SQL_FINISH = "UPDATE refund SET status = ?, failure_code = ?, finished_at = ? WHERE gateway_refund_no = ?"
SQL_DUE = """
SELECT * FROM refund WHERE status = 'processing' AND settle_at <= ? ORDER BY settle_at LIMIT 500
"""
MAGIC: Final[dict[str, RefundScript]] = {
    "sandbox:processing": "processing",
    "sandbox:fail": "fail",
    "sandbox:fail_late": "fail_late",
}


def find(connection: sqlite3.Connection, out_refund_no: str) -> RefundRow | None:
    """Find a refund by the merchant's number."""
    row = connection.execute(SQL_BY_OUT_NO, (out_refund_no,)).fetchone()
    return None if row is None else RefundRow(**dict(row))


def need(connection: sqlite3.Connection, out_refund_no: str, now: datetime) -> Refund:
    """Show a refund as it is at `now`; 404 `refund_not_found` says that it never arrived."""
    row = find(connection, out_refund_no)
    if row is None:
        raise Refusal(404, "refund_not_found", "no refund has this out_refund_no")
    return _shown(connection, row, now)


def create(connection: sqlite3.Connection, request: CreateRefund, now: datetime) -> tuple[Refund, bool]:
    """Refund, or find the refund that this request made before; the flag says which (True: new).

    The amount is held by one conditional update, so refunds under way never exceed what was captured.
    Raises 409 `out_refund_no_reused`, `refund_exceeds_captured` or `invalid_state`.
    """
    mark = payments.fingerprint(request)
    known = find(connection, request.out_refund_no)
    if known is not None:
        if known.fingerprint != mark:
            raise Refusal(409, "out_refund_no_reused", "this out_refund_no belongs to another refund")
        return _shown(connection, known, now), False
    payment = payments.need(connection, request.gateway_no, now)
    held = connection.execute(SQL_HOLD, {"amount": request.amount, "gateway_no": payment.gateway_no})
    if not held.rowcount:
        if payment.status != "refunded":
            move(payment.status, "refund_part")
        left = payment.captured_amount - payment.refunded_amount - payment.refund_held
        raise Refusal(409, "refund_exceeds_captured", f"only {left} is left to refund")
    row = _add(connection, request, mark, now)
    if row.settle_at is None and row.settle_as is not None:
        row = _settle(connection, row, row.settle_as, now)
    return _shown(connection, row, now), True


def settle_due(connection: sqlite3.Connection, now: datetime) -> int:
    """Finish up to 500 refunds whose processing time is over."""
    due = [RefundRow(**dict(row)) for row in connection.execute(SQL_DUE, (micros(now),))]
    for row in due:
        _settle(connection, row, row.settle_as or "succeeded", now)
    return len(due)


def _add(connection: sqlite3.Connection, request: CreateRefund, mark: str, now: datetime) -> RefundRow:
    script = request.script or MAGIC.get(request.reason, "succeed")
    wait = timedelta(milliseconds=faults.load(connection).refund_processing_ms)
    settle_at = micros(now + wait) if script in {"processing", "fail_late"} else None
    settle_as: RefundStatus = "failed" if script in {"fail", "fail_late"} else "succeeded"
    values = (
        new_number(now),
        request.out_refund_no,
        mark,
        request.gateway_no,
        request.amount,
        request.reason,
        settle_at,
        settle_as,
        micros(now),
    )
    connection.execute(SQL_ADD, values)
    return _again(connection, request.out_refund_no)


def _settle(connection: sqlite3.Connection, row: RefundRow, status: RefundStatus, now: datetime) -> RefundRow:
    payment = payments.need(connection, row.gateway_no, now)
    code = None
    if status == "failed":
        code = "account_closed"
        connection.execute(SQL_RELEASE, (row.amount, row.gateway_no))
    else:
        _pay_back(connection, payment, row.amount)
    connection.execute(SQL_FINISH, (status, code, micros(now), row.gateway_refund_no))
    row = _again(connection, row.out_refund_no)
    settings = faults.load(connection)
    outbox.add(
        connection,
        "refund.failed" if status == "failed" else "refund.succeeded",
        refund_fact(row, payment),
        url=payment.notify_url,
        fault=payment.fault or settings.fault,
        settings=settings,
        now=now,
    )
    return row


def _pay_back(connection: sqlite3.Connection, payment: PaymentRow, amount: int) -> None:
    rest = payment.refunded_amount + amount == payment.captured_amount
    status = move(payment.status, "refund_rest" if rest else "refund_part")
    values = {"amount": amount, "status": status, "gateway_no": payment.gateway_no}
    connection.execute(SQL_PAY_BACK, values)


def _again(connection: sqlite3.Connection, out_refund_no: str) -> RefundRow:
    return RefundRow(**dict(connection.execute(SQL_BY_OUT_NO, (out_refund_no,)).fetchone()))


def _shown(connection: sqlite3.Connection, row: RefundRow, now: datetime) -> Refund:
    return refund_fact(row, payments.need(connection, row.gateway_no, now))
