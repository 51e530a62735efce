"""Schema of flash sales."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from daji.kit.db.schema import amount, at, currency_column, id_column, metadata, ref

ZERO = text("0")


def _sale() -> Column[object]:
    return Column("sale_id", UUID(as_uuid=True), ForeignKey("flash.sale.id"), nullable=False)


sale = Table(
    "sale",
    metadata,
    id_column(),
    Column("titles", JSONB, nullable=False),
    Column("channel", Text, nullable=False),
    currency_column(),
    Column("status", Text, nullable=False),
    at("opens_at"),
    at("closes_at"),
    Column("per_buyer", Integer, nullable=False),
    Column("audience", Text, nullable=False),
    Column("pass_minutes", Integer, nullable=False),
    Column("pay_minutes", Integer, nullable=False),
    Column("admit_percent", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("made_by", Text, nullable=False),
    at("created_at"),
    at("updated_at"),
    CheckConstraint("status IN ('draft', 'scheduled', 'open', 'sold_out', 'closed')", name="status"),
    CheckConstraint("opens_at < closes_at", name="period"),
    CheckConstraint("per_buyer BETWEEN 1 AND 99", name="per_buyer"),
    CheckConstraint("audience IN ('members', 'anyone')", name="audience"),
    CheckConstraint("pass_minutes BETWEEN 1 AND 60 AND pay_minutes BETWEEN 1 AND 1440", name="minutes"),
    CheckConstraint("admit_percent BETWEEN 100 AND 300", name="admit_percent"),
    Index("ix_sale_status", "status", "opens_at"),
    schema="flash",
)

line = Table(
    "line",
    metadata,
    id_column(),
    _sale(),
    ref("sku_id"),
    amount("price"),
    Column("quota", Integer, nullable=False),
    Column("taken", Integer, nullable=False, server_default=ZERO),
    CheckConstraint("price >= 0", name="price"),
    CheckConstraint("quota >= 0", name="quota"),
    # The promise of the room: no order ever takes a piece that the sale does not have.
    CheckConstraint("taken BETWEEN 0 AND quota", name="taken"),
    UniqueConstraint("sale_id", "sku_id", name="uq_line_sku"),
    schema="flash",
    # A hot row is rewritten many times a second; room in its page keeps those writes out of the indexes (HOT).
    postgresql_with={"fillfactor": 70},
)

buyer = Table(
    "buyer",
    metadata,
    _sale(),
    Column("buyer_key", Text, nullable=False),
    Column("taken", Integer, nullable=False),
    PrimaryKeyConstraint("sale_id", "buyer_key"),
    CheckConstraint("taken >= 0", name="taken"),
    schema="flash",
)

lane = Table(
    "lane",
    metadata,
    id_column(),
    _sale(),
    Column("worker", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("issued", BigInteger, nullable=False, server_default=ZERO),
    Column("called", BigInteger, nullable=False, server_default=ZERO),
    Column("busy", Integer, nullable=False, server_default=ZERO),
    Column("units", Integer, nullable=False, server_default=ZERO),
    Column("expected", ARRAY(BigInteger), nullable=False, server_default=text("'{}'::bigint[]")),
    at("beat_at"),
    CheckConstraint("issued >= 0 AND called >= 0 AND busy >= 0 AND units >= 0", name="counts"),
    Index(None, "sale_id"),
    schema="flash",
    postgresql_with={"fillfactor": 50},
)

admission = Table(
    "admission",
    metadata,
    id_column(),
    _sale(),
    Column("buyer", Text, nullable=False),
    Column("lane_id", UUID(as_uuid=True), ForeignKey("flash.lane.id"), nullable=False),
    Column("place", BigInteger, nullable=False),
    at("issued_at"),
    at("expires_at"),
    ref("trade_id", nullable=True),
    CheckConstraint("place > 0", name="place"),
    UniqueConstraint("sale_id", "buyer", name="uq_admission_buyer"),
    Index(None, "lane_id"),
    schema="flash",
)

claim = Table(
    "claim",
    metadata,
    id_column(),
    _sale(),
    Column("line_id", UUID(as_uuid=True), ForeignKey("flash.line.id"), nullable=False),
    ref("trade_id"),
    ref("site_id"),
    Column("qty", Integer, nullable=False),
    Column("buyer_keys", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False),
    at("claimed_at"),
    at("moved_at"),
    CheckConstraint("qty > 0", name="qty"),
    CheckConstraint("status IN ('held', 'returned')", name="status"),
    UniqueConstraint("trade_id", "line_id", "site_id", name="uq_claim_trade"),
    Index(None, "sale_id", "status"),
    schema="flash",
)
