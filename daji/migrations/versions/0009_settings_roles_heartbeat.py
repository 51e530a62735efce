"""What may be changed while the shop runs: settings, what roles hold; and which workers are alive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA settings")
    op.create_table(
        "entry",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.UUID(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(r"key ~ '^[a-z][a-z_]*(\.[a-z][a-z_]*)+$'", name=op.f("ck_entry_key")),
        sa.CheckConstraint("version > 0", name=op.f("ck_entry_version")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_entry")),
        schema="settings",
    )
    op.create_table(
        "role_setting",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.UUID(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'operator', 'warehouse', 'service', 'analyst') AND role <> 'admin'",
            name=op.f("ck_role_setting_role"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_role_setting_version")),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_role_setting")),
        schema="identity",
    )
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeat")),
        schema="kit",
    )


def downgrade() -> None:
    op.drop_table("heartbeat", schema="kit")
    op.drop_table("role_setting", schema="identity")
    op.execute("DROP SCHEMA settings CASCADE")
