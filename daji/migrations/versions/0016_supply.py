"""Suppliers announce what they send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA supply")
    op.create_table(
        "notice",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("site_id", sa.UUID(), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), server_default="announced", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('announced', 'receiving', 'closed', 'cancelled')", name=op.f("ck_notice_status")
        ),
        sa.CheckConstraint("number <> '' AND supplier <> ''", name=op.f("ck_notice_named")),
        sa.CheckConstraint(
            "(status IN ('closed', 'cancelled')) = (ended_at IS NOT NULL)", name=op.f("ck_notice_ended")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("number", name=op.f("uq_notice_number")),
        schema="supply",
    )
    op.create_index(op.f("ix_notice_expected_at_id"), "notice", ["expected_at", "id"], schema="supply")
    op.create_table(
        "notice_line",
        sa.Column("notice_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "expected >= 0 AND received >= 0 AND expected + received > 0", name=op.f("ck_notice_line_pieces")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["supply.notice.id"], name=op.f("fk_notice_line_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "sku_id", name=op.f("pk_notice_line")),
        schema="supply",
    )


def downgrade() -> None:
    op.drop_table("notice_line", schema="supply")
    op.drop_table("notice", schema="supply")
    op.execute("DROP SCHEMA supply")
