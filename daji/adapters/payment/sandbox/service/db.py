"""The service's own SQLite file.

Statements are short and run where they are called, one transaction at a time: a lock in the process,
`BEGIN IMMEDIATE` between processes. In WAL mode a committed transaction survives the death of the
process (https://www.sqlite.org/wal.html); `synchronous=NORMAL` gives up only the last commits of a
machine that loses power, which a sandbox can afford.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS payment (
    gateway_no TEXT PRIMARY KEY,
    merchant_id TEXT NOT NULL,
    merchant_name TEXT NOT NULL,
    out_no TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    status TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    method TEXT NOT NULL,
    instalments INTEGER NOT NULL,
    capture TEXT NOT NULL,
    subject TEXT NOT NULL,
    notify_url TEXT NOT NULL,
    return_url TEXT NOT NULL,
    token TEXT NOT NULL,
    fault TEXT,
    decline_code TEXT,
    authorised_amount INTEGER NOT NULL DEFAULT 0,
    captured_amount INTEGER NOT NULL DEFAULT 0,
    refund_held INTEGER NOT NULL DEFAULT 0 CHECK (refund_held >= 0),
    refunded_amount INTEGER NOT NULL DEFAULT 0 CHECK (refunded_amount >= 0),
    wrong_passwords INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    authorised_at INTEGER,
    captured_at INTEGER,
    closed_at INTEGER,
    CHECK (authorised_amount BETWEEN 0 AND amount),
    CHECK (captured_amount BETWEEN 0 AND authorised_amount),
    CHECK (refund_held + refunded_amount <= captured_amount)
) STRICT;
CREATE INDEX IF NOT EXISTS payment_open ON payment (expires_at) WHERE status IN ('created', 'pending');
CREATE INDEX IF NOT EXISTS payment_captured ON payment (captured_at) WHERE captured_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS refund (
    gateway_refund_no TEXT PRIMARY KEY,
    out_refund_no TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    gateway_no TEXT NOT NULL REFERENCES payment,
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    settle_at INTEGER,
    settle_as TEXT,
    failure_code TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS refund_due ON refund (settle_at) WHERE status = 'processing';
CREATE INDEX IF NOT EXISTS refund_finished ON refund (finished_at) WHERE status = 'succeeded';
CREATE TABLE IF NOT EXISTS notification (
    notification_id TEXT PRIMARY KEY,
    event_type TEXT NOT NULL,
    gateway_no TEXT NOT NULL,
    url TEXT NOT NULL,
    body BLOB NOT NULL,
    forged INTEGER NOT NULL,
    copies_left INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER,
    outcome TEXT NOT NULL,
    last_answer TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS notification_due ON notification (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS notification_payment ON notification (gateway_no);
CREATE TABLE IF NOT EXISTS nonce (
    nonce TEXT PRIMARY KEY,
    forget_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nonce_old ON nonce (forget_at);
CREATE TABLE IF NOT EXISTS setting (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Store an aware time: whole microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(value: int) -> datetime:
    """Read a stored time back, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


class Database:
    """One connection and its lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA foreign_keys=ON")
        self._connection.executescript(f"BEGIN IMMEDIATE;{SCHEMA}COMMIT;")

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """Hold the only write transaction; commits on the way out, rolls back on an exception."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            self._connection.close()
