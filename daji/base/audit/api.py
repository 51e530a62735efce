"""The door of the room."""

from __future__ import annotations

from daji.base.audit.commands.record import record
from daji.base.audit.facts import ChainReport, Entry, Head
from daji.base.audit.queries import head, list_entries, verify

__all__ = ["ChainReport", "Entry", "Head", "head", "list_entries", "record", "verify"]
