"""Schema `aftersales`: cases, the units in them, and their visible history."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from daji.kit.db.schema import amount, at, currency_column, id_column, metadata, ref

SCHEMA = "aftersales"

# "case" is a word of SQL's own.
cases = Table(
    "cases",
    metadata,
    id_column(),
    ref("trade_id"),
    ref("order_id"),
    ref("shopper_id", nullable=True),
    # A guest's token opens their orders, so only its digest is kept here.
    Column("guest_digest", LargeBinary),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    amount("amount"),
    currency_column(),
    at("expected_refund_by"),
    amount("refunded_amount", default="0"),
    ref("site_id", nullable=True),
    at("requested_at"),
    at("closed_at", nullable=True),
    CheckConstraint("kind IN ('return', 'refund_only')", name="kind"),
    CheckConstraint(
        "status IN ('requested', 'approved', 'received', 'refunding', 'refunded', 'rejected', 'withdrawn')",
        name="status",
    ),
    CheckConstraint("amount >= 0 AND refunded_amount BETWEEN 0 AND amount", name="amounts"),
    CheckConstraint("refunded_amount = 0 OR status = 'refunded'", name="refunded"),
    CheckConstraint(
        "(status IN ('refunded', 'rejected', 'withdrawn')) = (closed_at IS NOT NULL)", name="closed"
    ),
    CheckConstraint("kind = 'return' OR status <> 'received'", name="nothing_to_receive"),
    CheckConstraint("shopper_id IS NULL OR guest_digest IS NULL", name="one_owner"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    Index(None, "order_id"),
    Index(None, "trade_id"),
    Index(None, "requested_at", "id"),
    Index(None, "status", "requested_at", "id"),
    Index(
        "ix_cases_shopper",
        "shopper_id",
        "requested_at",
        "id",
        postgresql_where=text("shopper_id IS NOT NULL"),
    ),
    Index(
        "ix_cases_guest",
        "guest_digest",
        "requested_at",
        "id",
        postgresql_where=text("guest_digest IS NOT NULL"),
    ),
    schema=SCHEMA,
)

case_unit = Table(
    "case_unit",
    metadata,
    Column("case_id", UUID(as_uuid=True), ForeignKey(f"{SCHEMA}.cases.id"), primary_key=True),
    Column("unit_id", UUID(as_uuid=True), primary_key=True),
    Column("position", Integer, nullable=False),
    ref("line_id"),
    ref("sku_id"),
    amount("paid"),
    amount("amount"),
    Column("grade", Text),
    Column("open", Boolean, nullable=False, server_default=text("true")),
    CheckConstraint("amount BETWEEN 0 AND paid", name="amount"),
    CheckConstraint("grade IN ('restock', 'quarantine', 'scrap')", name="grade"),
    # A unit is in one open case only; two requests at once meet here.
    Index("uq_case_unit_open", "unit_id", unique=True, postgresql_where=text("open")),
    schema=SCHEMA,
)

step = Table(
    "step",
    metadata,
    id_column(),
    Column("seq", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("case_id", UUID(as_uuid=True), ForeignKey(f"{SCHEMA}.cases.id"), nullable=False),
    Column("verb", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    at("at"),
    Index(None, "case_id", "seq"),
    # A case takes each step once, whatever the code above believes.
    Index(None, "case_id", "verb", unique=True),
    schema=SCHEMA,
)
