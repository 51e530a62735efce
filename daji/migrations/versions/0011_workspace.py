"""Staff keep views of lists under names of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA workspace")
    op.create_table(
        "saved_view",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("list ~ '^[a-z][a-z_-]{0,39}$'", name=op.f("ck_saved_view_list")),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 60", name=op.f("ck_saved_view_name")),
        sa.CheckConstraint("jsonb_typeof(query) = 'object'", name=op.f("ck_saved_view_query")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        schema="workspace",
    )
    op.create_index(
        "uq_saved_view_name", "saved_view", ["account_id", "list", "name"], unique=True, schema="workspace"
    )


def downgrade() -> None:
    op.drop_table("saved_view", schema="workspace")
    op.execute("DROP SCHEMA workspace")
