"""Schema of orders: trades, their orders, lines, units, what was booked beside, and the timeline."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from daji.kit.db.schema import amount, at, currency_column, id_column, metadata, ref
from daji.trade.orders.states import AFTERSALES, DELIVERY, ORDER, PAYMENTS, TRADE, UNIT

BALANCED = "total = goods - discount + freight + tax"
NO_NEGATIVE = "goods >= 0 AND freight >= 0 AND discount >= 0 AND tax >= 0 AND total >= 0"


def one_of(column: str, values: Sequence[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def child_of(column: str, target: str) -> Column[object]:
    return Column(column, UUID(as_uuid=True), ForeignKey(target), nullable=False)


trade = Table(
    "trade",
    metadata,
    id_column(),
    Column("seq", BigInteger, Identity(always=False), nullable=False, unique=True),
    # C collation: a prefix search is a plain range.
    Column("number", Text(collation="C"), nullable=False, unique=True),
    ref("shopper_id", nullable=True),
    Column("guest_token", Text),
    Column("channel", Text, nullable=False),
    currency_column(),
    Column("lang", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=TRADE.initial),
    Column("payment", Text, nullable=False, server_default=PAYMENTS[0]),
    amount("goods"),
    amount("freight"),
    amount("discount"),
    amount("tax"),
    amount("total"),
    amount("difference", default="0"),
    amount("captured", default="0"),
    amount("refunded", default="0"),
    Column("contact_name", Text, nullable=False),
    Column("contact_phone", Text, nullable=False),
    Column("contact_email", Text, nullable=False),
    Column("address", JSONB, nullable=False),
    Column("buyer_keys", ARRAY(Text), nullable=False),
    ref("quote_id", nullable=True),
    Column("external_ref", Text),
    at("placed_at"),
    at("pay_by", nullable=True),
    one_of("status", TRADE.statuses),
    one_of("payment", PAYMENTS),
    # Somebody owns every trade but one that was made elsewhere.
    CheckConstraint(
        "num_nonnulls(shopper_id, guest_token) = 1"
        " OR (num_nonnulls(shopper_id, guest_token) = 0 AND external_ref IS NOT NULL)",
        name="owner",
    ),
    CheckConstraint("guest_token <> ''", name="guest_token"),
    CheckConstraint("external_ref <> ''", name="external_ref"),
    CheckConstraint(BALANCED, name="balanced"),
    CheckConstraint(NO_NEGATIVE, name="no_negative"),
    CheckConstraint("total + difference >= 0", name="due"),
    CheckConstraint("captured >= 0 AND refunded >= 0 AND refunded <= captured", name="money"),
    Index("ix_trade_placed", "placed_at", "id"),
    Index("ix_trade_status", "status", "placed_at", "id"),
    Index(
        "ix_trade_shopper",
        "shopper_id",
        "placed_at",
        "id",
        postgresql_where=text("shopper_id IS NOT NULL"),
    ),
    Index(
        "ix_trade_guest", "guest_token", "placed_at", "id", postgresql_where=text("guest_token IS NOT NULL")
    ),
    Index(
        "uq_trade_external",
        "channel",
        "external_ref",
        unique=True,
        postgresql_where=text("external_ref IS NOT NULL"),
    ),
    # An offer is taken once, whatever keys two tabs of a browser send (U-20).
    Index("uq_trade_quote", "quote_id", unique=True, postgresql_where=text("quote_id IS NOT NULL")),
    Index("ix_trade_contact_name", "contact_name"),
    Index("ix_trade_contact_phone", "contact_phone"),
    Index("ix_trade_contact_email", text("lower(contact_email)")),
    Index("ix_trade_external_ref", "external_ref", postgresql_where=text("external_ref IS NOT NULL")),
    schema="orders",
)

order = Table(
    "order",
    metadata,
    id_column(),
    child_of("trade_id", "orders.trade.id"),
    Column("position", Integer, nullable=False),
    Column("number", Text(collation="C"), nullable=False, unique=True),
    ref("seller_id", nullable=True),
    ref("site_id"),
    Column("status", Text, nullable=False, server_default=ORDER.initial),
    Column("delivery", Text, nullable=False, server_default=DELIVERY.initial),
    Column("aftersales", Text, nullable=False, server_default=AFTERSALES[0]),
    amount("goods"),
    amount("freight"),
    amount("discount"),
    amount("tax"),
    amount("total"),
    Column("weight_g", BigInteger, nullable=False),
    at("placed_at"),
    at("promised_by"),
    at("shipped_at", nullable=True),
    at("delivered_at", nullable=True),
    at("completed_at", nullable=True),
    one_of("status", ORDER.statuses),
    one_of("delivery", DELIVERY.statuses),
    one_of("aftersales", AFTERSALES),
    CheckConstraint(BALANCED, name="balanced"),
    CheckConstraint(NO_NEGATIVE, name="no_negative"),
    CheckConstraint("weight_g >= 0", name="weight_g"),
    CheckConstraint("position > 0", name="position"),
    # Unpaid goods stay on the shelf, and cancelled ones leave no site.
    CheckConstraint("status <> 'placed' OR delivery = 'none'", name="unpaid_stays"),
    CheckConstraint("status <> 'cancelled' OR delivery IN ('stopped', 'returned')", name="cancelled_stays"),
    CheckConstraint("status <> 'completed' OR delivery = 'delivered'", name="completed_arrived"),
    CheckConstraint(
        "(delivery IN ('shipped', 'delivered', 'failed', 'returned')) = (shipped_at IS NOT NULL)",
        name="shipped_at",
    ),
    CheckConstraint("(delivery = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_at"),
    CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="completed_at"),
    Index("uq_order_position", "trade_id", "position", unique=True),
    Index("ix_order_placed", "placed_at", "id"),
    Index("ix_order_site", "site_id", "delivery", "placed_at", "id"),
    Index("ix_order_seller", "seller_id", "placed_at", "id"),
    Index("ix_order_delivery", "delivery", "placed_at", "id"),
    Index("ix_order_status", "status", "placed_at", "id"),
    # Promises that are open or were broken: of a million orders, a few.
    Index(
        "ix_order_unkept",
        "promised_by",
        postgresql_where=text("delivered_at IS NULL OR delivered_at > promised_by"),
    ),
    schema="orders",
)

line = Table(
    "line",
    metadata,
    id_column(),
    child_of("order_id", "orders.order.id"),
    Column("position", Integer, nullable=False),
    ref("sku_id"),
    ref("product_id"),
    Column("code", Text, nullable=False),
    Column("titles", JSONB, nullable=False),
    Column("option_texts", JSONB, nullable=False),
    Column("qty", Integer, nullable=False),
    amount("unit_price"),
    ref("price_id"),
    CheckConstraint("qty > 0", name="qty"),
    CheckConstraint("unit_price >= 0", name="unit_price"),
    # Target of the units' key: a unit is in the order of its line.
    UniqueConstraint("id", "order_id", name="uq_line_id_order_id"),
    Index("uq_line_sku", "order_id", "sku_id", unique=True),
    # The latest lines of a product come first, however many it has.
    Index("ix_line_product_latest", "product_id", "id"),
    Index("ix_line_code", "code"),
    schema="orders",
)

unit = Table(
    "unit",
    metadata,
    id_column(),
    ref("line_id"),
    ref("order_id"),
    Column("n", Integer, nullable=False),
    amount("price"),
    amount("discount"),
    amount("points"),
    amount("freight"),
    amount("tax"),
    amount("paid"),
    amount("refunded", default="0"),
    Column("status", Text, nullable=False, server_default=UNIT.initial),
    one_of("status", UNIT.statuses),
    CheckConstraint("paid = price - discount - points + freight + tax", name="paid"),
    CheckConstraint(
        "price >= 0 AND discount >= 0 AND points >= 0 AND freight >= 0 AND tax >= 0 AND paid >= 0",
        name="no_negative",
    ),
    CheckConstraint("refunded >= 0 AND refunded <= paid", name="refunded"),
    CheckConstraint("n > 0", name="n"),
    ForeignKeyConstraint(
        ["line_id", "order_id"], ["orders.line.id", "orders.line.order_id"], name="fk_unit_line"
    ),
    Index("uq_unit_n", "line_id", "n", unique=True),
    Index("ix_unit_order", "order_id"),
    schema="orders",
)

difference = Table(
    "difference",
    metadata,
    id_column(),
    child_of("trade_id", "orders.trade.id"),
    amount("amount"),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    at("at"),
    CheckConstraint("amount <> 0", name="amount"),
    CheckConstraint("reason <> ''", name="reason"),
    Index("ix_difference_trade", "trade_id", "at", "id"),
    schema="orders",
)

timeline = Table(
    "timeline",
    metadata,
    id_column(),
    child_of("trade_id", "orders.trade.id"),
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.order.id")),
    Column("code", Text, nullable=False),
    Column("params", JSONB, nullable=False),
    Column("by", Text, nullable=False),
    Column("public", Boolean, nullable=False),
    at("at"),
    CheckConstraint("code ~ '^[a-z][a-z0-9_]{0,59}$'", name="code"),
    Index("ix_timeline_trade", "trade_id", "at", "id"),
    Index("ix_timeline_order", "order_id", postgresql_where=text("order_id IS NOT NULL")),
    schema="orders",
)
