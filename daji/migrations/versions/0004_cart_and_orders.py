"""Tables of cart and orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA cart")
    op.execute("CREATE SCHEMA orders")
    op.create_table(
        "cart",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shopper_id", sa.UUID(), nullable=True),
        sa.Column("guest_token", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("guest_token <> ''", name=op.f("ck_cart_guest_token")),
        sa.CheckConstraint("num_nonnulls(shopper_id, guest_token) = 1", name=op.f("ck_cart_owner")),
        sa.CheckConstraint("version > 0", name=op.f("ck_cart_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart")),
        sa.UniqueConstraint(
            "shopper_id", "guest_token", "channel", name="uq_cart_owner", postgresql_nulls_not_distinct=True
        ),
        schema="cart",
    )
    op.create_index(
        "ix_cart_guest",
        "cart",
        ["guest_token"],
        unique=False,
        schema="cart",
        postgresql_where=sa.text("guest_token IS NOT NULL"),
    )
    op.create_table(
        "quote",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shopper_id", sa.UUID(), nullable=True),
        sa.Column("guest_token", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("num_nonnulls(shopper_id, guest_token) = 1", name=op.f("ck_quote_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        schema="cart",
    )
    op.create_index("ix_quote_expires", "quote", ["expires_at"], unique=False, schema="cart")
    op.create_table(
        "trade",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("shopper_id", sa.UUID(), nullable=True),
        sa.Column("guest_token", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="placed", nullable=False),
        sa.Column("payment", sa.Text(), server_default="unpaid", nullable=False),
        sa.Column("goods", sa.BigInteger(), nullable=False),
        sa.Column("freight", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("difference", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("captured", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("buyer_keys", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("quote_id", sa.UUID(), nullable=True),
        sa.Column("external_ref", sa.Text(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("external_ref <> ''", name=op.f("ck_trade_external_ref")),
        sa.CheckConstraint("guest_token <> ''", name=op.f("ck_trade_guest_token")),
        sa.CheckConstraint(
            "payment IN ('unpaid', 'part_paid', 'paid', 'part_refunded', 'refunded')",
            name=op.f("ck_trade_payment"),
        ),
        sa.CheckConstraint(
            "status IN ('placed', 'confirmed', 'cancelled', 'expired', 'completed')",
            name=op.f("ck_trade_status"),
        ),
        sa.CheckConstraint(
            "captured >= 0 AND refunded >= 0 AND refunded <= captured", name=op.f("ck_trade_money")
        ),
        sa.CheckConstraint(
            "goods >= 0 AND freight >= 0 AND discount >= 0 AND tax >= 0 AND total >= 0",
            name=op.f("ck_trade_no_negative"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(shopper_id, guest_token) = 1 OR (num_nonnulls(shopper_id, guest_token) = 0 AND external_ref IS NOT NULL)",
            name=op.f("ck_trade_owner"),
        ),
        sa.CheckConstraint("total + difference >= 0", name=op.f("ck_trade_due")),
        sa.CheckConstraint("total = goods - discount + freight + tax", name=op.f("ck_trade_balanced")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trade")),
        sa.UniqueConstraint("number", name=op.f("uq_trade_number")),
        sa.UniqueConstraint("seq", name=op.f("uq_trade_seq")),
        schema="orders",
    )
    op.create_index(
        "ix_trade_contact_email",
        "trade",
        [sa.literal_column("lower(contact_email)")],
        unique=False,
        schema="orders",
    )
    op.create_index("ix_trade_contact_name", "trade", ["contact_name"], unique=False, schema="orders")
    op.create_index("ix_trade_contact_phone", "trade", ["contact_phone"], unique=False, schema="orders")
    op.create_index(
        "ix_trade_external_ref",
        "trade",
        ["external_ref"],
        unique=False,
        schema="orders",
        postgresql_where=sa.text("external_ref IS NOT NULL"),
    )
    op.create_index(
        "ix_trade_guest",
        "trade",
        ["guest_token", "placed_at", "id"],
        unique=False,
        schema="orders",
        postgresql_where=sa.text("guest_token IS NOT NULL"),
    )
    op.create_index("ix_trade_placed", "trade", ["placed_at", "id"], unique=False, schema="orders")
    op.create_index(
        "ix_trade_shopper",
        "trade",
        ["shopper_id", "placed_at", "id"],
        unique=False,
        schema="orders",
        postgresql_where=sa.text("shopper_id IS NOT NULL"),
    )
    op.create_index("ix_trade_status", "trade", ["status", "placed_at", "id"], unique=False, schema="orders")
    op.create_index(
        "uq_trade_external",
        "trade",
        ["channel", "external_ref"],
        unique=True,
        schema="orders",
        postgresql_where=sa.text("external_ref IS NOT NULL"),
    )
    op.create_index(
        "uq_trade_quote",
        "trade",
        ["quote_id"],
        unique=True,
        schema="orders",
        postgresql_where=sa.text("quote_id IS NOT NULL"),
    )
    op.create_table(
        "line",
        sa.Column("cart_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("qty", sa.Integer(), nullable=False),
        sa.Column("selected", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("qty BETWEEN 1 AND 999", name=op.f("ck_line_qty")),
        sa.ForeignKeyConstraint(
            ["cart_id"], ["cart.cart.id"], name=op.f("fk_line_cart_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cart_id", "sku_id", name=op.f("pk_line")),
        schema="cart",
    )
    op.create_table(
        "difference",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("trade_id", sa.UUID(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_difference_reason")),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_difference_amount")),
        sa.ForeignKeyConstraint(["trade_id"], ["orders.trade.id"], name=op.f("fk_difference_trade_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference")),
        schema="orders",
    )
    op.create_index(
        "ix_difference_trade", "difference", ["trade_id", "at", "id"], unique=False, schema="orders"
    )
    op.create_table(
        "order",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("trade_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("seller_id", sa.UUID(), nullable=True),
        sa.Column("site_id", sa.UUID(), nullable=False),
        sa.Column("status", sa.Text(), server_default="placed", nullable=False),
        sa.Column("delivery", sa.Text(), server_default="none", nullable=False),
        sa.Column("aftersales", sa.Text(), server_default="none", nullable=False),
        sa.Column("goods", sa.BigInteger(), nullable=False),
        sa.Column("freight", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(delivery = 'delivered') = (delivered_at IS NOT NULL)", name=op.f("ck_order_delivered_at")
        ),
        sa.CheckConstraint(
            "(delivery IN ('shipped', 'delivered', 'failed', 'returned')) = (shipped_at IS NOT NULL)",
            name=op.f("ck_order_shipped_at"),
        ),
        sa.CheckConstraint(
            "(status = 'completed') = (completed_at IS NOT NULL)", name=op.f("ck_order_completed_at")
        ),
        sa.CheckConstraint(
            "aftersales IN ('none', 'open', 'part_returned', 'returned')", name=op.f("ck_order_aftersales")
        ),
        sa.CheckConstraint(
            "delivery IN ('none', 'released', 'stopped', 'picking', 'packed', 'shipped', 'delivered', 'failed', 'returned')",
            name=op.f("ck_order_delivery"),
        ),
        sa.CheckConstraint(
            "status <> 'cancelled' OR delivery IN ('stopped', 'returned')",
            name=op.f("ck_order_cancelled_stays"),
        ),
        sa.CheckConstraint(
            "status <> 'completed' OR delivery = 'delivered'", name=op.f("ck_order_completed_arrived")
        ),
        sa.CheckConstraint("status <> 'placed' OR delivery = 'none'", name=op.f("ck_order_unpaid_stays")),
        sa.CheckConstraint(
            "status IN ('placed', 'confirmed', 'cancelled', 'completed')", name=op.f("ck_order_status")
        ),
        sa.CheckConstraint(
            "goods >= 0 AND freight >= 0 AND discount >= 0 AND tax >= 0 AND total >= 0",
            name=op.f("ck_order_no_negative"),
        ),
        sa.CheckConstraint("position > 0", name=op.f("ck_order_position")),
        sa.CheckConstraint("total = goods - discount + freight + tax", name=op.f("ck_order_balanced")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_order_weight_g")),
        sa.ForeignKeyConstraint(["trade_id"], ["orders.trade.id"], name=op.f("fk_order_trade_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.UniqueConstraint("number", name=op.f("uq_order_number")),
        schema="orders",
    )
    op.create_index(
        "ix_order_delivery", "order", ["delivery", "placed_at", "id"], unique=False, schema="orders"
    )
    op.create_index("ix_order_placed", "order", ["placed_at", "id"], unique=False, schema="orders")
    op.create_index(
        "ix_order_seller", "order", ["seller_id", "placed_at", "id"], unique=False, schema="orders"
    )
    op.create_index(
        "ix_order_site", "order", ["site_id", "delivery", "placed_at", "id"], unique=False, schema="orders"
    )
    op.create_index("ix_order_status", "order", ["status", "placed_at", "id"], unique=False, schema="orders")
    op.create_index("uq_order_position", "order", ["trade_id", "position"], unique=True, schema="orders")
    op.create_table(
        "line",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("titles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("option_texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("qty", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("price_id", sa.UUID(), nullable=False),
        sa.CheckConstraint("qty > 0", name=op.f("ck_line_qty")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_line_unit_price")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order.id"], name=op.f("fk_line_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line")),
        sa.UniqueConstraint("id", "order_id", name="uq_line_id_order_id"),
        schema="orders",
    )
    op.create_index("ix_line_code", "line", ["code"], unique=False, schema="orders")
    op.create_index("ix_line_product", "line", ["product_id"], unique=False, schema="orders")
    op.create_index("uq_line_sku", "line", ["order_id", "sku_id"], unique=True, schema="orders")
    op.create_table(
        "timeline",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("trade_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z][a-z0-9_]{0,59}$'", name=op.f("ck_timeline_code")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order.id"], name=op.f("fk_timeline_order_id")),
        sa.ForeignKeyConstraint(["trade_id"], ["orders.trade.id"], name=op.f("fk_timeline_trade_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline")),
        schema="orders",
    )
    op.create_index(
        "ix_timeline_order",
        "timeline",
        ["order_id"],
        unique=False,
        schema="orders",
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    op.create_index("ix_timeline_trade", "timeline", ["trade_id", "at", "id"], unique=False, schema="orders")
    op.create_table(
        "unit",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("freight", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), server_default="sold", nullable=False),
        sa.CheckConstraint(
            "status IN ('sold', 'cancelled', 'in_return', 'returned')", name=op.f("ck_unit_status")
        ),
        sa.CheckConstraint("n > 0", name=op.f("ck_unit_n")),
        sa.CheckConstraint("paid = price - discount - points + freight + tax", name=op.f("ck_unit_paid")),
        sa.CheckConstraint(
            "price >= 0 AND discount >= 0 AND points >= 0 AND freight >= 0 AND tax >= 0 AND paid >= 0",
            name=op.f("ck_unit_no_negative"),
        ),
        sa.CheckConstraint("refunded >= 0 AND refunded <= paid", name=op.f("ck_unit_refunded")),
        sa.ForeignKeyConstraint(
            ["line_id", "order_id"], ["orders.line.id", "orders.line.order_id"], name="fk_unit_line"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        schema="orders",
    )
    op.create_index("ix_unit_order", "unit", ["order_id"], unique=False, schema="orders")
    op.create_index("uq_unit_n", "unit", ["line_id", "n"], unique=True, schema="orders")


def downgrade() -> None:
    op.execute("DROP SCHEMA orders CASCADE")
    op.execute("DROP SCHEMA cart CASCADE")
