"""Schema of warehouse work."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from daji.fulfil.warehouse.states import PICK_LIST
from daji.kit.db.schema import at, id_column, metadata, ref

_STATUSES = ", ".join(f"'{status}'" for status in PICK_LIST.statuses)

pick_list = Table(
    "pick_list",
    metadata,
    id_column(),
    ref("order_id"),
    ref("site_id"),
    Column("number", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=PICK_LIST.initial),
    at("created_at"),
    CheckConstraint(f"status IN ({_STATUSES})", name="status"),
    Index(None, "order_id", unique=True),
    Index(None, "site_id", "status", "id"),
    Index(None, "status", "id"),
    Index(None, "number"),
    schema="warehouse",
)

pick_line = Table(
    "pick_line",
    metadata,
    Column("pick_list_id", ForeignKey(pick_list.c.id), nullable=False),
    ref("line_id"),
    Column("position", Integer, nullable=False),
    ref("sku_id"),
    Column("qty", Integer, nullable=False),
    Column("picked", Integer, nullable=False, server_default=text("0")),
    Column("short", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("pick_list_id", "line_id"),
    CheckConstraint("qty > 0", name="qty"),
    CheckConstraint("picked >= 0 AND short >= 0 AND picked + short <= qty", name="never_above_asked"),
    schema="warehouse",
)

package = Table(
    "package",
    metadata,
    id_column(),
    Column("pick_list_id", ForeignKey(pick_list.c.id), nullable=False, unique=True),
    Column("weight_g", Integer, nullable=False),
    Column("length_mm", Integer),
    Column("width_mm", Integer),
    Column("height_mm", Integer),
    CheckConstraint("weight_g > 0", name="weight"),
    CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name="sides"),
    CheckConstraint("num_nulls(length_mm, width_mm, height_mm) IN (0, 3)", name="all_sides"),
    schema="warehouse",
)

work = Table(
    "work",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("pick_list_id", ForeignKey(pick_list.c.id), nullable=False),
    Column("verb", Text, nullable=False),
    Column("by", Text, nullable=False),
    at("at"),
    Index(None, "pick_list_id", "seq"),
    schema="warehouse",
)
