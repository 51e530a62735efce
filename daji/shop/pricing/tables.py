"""Schema of pricing: channels, their price lists, and prices by period."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from daji.kit.db.schema import amount, at, currency_column, id_column, metadata, ref

channel = Table(
    "channel",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    currency_column(),
    Column("lang", Text, nullable=False),
    at("created_at"),
    CheckConstraint("code ~ '^[a-z0-9][a-z0-9_.-]{0,39}$'", name="code"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    CheckConstraint("lang ~ '^[a-z]{2}$'", name="lang"),
    # Target of the composite key below: a list can only be in its channel's currency.
    UniqueConstraint("code", "currency", name="uq_channel_code_currency"),
    schema="pricing",
)

price_list = Table(
    "price_list",
    metadata,
    id_column(),
    Column("code", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    currency_column(),
    Column("priority", Integer, nullable=False),
    at("created_at"),
    CheckConstraint("code ~ '^[a-z0-9][a-z0-9_.-]{0,39}$'", name="code"),
    ForeignKeyConstraint(
        ["channel", "currency"],
        ["pricing.channel.code", "pricing.channel.currency"],
        name="fk_price_list_channel",
    ),
    Index("ix_price_list_channel", "channel", "priority"),
    schema="pricing",
)

price = Table(
    "price",
    metadata,
    id_column(),
    ref("list_id"),
    ref("sku_id"),
    amount("amount"),
    amount("compare_at", nullable=True),
    at("valid_from"),
    at("valid_to", nullable=True),
    at("withdrawn_at", nullable=True),
    Column("made_by", Text, nullable=False),
    at("made_at"),
    CheckConstraint("amount >= 0", name="amount"),
    CheckConstraint("compare_at > amount", name="compare_at"),
    CheckConstraint("valid_to > valid_from", name="period"),
    ForeignKeyConstraint(["list_id"], ["pricing.price_list.id"], name="fk_price_list_id"),
    # Read path of every page and quote: all live periods of a SKU.
    Index(
        "ix_price_sku_live", "sku_id", "list_id", "valid_from", postgresql_where=text("withdrawn_at IS NULL")
    ),
    Index("ix_price_sku_history", "sku_id", "id"),
    Index(
        "ix_price_reduced",
        "id",
        postgresql_where=text("compare_at > amount AND withdrawn_at IS NULL"),
    ),
    Index(
        "uq_price_open_period",
        "list_id",
        "sku_id",
        unique=True,
        postgresql_where=text("valid_to IS NULL AND withdrawn_at IS NULL"),
    ),
    Index(
        "uq_price_start",
        "list_id",
        "sku_id",
        "valid_from",
        unique=True,
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
    schema="pricing",
)
