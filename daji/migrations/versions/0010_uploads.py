"""Files of goods that staff upload wait in the database until a worker has read them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("list_id", sa.UUID(), nullable=True),
        sa.Column("site_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ok", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "errors",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("trouble", sa.Text(), server_default="", nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('uploaded', 'checking', 'checked', 'importing', 'done', 'failed')",
            name=op.f("ck_upload_status"),
        ),
        sa.CheckConstraint("bytes > 0 AND rows >= 0", name=op.f("ck_upload_size")),
        sa.CheckConstraint("done >= 0 AND ok >= 0 AND failed >= 0", name=op.f("ck_upload_counts")),
        sa.CheckConstraint("jsonb_typeof(mapping) = 'object'", name=op.f("ck_upload_mapping")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        schema="catalog",
    )
    op.create_index(
        "ix_upload_waiting",
        "upload",
        ["id"],
        schema="catalog",
        postgresql_where=sa.text("status IN ('checking', 'importing')"),
    )


def downgrade() -> None:
    op.drop_table("upload", schema="catalog")
