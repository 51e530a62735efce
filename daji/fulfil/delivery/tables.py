"""Schema of freight templates, shipments and tracking."""

from __future__ import annotations

from typing import get_args

from sqlalchemy import (
    Boolean,
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
from sqlalchemy.dialects.postgresql import JSONB

from daji.fulfil.delivery.facts import Status
from daji.kit.db.schema import at, currency_column, id_column, metadata, ref

_STATUSES = ", ".join(f"'{status}'" for status in get_args(Status))

template = Table(
    "template",
    metadata,
    id_column(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    currency_column(),
    Column("mode", Text, nullable=False),
    Column("rules", JSONB, nullable=False),
    at("updated_at"),
    CheckConstraint("mode IN ('table', 'carrier')", name="mode"),
    CheckConstraint("mode = 'carrier' OR jsonb_array_length(rules) > 0", name="rules"),
    schema="delivery",
)

# Only the release before reads it: a template for each seller, whatever its currency.
assignment = Table(
    "assignment",
    metadata,
    id_column(),
    ref("seller_id", nullable=True),
    Column("template_id", ForeignKey(template.c.id), nullable=False),
    Index(None, "seller_id", unique=True, postgresql_nulls_not_distinct=True),
    Index(None, "template_id"),
    schema="delivery",
)

charge = Table(
    "charge",
    metadata,
    id_column(),
    # NULL is the house's default, of which there is one for each currency.
    ref("seller_id", nullable=True),
    currency_column(),
    Column("template_id", ForeignKey(template.c.id), nullable=False),
    Index("ix_charge_seller_id", "seller_id", "currency", unique=True, postgresql_nulls_not_distinct=True),
    Index(None, "template_id"),
    schema="delivery",
)

shipment = Table(
    "shipment",
    metadata,
    id_column(),
    ref("order_id"),
    ref("package_id", nullable=True),
    Column("carrier", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="created"),
    Column("tracking_no", Text),
    Column("address", JSONB, nullable=False),
    Column("weight_g", Integer, nullable=False),
    at("created_at"),
    at("booked_at", nullable=True),
    at("handed_over_at", nullable=True),
    at("delivered_at", nullable=True),
    CheckConstraint(f"status IN ({_STATUSES})", name="status"),
    CheckConstraint("weight_g > 0", name="weight"),
    CheckConstraint("status IN ('created', 'cancelled') OR tracking_no IS NOT NULL", name="known_to_carrier"),
    CheckConstraint("status <> 'delivered' OR delivered_at IS NOT NULL", name="delivered"),
    Index(None, "order_id"),
    Index(None, "carrier", "tracking_no", unique=True),
    # Who asks for a number seldom knows the carrier.
    Index(None, "tracking_no"),
    Index(
        "ix_shipment_open",
        "id",
        postgresql_where=text("status NOT IN ('delivered', 'returned', 'cancelled')"),
    ),
    Index(
        "ix_shipment_one_live",
        "order_id",
        unique=True,
        postgresql_where=text("status <> 'cancelled'"),
    ),
    schema="delivery",
)

event = Table(
    "event",
    metadata,
    Column("carrier", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("shipment_id", ForeignKey(shipment.c.id), nullable=False),
    Column("code", Text, nullable=False),
    at("at"),
    Column("place", Text, nullable=False),
    Column("note", Text, nullable=False),
    at("received_at"),
    Column("moved", Boolean, nullable=False),
    PrimaryKeyConstraint("carrier", "event_id"),
    Index(None, "shipment_id", "at"),
    schema="delivery",
)
