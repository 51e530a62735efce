"""Which misbehaviour applies, and the settings that say how long it takes."""

from __future__ import annotations

import sqlite3

import msgspec

from daji.adapters.payment.sandbox.wire import Action, Fault, FaultSettings

SQL_READ = "SELECT value FROM setting WHERE name = 'faults'"
SQL_WRITE = """
INSERT INTO setting (name, value) VALUES ('faults', ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer about one payment goes wrong, if it does."""

    fault: Fault | None
    settings: FaultSettings


def manners(connection: sqlite3.Connection, own: Fault | None) -> Manners:
    """Give the manners of a payment: its `own` fault, else the whole service's."""
    settings = load(connection)
    return Manners(fault=own or settings.fault, settings=settings)


def load(connection: sqlite3.Connection) -> FaultSettings:
    """Read the settings of the whole service, shared by all its processes."""
    row = connection.execute(SQL_READ).fetchone()
    return FaultSettings() if row is None else msgspec.json.decode(row["value"], type=FaultSettings)


def save(connection: sqlite3.Connection, settings: FaultSettings) -> None:
    """Replace the settings; payments without a fault of their own follow at once."""
    connection.execute(SQL_WRITE, (msgspec.json.encode(settings),))


def of_action(action: Action) -> Fault | None:
    """Give the fault that an action leaves on its payment."""
    return None if action == "approve" else action
