"""A seller has one freight template for each currency it sells in; `assignment` stays for the release before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "charge",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("seller_id", sa.UUID(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("template_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["delivery.template.id"], name=op.f("fk_charge_template_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        schema="delivery",
    )
    op.create_index(
        op.f("ix_charge_seller_id"),
        "charge",
        ["seller_id", "currency"],
        unique=True,
        schema="delivery",
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(op.f("ix_charge_template_id"), "charge", ["template_id"], unique=False, schema="delivery")
    op.execute(
        "INSERT INTO delivery.charge (id, seller_id, currency, template_id)"
        " SELECT a.id, a.seller_id, t.currency, t.id"
        " FROM delivery.assignment a JOIN delivery.template t ON t.id = a.template_id"
    )


def downgrade() -> None:
    op.drop_table("charge", schema="delivery")
