"""The carrier's own books, in SQLite: a carrier does not share our database.

Write-ahead logging lets one process book while another tells; every write takes its turn by BEGIN IMMEDIATE
(https://www.sqlite.org/lang_transaction.html).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from daji.adapters.carrier.simulated.script import Scan
from daji.fulfil.delivery.ports import TrackingEvent

_SCHEMA = """
CREATE TABLE IF NOT EXISTS booking (
  serial INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  tracking_no TEXT NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  collected_at REAL NOT NULL,
  cancelled_at REAL
) STRICT;
CREATE TABLE IF NOT EXISTS attempt (key TEXT PRIMARY KEY, times INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS notice (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  tracking_no TEXT NOT NULL,
  event_id TEXT NOT NULL,
  code TEXT NOT NULL,
  at REAL NOT NULL,
  place TEXT NOT NULL,
  forged INTEGER NOT NULL,
  due_at REAL NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  told_at REAL
) STRICT;
CREATE TABLE IF NOT EXISTS trouble (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
  kind TEXT NOT NULL CHECK (kind IN ('dead', 'slow')),
  until REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS notice_due ON notice (due_at, seq) WHERE told_at IS NULL;
"""
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


class BookingRow(msgspec.Struct, frozen=True, kw_only=True):
    tracking_no: str
    fingerprint: str
    collected_at: datetime
    cancelled: bool


class NoticeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook that is due; `tries` counts how often it was sent in vain."""

    seq: int
    event: TrackingEvent
    forged: bool
    tries: int


class Books:
    """Bookings and what is to be told about them; opens at first use, so that making one costs nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: sqlite3.Connection | None = None

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def count_attempt(self, key: str) -> int:
        """Note that somebody asked to book under this key; how often so far, 1 the first time."""
        with self._write() as db:
            sql = """
INSERT INTO attempt (key, times) VALUES (?, 1)
ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING times
"""
            (times,) = db.execute(sql, (key,)).fetchone()
        return int(times)

    def find(self, key: str) -> BookingRow | None:
        return self._one("SELECT * FROM booking WHERE key = ?", key)

    def find_tracking(self, tracking_no: str) -> BookingRow | None:
        return self._one("SELECT * FROM booking WHERE tracking_no = ?", tracking_no)

    def book(
        self, *, key: str, fingerprint: str, scans: Sequence[Scan], copies: int, forge: bool
    ) -> BookingRow:
        """Book once for a key, with everything that will be told; the booking that is there, if one is."""
        with self._write() as db:
            (serial,) = db.execute("SELECT coalesce(max(serial), 0) + 1 FROM booking").fetchone()
            tracking_no = tracking_number(serial)
            collected = min(scan.at for scan in scans).timestamp()
            done = db.execute(
                "INSERT INTO booking (serial, key, tracking_no, fingerprint, collected_at)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                (serial, key, tracking_no, fingerprint, collected),
            )
            if done.rowcount == 1:
                db.executemany(
                    "INSERT INTO notice (tracking_no, event_id, code, at, place, forged, due_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    _notices(tracking_no, scans, copies=copies, forge=forge),
                )
        booked = self.find(key)
        if booked is None:
            raise LookupError(key)
        return booked

    def cancel(self, tracking_no: str, *, now: datetime) -> bool:
        """Call a pick-up off if the parcel was not yet fetched; nothing more is told about it."""
        with self._write() as db:
            done = db.execute(
                "UPDATE booking SET cancelled_at = coalesce(cancelled_at, ?)"
                " WHERE tracking_no = ? AND (cancelled_at IS NOT NULL OR collected_at > ?)",
                (now.timestamp(), tracking_no, now.timestamp()),
            )
            if done.rowcount == 1:
                db.execute("DELETE FROM notice WHERE tracking_no = ? AND told_at IS NULL", (tracking_no,))
        return done.rowcount == 1

    def claim_due(self, *, now: datetime, limit: int, lease: timedelta) -> tuple[NoticeRow, ...]:
        """Take the next due notices, so that a second worker does not tell them too; back after `lease`."""
        with self._write() as db:
            rows = db.execute(
                "SELECT * FROM notice WHERE told_at IS NULL AND due_at <= ? ORDER BY due_at, seq LIMIT ?",
                (now.timestamp(), limit),
            ).fetchall()
            db.executemany(
                "UPDATE notice SET due_at = ? WHERE seq = ?",
                [((now + lease).timestamp(), row["seq"]) for row in rows],
            )
        return tuple(_notice(row) for row in rows)

    def told(self, seqs: Sequence[int], *, now: datetime) -> None:
        with self._write() as db:
            db.executemany(
                "UPDATE notice SET told_at = ? WHERE seq = ?", [(now.timestamp(), seq) for seq in seqs]
            )

    def put_off(self, seq: int, *, until: datetime, tried: bool) -> None:
        """Tell it later; `tried` when it was sent in vain, not when it only stood behind one that was."""
        with self._write() as db:
            db.execute(
                "UPDATE notice SET due_at = ?, tries = tries + ? WHERE seq = ?",
                (until.timestamp(), int(tried), seq),
            )

    def set_trouble(self, kind: str, *, until: datetime) -> None:
        """Be dead or slow until then, for every process that opens these books."""
        with self._write() as db:
            db.execute(
                "INSERT INTO trouble (only_one, kind, until) VALUES (1, ?, ?)"
                " ON CONFLICT (only_one) DO UPDATE SET kind = excluded.kind, until = excluded.until",
                (kind, until.timestamp()),
            )

    def trouble(self, *, now: datetime) -> tuple[str, float] | None:
        """What is wrong now and for how many seconds more; None when all is well."""
        row = (
            self._db()
            .execute("SELECT kind, until FROM trouble WHERE until > ?", (now.timestamp(),))
            .fetchone()
        )
        return None if row is None else (row["kind"], row["until"] - now.timestamp())

    def next_due(self) -> datetime | None:
        """When there is something to tell next."""
        (due,) = self._db().execute("SELECT min(due_at) FROM notice WHERE told_at IS NULL").fetchone()
        return None if due is None else _moment(due)

    def _one(self, sql: str, value: str) -> BookingRow | None:
        row = self._db().execute(sql, (value,)).fetchone()
        if row is None:
            return None
        return BookingRow(
            tracking_no=row["tracking_no"],
            fingerprint=row["fingerprint"],
            collected_at=_moment(row["collected_at"]),
            cancelled=row["cancelled_at"] is not None,
        )

    def _db(self) -> sqlite3.Connection:
        if self._opened is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            opened = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10)
            opened.row_factory = sqlite3.Row
            opened.execute("PRAGMA journal_mode = WAL")
            opened.execute("PRAGMA synchronous = NORMAL")
            opened.executescript(_SCHEMA)
            self._opened = opened
        return self._opened

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        db = self._db()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def tracking_number(serial: int) -> str:
    """A number as on real labels: UPU standard S10, with its check digit."""
    digits = f"{serial:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11
    check = {10: 0, 11: 5}.get(rest, rest)
    return f"DJ{digits}{check}CN"


def _notices(
    tracking_no: str, scans: Sequence[Scan], *, copies: int, forge: bool
) -> Iterator[tuple[Any, ...]]:
    for n, scan in enumerate(sorted(scans, key=lambda scan: scan.at)):
        event_id = f"{tracking_no}-{n}"
        fields = (scan.code, scan.at.timestamp(), scan.place)
        due = scan.told_at.timestamp() + scans.index(scan) / 1000
        if forge:
            yield (tracking_no, f"{event_id}-forged", *fields, 1, due)
        for _ in range(copies):
            yield (tracking_no, event_id, *fields, 0, due)


def _notice(row: sqlite3.Row) -> NoticeRow:
    return NoticeRow(
        seq=row["seq"],
        event=TrackingEvent(
            event_id=row["event_id"],
            tracking_no=row["tracking_no"],
            code=row["code"],
            at=_moment(row["at"]),
            place=row["place"],
        ),
        forged=bool(row["forged"]),
        tries=row["tries"],
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
