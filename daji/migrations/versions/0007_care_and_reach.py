"""Tables of care and reach."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA aftersales")
    op.execute("CREATE SCHEMA customers")
    op.execute("CREATE SCHEMA marketplace")
    op.create_table(
        "cases",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("trade_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("shopper_id", sa.UUID(), nullable=True),
        sa.Column("guest_digest", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("expected_refund_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refunded_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("site_id", sa.UUID(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status IN ('refunded', 'rejected', 'withdrawn')) = (closed_at IS NOT NULL)",
            name=op.f("ck_cases_closed"),
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_cases_currency")),
        sa.CheckConstraint(
            "kind = 'return' OR status <> 'received'", name=op.f("ck_cases_nothing_to_receive")
        ),
        sa.CheckConstraint("kind IN ('return', 'refund_only')", name=op.f("ck_cases_kind")),
        sa.CheckConstraint("refunded_amount = 0 OR status = 'refunded'", name=op.f("ck_cases_refunded")),
        sa.CheckConstraint(
            "status IN ('requested', 'approved', 'received', 'refunding', 'refunded', 'rejected', 'withdrawn')",
            name=op.f("ck_cases_status"),
        ),
        sa.CheckConstraint(
            "amount >= 0 AND refunded_amount BETWEEN 0 AND amount", name=op.f("ck_cases_amounts")
        ),
        sa.CheckConstraint("shopper_id IS NULL OR guest_digest IS NULL", name=op.f("ck_cases_one_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        schema="aftersales",
    )
    op.create_index(
        "ix_cases_guest",
        "cases",
        ["guest_digest", "requested_at", "id"],
        unique=False,
        schema="aftersales",
        postgresql_where=sa.text("guest_digest IS NOT NULL"),
    )
    op.create_index(op.f("ix_cases_order_id"), "cases", ["order_id"], unique=False, schema="aftersales")
    op.create_index(
        op.f("ix_cases_requested_at_id"), "cases", ["requested_at", "id"], unique=False, schema="aftersales"
    )
    op.create_index(
        "ix_cases_shopper",
        "cases",
        ["shopper_id", "requested_at", "id"],
        unique=False,
        schema="aftersales",
        postgresql_where=sa.text("shopper_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_cases_status_requested_at_id"),
        "cases",
        ["status", "requested_at", "id"],
        unique=False,
        schema="aftersales",
    )
    op.create_index(op.f("ix_cases_trade_id"), "cases", ["trade_id"], unique=False, schema="aftersales")
    op.create_table(
        "book",
        sa.Column("shopper_id", sa.UUID(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.CheckConstraint("entries BETWEEN 0 AND 50", name=op.f("ck_book_entries")),
        sa.PrimaryKeyConstraint("shopper_id", name=op.f("pk_book")),
        schema="customers",
    )
    op.create_table(
        "seller",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("postcode", sa.Text(), server_default="", nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code <> ''", name=op.f("ck_seller_code")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_seller_name")),
        sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f("ck_seller_status")),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_seller_whole_place")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_seller_on_the_globe")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller")),
        schema="marketplace",
    )
    op.create_index(op.f("ix_seller_code"), "seller", ["code"], unique=True, schema="marketplace")
    op.create_index("ix_seller_status_code", "seller", ["status", "code"], unique=False, schema="marketplace")
    op.create_table(
        "case_unit",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("open", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("grade IN ('restock', 'quarantine', 'scrap')", name=op.f("ck_case_unit_grade")),
        sa.CheckConstraint("amount BETWEEN 0 AND paid", name=op.f("ck_case_unit_amount")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales.cases.id"], name=op.f("fk_case_unit_case_id")),
        sa.PrimaryKeyConstraint("case_id", "unit_id", name=op.f("pk_case_unit")),
        schema="aftersales",
    )
    op.create_index(
        "uq_case_unit_open",
        "case_unit",
        ["unit_id"],
        unique=True,
        schema="aftersales",
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "step",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales.cases.id"], name=op.f("fk_step_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("seq", name=op.f("uq_step_seq")),
        schema="aftersales",
    )
    op.create_index(
        op.f("ix_step_case_id_seq"), "step", ["case_id", "seq"], unique=False, schema="aftersales"
    )
    op.create_index(
        op.f("ix_step_case_id_verb"), "step", ["case_id", "verb"], unique=True, schema="aftersales"
    )
    op.create_table(
        "address",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shopper_id", sa.UUID(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_address_country")),
        sa.CheckConstraint("name <> '' AND phone <> '' AND line <> ''", name=op.f("ck_address_filled")),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_address_whole_place")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_address_on_the_globe")
        ),
        sa.ForeignKeyConstraint(
            ["shopper_id"], ["customers.book.shopper_id"], name=op.f("fk_address_shopper_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        schema="customers",
    )
    op.create_index(
        op.f("ix_address_shopper_id_created_at"),
        "address",
        ["shopper_id", "created_at"],
        unique=False,
        schema="customers",
    )
    op.create_index(
        "uq_address_default",
        "address",
        ["shopper_id"],
        unique=True,
        schema="customers",
        postgresql_where=sa.text("is_default"),
    )


def downgrade() -> None:
    op.execute("DROP SCHEMA marketplace CASCADE")
    op.execute("DROP SCHEMA customers CASCADE")
    op.execute("DROP SCHEMA aftersales CASCADE")
