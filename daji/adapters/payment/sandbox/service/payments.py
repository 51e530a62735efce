"""What can happen to a payment."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec

from daji.adapters.payment.sandbox.service import faults, outbox
from daji.adapters.payment.sandbox.service.core import new_number
from daji.adapters.payment.sandbox.service.db import micros
from daji.adapters.payment.sandbox.service.refusal import Refusal
from daji.adapters.payment.sandbox.service.rows import (
    PaymentRow,
    find_payment,
    find_payment_by_out_no,
    payment_fact,
    written,
)
from daji.adapters.payment.sandbox.service.states import OPEN, move
from daji.adapters.payment.sandbox.wire import (
    Action,
    CreatePayment,
    EventType,
    PaymentStatus,
)

SQL_CREATE = """
INSERT INTO payment
    (gateway_no, merchant_id, merchant_name, out_no, fingerprint, status, amount, currency, method,
     instalments, capture, subject, notify_url, return_url, token, created_at, expires_at)
VALUES (?, ?, ?, ?, ?, 'created', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
RETURNING *
"""
SQL_SUBMIT = "UPDATE payment SET status = ? WHERE gateway_no = ? RETURNING *"
SQL_FAULT = "UPDATE payment SET fault = ? WHERE gateway_no = ? RETURNING *"
SQL_AUTHORISE = """
UPDATE payment SET status = ?, authorised_amount = amount, authorised_at = ? WHERE gateway_no = ?
RETURNING *
"""
SQL_CAPTURE = """
UPDATE payment SET status = ?, captured_amount = ?, captured_at = ? WHERE gateway_no = ?
RETURNING *
"""
SQL_CLOSE = """
UPDATE payment SET status = ?, decline_code = ?, closed_at = ? WHERE gateway_no = ?
RETURNING *
"""
SQL_LATE = """
SELECT gateway_no FROM payment
WHERE status IN ('created', 'pending') AND expires_at <= ? ORDER BY expires_at LIMIT 500
"""
LONGEST: Final = timedelta(days=366)
SHORT_BY: Final = 10
"""`notify_short` withholds a tenth of the amount, one minor unit at least."""


def fingerprint(message: msgspec.Struct) -> str:
    """Tell two contents apart; the order of a Struct's fields is fixed, so spacing does not matter."""
    return hashlib.sha256(msgspec.json.encode(message)).hexdigest()


def need(connection: sqlite3.Connection, gateway_no: str, now: datetime) -> PaymentRow:
    """Load a payment as it is at `now`: one whose time has run out is expired first."""
    row = find_payment(connection, gateway_no)
    if row is None:
        raise Refusal(404, "payment_not_found", "no payment has this number")
    return refreshed(connection, row, now)


def need_by_out_no(connection: sqlite3.Connection, out_no: str, now: datetime) -> PaymentRow:
    """Load by the merchant's number; 404 `payment_not_found` says that the creation never arrived."""
    row = find_payment_by_out_no(connection, out_no)
    if row is None:
        raise Refusal(404, "payment_not_found", "no payment has this out_no")
    return refreshed(connection, row, now)


def refreshed(connection: sqlite3.Connection, row: PaymentRow, now: datetime) -> PaymentRow:
    """Expire a payment whose buyer came too late; the last moment to pay is just before `expires_at`."""
    if row.status not in OPEN or micros(now) < row.expires_at:
        return row
    return _close(connection, row, move(row.status, "expire"), now, event="payment.expired")


def create(connection: sqlite3.Connection, request: CreatePayment, now: datetime) -> tuple[PaymentRow, bool]:
    """Create a payment, or find the one that this request made before; the flag says which (True: new).

    Raises 409 `out_no_reused` for another content, 400 for times, addresses or instalments that make
    no sense.
    """
    mark = fingerprint(request)
    known = find_payment_by_out_no(connection, request.out_no)
    if known is not None:
        if known.fingerprint != mark:
            raise Refusal(409, "out_no_reused", "this out_no belongs to a payment with another content")
        return refreshed(connection, known, now), False
    _check(request, now)
    number = new_number(now)
    values = (
        number,
        request.merchant_id,
        request.merchant_name,
        request.out_no,
        mark,
        request.amount,
        request.currency,
        request.method,
        request.instalments,
        request.capture,
        request.subject,
        request.notify_url,
        request.return_url,
        secrets.token_urlsafe(24),
        micros(now),
        micros(request.expires_at),
    )
    row = written(connection, SQL_CREATE, values)
    if request.script == "pending":
        row = written(connection, SQL_SUBMIT, (move(row.status, "submit"), number))
    elif request.script is not None:
        row = act(connection, row, request.script, now)
    return row, True


def _check(request: CreatePayment, now: datetime) -> None:
    if request.expires_at <= now:
        raise Refusal(400, "already_expired", "expires_at is not in the future")
    if request.expires_at > now + LONGEST:
        raise Refusal(400, "expires_too_late", f"expires_at is more than {LONGEST.days} days away")
    if request.instalments > 1 and request.method != "credit_card":
        raise Refusal(400, "instalments_not_allowed", "only a credit card pays in instalments")
    for name in ("notify_url", "return_url"):
        if not _is_web_address(getattr(request, name)):
            raise Refusal(400, "bad_url", f"{name} is not an absolute http or https address")


def _is_web_address(url: str) -> bool:
    if not url.isascii() or not url.isprintable() or set(url) & set(" ;,'\"<>\\"):
        return False
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


def act(connection: sqlite3.Connection, row: PaymentRow, action: Action, now: datetime) -> PaymentRow:
    """Do what the buyer chose; raises 409 `invalid_state` when there is nothing left to choose."""
    row = refreshed(connection, row, now)
    move(row.status, "authorise")
    own = faults.of_action(action)
    if own != row.fault:
        row = written(connection, SQL_FAULT, (own, row.gateway_no))
    fault = faults.manners(connection, row.fault).fault
    if fault == "decline":
        after = move(row.status, "decline")
        return _close(
            connection, row, after, now, event="payment.declined", decline_code="insufficient_funds"
        )
    if fault == "forged_notification":
        return _forge(connection, row, now)
    row = written(connection, SQL_AUTHORISE, (move(row.status, "authorise"), micros(now), row.gateway_no))
    if row.capture == "manual":
        _tell(connection, row, "payment.authorised", now)
        return row
    short = max(1, row.amount // SHORT_BY) if fault == "notify_short" else 0
    return _capture(connection, row, max(1, row.amount - short), now)


def capture(
    connection: sqlite3.Connection, gateway_no: str, amount: int, now: datetime
) -> tuple[PaymentRow, bool]:
    """Capture once; the same amount again is the same answer (flag False).

    Raises 409 `already_captured`, `capture_exceeds_authorised` or `invalid_state`.
    """
    row = need(connection, gateway_no, now)
    if row.captured_amount:
        if row.captured_amount == amount:
            return row, False
        raise Refusal(409, "already_captured", f"{row.captured_amount} was captured before")
    move(row.status, "capture")
    if amount > row.authorised_amount:
        raise Refusal(409, "capture_exceeds_authorised", f"only {row.authorised_amount} is authorised")
    return _capture(connection, row, amount, now), True


def void(connection: sqlite3.Connection, gateway_no: str, now: datetime) -> tuple[PaymentRow, bool]:
    """Close or release; again is the same answer (flag False). Raises 409 `invalid_state`."""
    row = need(connection, gateway_no, now)
    if row.status == "voided":
        return row, False
    return _close(connection, row, move(row.status, "void"), now), True


def expire_due(connection: sqlite3.Connection, now: datetime) -> int:
    """Expire up to 500 payments that nobody has touched since their time ran out."""
    late = [row["gateway_no"] for row in connection.execute(SQL_LATE, (micros(now),))]
    for gateway_no in late:
        need(connection, gateway_no, now)
    return len(late)


def _capture(connection: sqlite3.Connection, row: PaymentRow, amount: int, now: datetime) -> PaymentRow:
    values = (move(row.status, "capture"), amount, micros(now), row.gateway_no)
    row = written(connection, SQL_CAPTURE, values)
    _tell(connection, row, "payment.captured", now)
    return row


def _close(
    connection: sqlite3.Connection,
    row: PaymentRow,
    status: PaymentStatus,
    now: datetime,
    *,
    event: EventType | None = None,
    decline_code: str | None = None,
) -> PaymentRow:
    row = written(connection, SQL_CLOSE, (status, decline_code, micros(now), row.gateway_no))
    if event is not None:
        _tell(connection, row, event, now)
    return row


def _forge(connection: sqlite3.Connection, row: PaymentRow, now: datetime) -> PaymentRow:
    stamp = micros(now)
    lie = msgspec.structs.replace(
        row,
        status="captured",
        authorised_amount=row.amount,
        captured_amount=row.amount,
        authorised_at=stamp,
        captured_at=stamp,
    )
    _tell(connection, lie, "payment.captured", now, forged=True)
    if row.status == "created":
        row = written(connection, SQL_SUBMIT, (move(row.status, "submit"), row.gateway_no))
    return row


def _tell(
    connection: sqlite3.Connection, row: PaymentRow, event: EventType, now: datetime, *, forged: bool = False
) -> None:
    manners = faults.manners(connection, row.fault)
    outbox.add(
        connection,
        event,
        payment_fact(row, base_url=None),
        url=row.notify_url,
        fault=manners.fault,
        settings=manners.settings,
        now=now,
        forged=forged,
    )
