"""Schema of the room."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from daji.care.customers.rules import MAX_ADDRESSES
from daji.kit.db.schema import at, id_column, metadata

book = Table(
    "book",
    metadata,
    Column("shopper_id", UUID(as_uuid=True), primary_key=True),
    Column("entries", Integer, nullable=False),
    CheckConstraint(f"entries BETWEEN 0 AND {MAX_ADDRESSES}", name="entries"),
    schema="customers",
)

address = Table(
    "address",
    metadata,
    id_column(),
    Column("shopper_id", UUID(as_uuid=True), ForeignKey("customers.book.shopper_id"), nullable=False),
    Column("is_default", Boolean, nullable=False, server_default=false()),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("lat", Double),
    Column("lon", Double),
    at("created_at"),
    at("updated_at"),
    CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
    CheckConstraint("name <> '' AND phone <> '' AND line <> ''", name="filled"),
    CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_place"),
    CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="on_the_globe"),
    Index(None, "shopper_id", "created_at"),
    Index("uq_address_default", "shopper_id", unique=True, postgresql_where=text("is_default")),
    schema="customers",
)
