"""How far the outbox was carried to satellites, and by which worker."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carriage",
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("born", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_carriage_seq")),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_carriage")),
        schema="kit",
    )


def downgrade() -> None:
    op.drop_table("carriage", schema="kit")
