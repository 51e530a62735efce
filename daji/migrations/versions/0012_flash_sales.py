"""Flash sales: what is sold, the line before it, and what orders took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA flash")
    op.create_table(
        "sale",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("titles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("per_buyer", sa.Integer(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("pass_minutes", sa.Integer(), nullable=False),
        sa.Column("pay_minutes", sa.Integer(), nullable=False),
        sa.Column("admit_percent", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("audience IN ('members', 'anyone')", name=op.f("ck_sale_audience")),
        sa.CheckConstraint(
            "status IN ('draft', 'scheduled', 'open', 'sold_out', 'closed')", name=op.f("ck_sale_status")
        ),
        sa.CheckConstraint("admit_percent BETWEEN 100 AND 300", name=op.f("ck_sale_admit_percent")),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_sale_period")),
        sa.CheckConstraint(
            "pass_minutes BETWEEN 1 AND 60 AND pay_minutes BETWEEN 1 AND 1440", name=op.f("ck_sale_minutes")
        ),
        sa.CheckConstraint("per_buyer BETWEEN 1 AND 99", name=op.f("ck_sale_per_buyer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale")),
        schema="flash",
    )
    op.create_index("ix_sale_status", "sale", ["status", "opens_at"], unique=False, schema="flash")
    op.create_table(
        "buyer",
        sa.Column("sale_id", sa.UUID(), nullable=False),
        sa.Column("buyer_key", sa.Text(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_buyer_taken")),
        sa.ForeignKeyConstraint(["sale_id"], ["flash.sale.id"], name=op.f("fk_buyer_sale_id")),
        sa.PrimaryKeyConstraint("sale_id", "buyer_key", name=op.f("pk_buyer")),
        schema="flash",
    )
    op.create_table(
        "lane",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("sale_id", sa.UUID(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("issued", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("called", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("busy", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("units", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "expected",
            postgresql.ARRAY(sa.BigInteger()),
            server_default=sa.text("'{}'::bigint[]"),
            nullable=False,
        ),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "issued >= 0 AND called >= 0 AND busy >= 0 AND units >= 0", name=op.f("ck_lane_counts")
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["flash.sale.id"], name=op.f("fk_lane_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lane")),
        schema="flash",
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(op.f("ix_lane_sale_id"), "lane", ["sale_id"], unique=False, schema="flash")
    op.create_table(
        "line",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("sale_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_line_price")),
        sa.CheckConstraint("quota >= 0", name=op.f("ck_line_quota")),
        sa.CheckConstraint("taken BETWEEN 0 AND quota", name=op.f("ck_line_taken")),
        sa.ForeignKeyConstraint(["sale_id"], ["flash.sale.id"], name=op.f("fk_line_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line")),
        sa.UniqueConstraint("sale_id", "sku_id", name="uq_line_sku"),
        schema="flash",
        postgresql_with={"fillfactor": 70},
    )
    op.create_table(
        "admission",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("sale_id", sa.UUID(), nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("lane_id", sa.UUID(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trade_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("place > 0", name=op.f("ck_admission_place")),
        sa.ForeignKeyConstraint(["lane_id"], ["flash.lane.id"], name=op.f("fk_admission_lane_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["flash.sale.id"], name=op.f("fk_admission_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission")),
        sa.UniqueConstraint("sale_id", "buyer", name="uq_admission_buyer"),
        schema="flash",
    )
    op.create_index(op.f("ix_admission_lane_id"), "admission", ["lane_id"], unique=False, schema="flash")
    op.create_table(
        "claim",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("sale_id", sa.UUID(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=False),
        sa.Column("trade_id", sa.UUID(), nullable=False),
        sa.Column("site_id", sa.UUID(), nullable=False),
        sa.Column("qty", sa.Integer(), nullable=False),
        sa.Column("buyer_keys", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('held', 'returned')", name=op.f("ck_claim_status")),
        sa.CheckConstraint("qty > 0", name=op.f("ck_claim_qty")),
        sa.ForeignKeyConstraint(["line_id"], ["flash.line.id"], name=op.f("fk_claim_line_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["flash.sale.id"], name=op.f("fk_claim_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("trade_id", "line_id", "site_id", name="uq_claim_trade"),
        schema="flash",
    )
    op.create_index(
        op.f("ix_claim_sale_id_status"), "claim", ["sale_id", "status"], unique=False, schema="flash"
    )


def downgrade() -> None:
    for table in ("claim", "admission", "line", "lane", "buyer", "sale"):
        op.drop_table(table, schema="flash")
    op.execute("DROP SCHEMA flash")
