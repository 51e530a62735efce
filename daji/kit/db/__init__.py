"""Access to PostgreSQL: sessions, transactions, lock order, the embedded server and the schema metadata."""

from __future__ import annotations

from daji.kit.db.locks import LockOrder, LockOrderBroken
from daji.kit.db.pool import Database, DatabaseSettings, open_database
from daji.kit.db.replica import DOWN
from daji.kit.db.session import (
    ReadSession,
    Row,
    Session,
    Tally,
    Tx,
    WireInsideTransaction,
    counting,
    forbid_transaction,
    on_statement,
)

__all__ = [
    "DOWN",
    "Database",
    "DatabaseSettings",
    "LockOrder",
    "LockOrderBroken",
    "ReadSession",
    "Row",
    "Session",
    "Tally",
    "Tx",
    "WireInsideTransaction",
    "counting",
    "forbid_transaction",
    "on_statement",
    "open_database",
]
