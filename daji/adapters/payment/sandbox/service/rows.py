"""Private rows, and the facts that leave the house."""

from __future__ import annotations

import sqlite3

import msgspec

from daji.adapters.payment.sandbox.service.db import moment
from daji.adapters.payment.sandbox.wire import (
    Capture,
    Fault,
    Method,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)

SQL_PAYMENT = "SELECT * FROM payment WHERE gateway_no = ?"
SQL_PAYMENT_BY_OUT_NO = "SELECT * FROM payment WHERE out_no = ?"


class PaymentRow(msgspec.Struct, frozen=True, kw_only=True):
    gateway_no: str
    merchant_id: str
    merchant_name: str
    out_no: str
    fingerprint: str
    status: PaymentStatus
    amount: int
    currency: str
    method: Method
    instalments: int
    capture: Capture
    subject: str
    notify_url: str
    return_url: str
    token: str
    fault: Fault | None
    decline_code: str | None
    authorised_amount: int
    captured_amount: int
    refund_held: int
    refunded_amount: int
    wrong_passwords: int
    locked_until: int | None
    created_at: int
    expires_at: int
    authorised_at: int | None
    captured_at: int | None
    closed_at: int | None


class RefundRow(msgspec.Struct, frozen=True, kw_only=True):
    gateway_refund_no: str
    out_refund_no: str
    fingerprint: str
    gateway_no: str
    amount: int
    reason: str
    status: RefundStatus
    settle_at: int | None
    settle_as: RefundStatus | None
    failure_code: str | None
    created_at: int
    finished_at: int | None


def written(connection: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> PaymentRow:
    """Run a statement that returns the one payment it wrote."""
    return _payment(connection.execute(statement, values).fetchall()[0])


def find_payment(connection: sqlite3.Connection, gateway_no: str) -> PaymentRow | None:
    """Find a payment by the gateway's number."""
    row = connection.execute(SQL_PAYMENT, (gateway_no,)).fetchone()
    return None if row is None else _payment(row)


def find_payment_by_out_no(connection: sqlite3.Connection, out_no: str) -> PaymentRow | None:
    """Find a payment by the merchant's number."""
    row = connection.execute(SQL_PAYMENT_BY_OUT_NO, (out_no,)).fetchone()
    return None if row is None else _payment(row)


def _payment(row: sqlite3.Row) -> PaymentRow:
    return PaymentRow(**dict(zip(row.keys(), row, strict=True)))


def pay_url(row: PaymentRow, base_url: str) -> str:
    """Give the address of the hosted page; its token is the buyer's only key."""
    return f"{base_url}/pay/{row.gateway_no}?t={row.token}"


def payment_fact(row: PaymentRow, *, base_url: str | None) -> Payment:
    """Show a payment; without a `base_url` the addresses of its page are left out."""
    url = None if base_url is None else pay_url(row, base_url)
    return Payment(
        gateway_no=row.gateway_no,
        merchant_id=row.merchant_id,
        out_no=row.out_no,
        status=row.status,
        amount=row.amount,
        currency=row.currency,
        method=row.method,
        instalments=row.instalments,
        capture=row.capture,
        subject=row.subject,
        authorised_amount=row.authorised_amount,
        captured_amount=row.captured_amount,
        refunded_amount=row.refunded_amount,
        decline_code=row.decline_code,
        created_at=moment(row.created_at),
        expires_at=moment(row.expires_at),
        authorised_at=None if row.authorised_at is None else moment(row.authorised_at),
        captured_at=None if row.captured_at is None else moment(row.captured_at),
        closed_at=None if row.closed_at is None else moment(row.closed_at),
        pay_url=url,
        qr_text=url,
    )


def refund_fact(row: RefundRow, payment: PaymentRow) -> Refund:
    """Show a refund."""
    return Refund(
        gateway_refund_no=row.gateway_refund_no,
        out_refund_no=row.out_refund_no,
        gateway_no=row.gateway_no,
        out_no=payment.out_no,
        amount=row.amount,
        currency=payment.currency,
        status=row.status,
        reason=row.reason,
        failure_code=row.failure_code,
        created_at=moment(row.created_at),
        finished_at=None if row.finished_at is None else moment(row.finished_at),
    )
