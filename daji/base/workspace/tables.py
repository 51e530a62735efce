"""Schema of the room: views of lists."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from daji.kit.db.schema import at, id_column, metadata, ref

saved_view = Table(
    "saved_view",
    metadata,
    id_column(),
    ref("account_id"),
    Column("list", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", JSONB, nullable=False),
    at("saved_at"),
    CheckConstraint("list ~ '^[a-z][a-z_-]{0,39}$'", name="list"),
    CheckConstraint("char_length(name) BETWEEN 1 AND 60", name="name"),
    CheckConstraint("jsonb_typeof(query) = 'object'", name="query"),
    Index("uq_saved_view_name", "account_id", "list", "name", unique=True),
    schema="workspace",
)
