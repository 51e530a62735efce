"""Schema of the cart room: carts, their lines, and the quotes that were shown."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from daji.kit.db.schema import at, currency_column, id_column, metadata, ref

ONE_OWNER = "num_nonnulls(shopper_id, guest_token) = 1"

cart = Table(
    "cart",
    metadata,
    id_column(),
    ref("shopper_id", nullable=True),
    Column("guest_token", Text),
    Column("channel", Text, nullable=False),
    currency_column(),
    Column("version", Integer, nullable=False),
    at("created_at"),
    at("updated_at"),
    CheckConstraint(ONE_OWNER, name="owner"),
    CheckConstraint("guest_token <> ''", name="guest_token"),
    CheckConstraint("version > 0", name="version"),
    # One of the two is always null, and null must count as a value here: one cart per owner and channel.
    UniqueConstraint(
        "shopper_id", "guest_token", "channel", name="uq_cart_owner", postgresql_nulls_not_distinct=True
    ),
    Index("ix_cart_guest", "guest_token", postgresql_where=text("guest_token IS NOT NULL")),
    schema="cart",
)

line = Table(
    "line",
    metadata,
    Column("cart_id", UUID(as_uuid=True), ForeignKey("cart.cart.id", ondelete="CASCADE"), primary_key=True),
    Column("sku_id", UUID(as_uuid=True), primary_key=True),
    Column("qty", Integer, nullable=False),
    Column("selected", Boolean, nullable=False),
    at("added_at"),
    CheckConstraint("qty BETWEEN 1 AND 999", name="qty"),
    schema="cart",
)

quote = Table(
    "quote",
    metadata,
    id_column(),
    ref("shopper_id", nullable=True),
    Column("guest_token", Text),
    at("expires_at"),
    # Text, not JSONB: it is read back as a whole, and must come back byte for byte as it was shown.
    Column("body", Text, nullable=False),
    CheckConstraint(ONE_OWNER, name="owner"),
    Index("ix_quote_expires", "expires_at"),
    schema="cart",
)
