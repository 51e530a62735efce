"""Schema of what suppliers announce."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from daji.fulfil.supply.states import NOTICE
from daji.kit.db.schema import at, id_column, metadata, ref

_STATUSES = ", ".join(f"'{status}'" for status in NOTICE.statuses)

notice = Table(
    "notice",
    metadata,
    id_column(),
    Column("number", Text, nullable=False, unique=True),
    Column("supplier", Text, nullable=False),
    ref("site_id"),
    at("expected_at"),
    Column("status", Text, nullable=False, server_default=NOTICE.initial),
    Column("note", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False),
    at("created_at"),
    at("ended_at", nullable=True),
    CheckConstraint(f"status IN ({_STATUSES})", name="status"),
    CheckConstraint("number <> '' AND supplier <> ''", name="named"),
    CheckConstraint("(status IN ('closed', 'cancelled')) = (ended_at IS NOT NULL)", name="ended"),
    Index(None, "expected_at", "id"),
    schema="supply",
)

notice_line = Table(
    "notice_line",
    metadata,
    Column("notice_id", ForeignKey(notice.c.id), nullable=False),
    ref("sku_id"),
    Column("position", Integer, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("received", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("notice_id", "sku_id"),
    CheckConstraint("expected >= 0 AND received >= 0 AND expected + received > 0", name="pieces"),
    schema="supply",
)
