"""Schema of the room."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Double, Index, Table, Text

from daji.kit.db.schema import at, id_column, metadata

seller = Table(
    "seller",
    metadata,
    id_column(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("city", Text, nullable=False, server_default=""),
    Column("region", Text, nullable=False, server_default=""),
    Column("postcode", Text, nullable=False, server_default=""),
    Column("lat", Double),
    Column("lon", Double),
    Column("status", Text, nullable=False, server_default="active"),
    at("created_at"),
    at("updated_at"),
    CheckConstraint("code <> ''", name="code"),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("status IN ('active', 'suspended')", name="status"),
    CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_place"),
    CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="on_the_globe"),
    Index(None, "code", unique=True),
    Index("ix_seller_status_code", "status", "code"),
    schema="marketplace",
)
