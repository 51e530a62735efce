"""Notifications: written with the change they tell of, delivered until the merchant has answered."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from datetime import datetime, timedelta
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa

from daji.adapters.payment.sandbox.service.core import Sandbox
from daji.adapters.payment.sandbox.service.db import micros
from daji.adapters.payment.sandbox.signing import HEADER_SERIAL, Signer
from daji.adapters.payment.sandbox.wire import (
    EventType,
    Fault,
    FaultSettings,
    Notification,
    Payment,
    Refund,
)
from daji.kit.outbound import NoAnswer, NotReached

BACKOFF_SECONDS: Final = (
    *(15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600),
    *(10_800, 10_800, 10_800, 21_600, 21_600),
)
"""Waits between attempts as WeChat Pay has them (https://pay.weixin.qq.com/doc/v3/merchant/4012791882)."""
ANSWER_SECONDS: Final = 5.0
"""A merchant must answer within this time, as with WeChat Pay; shorter than any wait between attempts."""
BATCH: Final = 32
ACCEPTED: Final = frozenset({200, 204})

SQL_ADD = """
INSERT INTO notification
    (notification_id, event_type, gateway_no, url, body, forged, copies_left, next_at, outcome, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
SQL_DUE = """
SELECT notification_id, url, body, forged, copies_left, attempts, next_at
FROM notification WHERE next_at <= ? ORDER BY next_at LIMIT ?
"""
SQL_CLAIM = "UPDATE notification SET attempts = attempts + 1, next_at = ? WHERE notification_id = ?"
SQL_ANSWERED = """
UPDATE notification
SET copies_left = copies_left - 1, last_answer = ?,
    next_at = CASE WHEN copies_left > 1 THEN ? END,
    outcome = CASE WHEN copies_left > 1 THEN 'waiting' ELSE 'delivered' END
WHERE notification_id = ?
"""
SQL_UNANSWERED = """
UPDATE notification
SET last_answer = ?, outcome = CASE WHEN next_at IS NULL THEN 'given_up' ELSE outcome END
WHERE notification_id = ?
"""


class Told(msgspec.Struct, frozen=True):
    """What came of one attempt."""

    notification_id: str
    said: str
    accepted: bool


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    notification_id: str
    url: str
    body: bytes
    forged: int
    copies_left: int
    attempts: int
    next_at: int


def add(
    connection: sqlite3.Connection,
    event_type: EventType,
    resource: Payment | Refund,
    *,
    url: str,
    fault: Fault | None,
    settings: FaultSettings,
    now: datetime,
    forged: bool = False,
) -> None:
    """Put a notification into the same transaction as its cause.

    `fault` says how it goes wrong; a `forged` one is sent once, signed by a stranger.
    """
    notification = Notification(
        notification_id=secrets.token_hex(16), event_type=event_type, occurred_at=now, resource=resource
    )
    dropped = fault in {"drop_notification", "never"}
    late = timedelta(milliseconds=settings.notify_late_ms if fault == "notify_late" else 0)
    values = (
        notification.notification_id,
        event_type,
        resource.gateway_no,
        url,
        msgspec.json.encode(notification),
        int(forged),
        2 if fault == "notify_twice" else 1,
        None if dropped else micros(now + late),
        "dropped" if dropped else "waiting",
        micros(now),
    )
    connection.execute(SQL_ADD, values)


async def deliver(sandbox: Sandbox, now: datetime) -> int:
    """Send what is due at `now`, in batches until nothing is; returns how many attempts were made.

    An attempt is claimed before it is sent, by moving its next time to after the back-off: a process
    killed in between leaves a notification that somebody sends again, never one that is lost.
    """
    made = 0
    told: list[Told] = []
    while batch := _write_and_claim(sandbox, told, now):
        told = await asyncio.gather(*(_attempt(sandbox, attempt, now) for attempt in batch))
        made += len(batch)
    return made


def _write_and_claim(sandbox: Sandbox, told: list[Told], now: datetime) -> tuple[Attempt, ...]:
    with sandbox.db.transaction() as connection:
        for one in told:
            if one.accepted:
                connection.execute(SQL_ANSWERED, (one.said, micros(now), one.notification_id))
            else:
                connection.execute(SQL_UNANSWERED, (one.said, one.notification_id))
        rows = connection.execute(SQL_DUE, (micros(now), BATCH)).fetchall()
        batch = tuple(Attempt(**dict(row)) for row in rows)
        connection.executemany(
            SQL_CLAIM, [(_next_at(attempt, now), attempt.notification_id) for attempt in batch]
        )
    return batch


def _next_at(attempt: Attempt, now: datetime) -> int | None:
    if attempt.forged or attempt.attempts >= len(BACKOFF_SECONDS):
        return None
    return micros(now + timedelta(seconds=BACKOFF_SECONDS[attempt.attempts]))


async def _attempt(sandbox: Sandbox, attempt: Attempt, now: datetime) -> Told:
    headers = {"Content-Type": "application/json", **_sign(sandbox, attempt, now)}
    try:
        answer = await sandbox.http.ask(
            "POST", attempt.url, headers=headers, body=attempt.body, seconds=ANSWER_SECONDS
        )
    except (NotReached, NoAnswer) as error:
        return Told(attempt.notification_id, str(error), accepted=False)
    return Told(attempt.notification_id, str(answer.status), accepted=answer.status in ACCEPTED)


def _sign(sandbox: Sandbox, attempt: Attempt, now: datetime) -> dict[str, str]:
    if not attempt.forged:
        return sandbox.keys.gateway.sign_message(attempt.body, now)
    # A forger knows the gateway's serial, which is public, but has to sign with a key of its own.
    forger = Signer(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    return {**forger.sign_message(attempt.body, now), HEADER_SERIAL: sandbox.keys.gateway.serial}
