"""Schema of kit's own tables: outbox, inbox, timers, runs, and how far the outbox was carried."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from daji.kit.db.schema import at, id_column, metadata, ref

NOW = text("clock_timestamp()")

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    Column("seq", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("topic", Text, nullable=False),
    Column("version", Integer, nullable=False),
    ref("subject"),
    Column("payload", JSONB, nullable=False),
    at("occurred_at"),
    Column("recorded_at", at("x").type, nullable=False, server_default=NOW),
    Column("request_id", Text),
    Column("trace", Text),
    Index(None, "subject", "seq"),
    schema="kit",
)

inbox = Table(
    "inbox",
    metadata,
    Column("listener", Text, primary_key=True),
    Column("event_id", UUID(as_uuid=True), primary_key=True),
    Column("done_at", at("x").type, nullable=False, server_default=NOW),
    schema="kit",
)

timers = Table(
    "timers",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    ref("subject"),
    at("due_at"),
    at("leased_until", nullable=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    Index(None, "kind", "subject", unique=True),
    Index(None, "due_at"),
    schema="kit",
)

runs = Table(
    "runs",
    metadata,
    id_column(),
    Column("scope", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("input", JSONB, nullable=False),
    Column("phase", Text, nullable=False, server_default=""),
    Column("phases", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("status", Text, nullable=False, server_default="running"),
    Column("result", JSONB),
    Column("problem", JSONB),
    at("leased_until"),
    Column("attempts", Integer, nullable=False, server_default="1"),
    Column("last_error", Text),
    Column("created_at", at("x").type, nullable=False, server_default=NOW),
    Column("updated_at", at("x").type, nullable=False, server_default=NOW),
    CheckConstraint("status IN ('running', 'done', 'refused')", name="status"),
    CheckConstraint("(status = 'done') = (result IS NOT NULL)", name="answered"),
    Index(None, "scope", "key", unique=True),
    Index("ix_runs_stale", "leased_until", postgresql_where=text("status = 'running'")),
    schema="kit",
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("process", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("started_at", at("x").type, nullable=False, server_default=NOW),
    Column("seen_at", at("x").type, nullable=False, server_default=NOW),
    schema="kit",
)

carriage = Table(
    "carriage",
    metadata,
    Column("line", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("born", Text),
    Column("holder", Text, nullable=False),
    at("leased_until"),
    Column("seen_at", at("x").type, nullable=False, server_default=NOW),
    CheckConstraint("seq >= 0", name="seq"),
    schema="kit",
)
