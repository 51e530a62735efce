"""What a migration may do while the release before it still serves, decided from the SQL that it sends.

A lock that stops writers may be held for a moment only: whatever reads or rewrites a whole table under it is refused,
and so is whatever the older code still needs. Which statement takes which lock:
https://www.postgresql.org/docs/current/sql-altertable.html and /sql-createindex.html. Tables that the same migration
creates are nobody's yet, and free.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SINCE = "0012"
"""Migrations from here on keep the rules; those before made the first release, on empty tables."""

_NAME = r'(?:IF EXISTS |ONLY )*((?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)'
_CREATED = re.compile(rf"^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?{_NAME}", re.IGNORECASE)
_ALTERED = re.compile(rf"^ALTER TABLE {_NAME} (.*)$", re.IGNORECASE | re.DOTALL)
_INDEXED = re.compile(
    rf'^CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(?:IF NOT EXISTS )?(?:"[^"]+"|\S+) ON {_NAME}',
    re.IGNORECASE,
)
_DROPPED = re.compile(rf"^DROP (TABLE|SCHEMA|TYPE|SEQUENCE|FUNCTION) {_NAME}", re.IGNORECASE)
_UNINDEXED = re.compile(r"^DROP INDEX (?!CONCURRENTLY)", re.IGNORECASE)
_WHOLE = re.compile(
    rf"^(UPDATE|DELETE FROM|LOCK TABLE|TRUNCATE(?: TABLE)?|CLUSTER|VACUUM FULL|REINDEX (?:TABLE|INDEX)(?! CONCURRENTLY)) {_NAME}",
    re.IGNORECASE,
)
# A default that is not the same for each row rewrites the table (PostgreSQL 11 on keeps a constant one aside).
_VOLATILE = re.compile(
    r"DEFAULT\s+(?:\w+\.)*(random|gen_random_uuid|clock_timestamp|nextval|uuid\w*)\s*\(", re.IGNORECASE
)
_PARTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), why)
    for pattern, why in (
        (r"^ALTER COLUMN \S+ (SET DATA )?TYPE\b", "rewrites the table: add a column, fill it, switch"),
        (
            r"^ADD CONSTRAINT (?!.*\bNOT VALID\b)(?!.*\bUSING INDEX\b)",
            "reads the whole table under a lock: NOT VALID first, `safely.validate` later",
        ),
        (r"^(ADD )?.*\bGENERATED ALWAYS AS \(.*\) STORED", "rewrites the table"),
        (r"^SET (TABLESPACE|LOGGED|UNLOGGED|ACCESS METHOD)\b", "rewrites the table"),
    )
)
_PROVED = re.compile(r'VALIDATE CONSTRAINT "?(ck_\w+_given)"?')
_REMOVES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), why)
    for pattern, why in (
        (r"^DROP COLUMN\b", "removes a column"),
        (r"^RENAME\b", "renames"),
        (r"^SET SCHEMA\b", "moves the table"),
    )
)


def faults(statements: Sequence[str], *, unused_since: str = "", revision: str = "") -> tuple[str, ...]:
    """Why these statements of one migration may not run beside the older release; nothing when they may.

    `unused_since` names the revision of the release that no longer uses what is removed here.
    """
    sent = [re.sub(r"\s+", " ", statement).strip() for statement in statements]
    own = frozenset(_plain(match[1]) for statement in sent if (match := _CREATED.match(statement)))
    # What `safely.not_null` has proved, SET NOT NULL takes as read.
    proved = frozenset(match[1] for statement in sent if (match := _PROVED.search(statement)))
    found: list[str] = []
    removing = False
    for statement in sent:
        told, removed = _look(statement, own, proved)
        removing = removing or bool(removed)
        if removed and not unused_since:
            told += [f"{why} that the older release still uses (say UNUSED_SINCE)" for why in removed]
        found += [f"{why}: {statement[:120]}" for why in told]
    if removing and unused_since and not unused_since < revision:
        found.append(f"UNUSED_SINCE must name a revision before {revision}")
    return tuple(found)


def _look(statement: str, own: frozenset[str], proved: frozenset[str]) -> tuple[list[str], list[str]]:
    """What is wrong with a statement, and what it removes."""
    told: list[str] = []
    removed: list[str] = []
    if match := _INDEXED.match(statement):
        if not match[1] and _plain(match[2]) not in own:
            told.append("stops writers while the index is built: `safely.index`")
    elif _UNINDEXED.match(statement):
        told.append("waits for every reader: `DROP INDEX CONCURRENTLY`")
    elif match := _DROPPED.match(statement):
        if _plain(match[2]) not in own:
            removed.append(f"removes a {match[1].lower()}")
    elif match := _WHOLE.match(statement):
        if _plain(match[2]) not in own | {"alembic_version"}:
            told.append(f"{match[1].upper()} of a whole table holds its rows: fill in batches, outside")
    elif (match := _ALTERED.match(statement)) and _plain(match[1]) not in own:
        for action in _split(match[2]):
            told += _altered(action, _plain(match[1]), proved)
            removed += [why for pattern, why in _REMOVES if pattern.match(action)]
    return told, removed


def _altered(action: str, table: str, proved: frozenset[str]) -> list[str]:
    told = [why for pattern, why in _PARTS if pattern.match(action)]
    if match := re.match(r"ALTER COLUMN (\S+) SET NOT NULL", action, re.IGNORECASE):
        name = f"ck_{table.rpartition('.')[2]}_{_plain(match[1])}_given"
        if name not in proved:
            told.append("reads the whole table under a lock: `safely.not_null` proves it before")
    if re.match(r"ADD (COLUMN )?(?!CONSTRAINT)", action, re.IGNORECASE):
        told += _added(action)
    return told


def _added(action: str) -> list[str]:
    told = []
    says_default = re.search(r"\bDEFAULT\b", action, re.IGNORECASE) is not None
    if re.search(r"\bNOT NULL\b", action, re.IGNORECASE) and not says_default:
        told.append("fails on rows that exist, and on rows that the older release writes: give it a default")
    if _VOLATILE.search(action):
        told.append("rewrites the table: a default that differs from row to row")
    if re.search(r"\b(UNIQUE|PRIMARY KEY|REFERENCES)\b", action, re.IGNORECASE):
        told.append("builds or checks under a lock: add the column bare, the rest `safely`")
    return told


def _split(actions: str) -> list[str]:
    """Actions of one ALTER TABLE: at commas outside brackets and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, letter in enumerate(actions):
        if letter == "'":
            quoted = not quoted
        elif not quoted:
            depth += (letter == "(") - (letter == ")")
            if letter == "," and not depth:
                parts.append(actions[start:at].strip())
                start = at + 1
    return [*parts, actions[start:].strip()]


def _plain(name: str) -> str:
    return name.replace('"', "").removeprefix("public.")
