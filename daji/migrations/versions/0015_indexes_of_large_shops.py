"""Indexes that a shop of a million orders and goods misses: the few among the many, and the beginning of a code."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from daji.migrations import safely

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    safely.index("ix_tender_unknown", "tender", ["id"], schema="payments", where="status = 'unknown'")
    safely.index("ix_refund_failed", "refund", ["id"], schema="payments", where="status = 'failed'")
    safely.index(
        "ix_movement_seldom",
        "movement",
        ["kind", "seq"],
        schema="inventory",
        where="kind NOT IN ('receive', 'hold', 'release', 'ship')",
    )
    safely.index("ix_line_product_latest", "line", ["product_id", "id"], schema="orders")
    # It begins as the old one does, so that old code is as well served.
    safely.drop_index("ix_line_product", "line", schema="orders")
    # What few have left is asked for by this difference, which an index would make dear to change.
    op.execute(
        "CREATE STATISTICS IF NOT EXISTS inventory.st_balance_available ON (on_hand - held) FROM inventory.balance"
    )
    safely.index(
        "ix_product_listed", "product", ["listed_at", "id"], schema="catalog", where="status = 'listed'"
    )
    safely.index(
        "ix_price_reduced",
        "price",
        ["id"],
        schema="pricing",
        where="compare_at > amount AND withdrawn_at IS NULL",
    )
    safely.index(
        "ix_summary_liked",
        "summary",
        [text("((sum + 20.0) / (count + 5))"), "count", "product_id"],
        schema="reviews",
    )
    for table in ("product", "sku"):
        safely.index(
            f"ix_{table}_code_begins", table, ["code"], schema="catalog", ops={"code": "text_pattern_ops"}
        )


def downgrade() -> None:
    op.execute("DROP STATISTICS inventory.st_balance_available")
    op.create_index("ix_line_product", "line", ["product_id"], schema="orders")
    for schema, table, name in (
        ("catalog", "sku", "ix_sku_code_begins"),
        ("catalog", "product", "ix_product_code_begins"),
        ("reviews", "summary", "ix_summary_liked"),
        ("pricing", "price", "ix_price_reduced"),
        ("catalog", "product", "ix_product_listed"),
        ("orders", "line", "ix_line_product_latest"),
        ("inventory", "movement", "ix_movement_seldom"),
        ("payments", "refund", "ix_refund_failed"),
        ("payments", "tender", "ix_tender_unknown"),
    ):
        op.drop_index(name, table, schema=schema)
