"""Schema of the room: one row for each setting that is not as it came."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from daji.kit.db.schema import at, metadata, ref

entry = Table(
    "entry",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    ref("changed_by", nullable=True),
    at("changed_at"),
    CheckConstraint("key ~ '^[a-z][a-z_]*(\\.[a-z][a-z_]*)+$'", name="key"),
    CheckConstraint("version > 0", name="version"),
    schema="settings",
)
