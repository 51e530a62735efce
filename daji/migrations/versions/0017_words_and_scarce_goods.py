"""Words of goods, goods that run low and parcels, each found by an index in a shop of a million SKUs and orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from daji.migrations import safely

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_GRAMS = """
CREATE FUNCTION catalog.grams(told text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $body$
DECLARE
    found text[] := '{}';
    last text := '';
    before text := '';
    this text;
BEGIN
    FOREACH this IN ARRAY string_to_array(told, NULL) LOOP
        IF before <> '' THEN
            found := found || (before || last || this);
        END IF;
        IF last <> '' AND octet_length(last || this) > 2 THEN
            found := found || (last || this);
        END IF;
        before := last;
        last := this;
    END LOOP;
    RETURN found;
END
$body$
"""
_MARK = """
CREATE FUNCTION inventory.mark_scarce() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.on_hand - NEW.held <= 10 THEN
        INSERT INTO inventory.scarce (sku_id, site_id) VALUES (NEW.sku_id, NEW.site_id) ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM inventory.scarce WHERE sku_id = NEW.sku_id AND site_id = NEW.site_id;
    END IF;
    RETURN NULL;
END
$body$
"""
_BEGINS = """
CREATE TRIGGER balance_begins_scarce AFTER INSERT ON inventory.balance
FOR EACH ROW WHEN (NEW.on_hand - NEW.held <= 10) EXECUTE FUNCTION inventory.mark_scarce()
"""
_CROSSES = """
CREATE TRIGGER balance_crosses_scarce AFTER UPDATE OF on_hand, held ON inventory.balance
FOR EACH ROW WHEN ((OLD.on_hand - OLD.held <= 10) <> (NEW.on_hand - NEW.held <= 10))
EXECUTE FUNCTION inventory.mark_scarce()
"""
# The triggers stand already: what crosses meanwhile is marked by them, and a mark too many is looked at and passed over.
_FILL = """
INSERT INTO inventory.scarce (sku_id, site_id)
SELECT sku_id, site_id FROM inventory.balance WHERE on_hand - held <= 10 ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.create_table(
        "scarce",
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("site_id", sa.UUID(), nullable=False),
        sa.PrimaryKeyConstraint("sku_id", "site_id", name=op.f("pk_scarce")),
        schema="inventory",
    )
    for statement in (_MARK, _BEGINS, _CROSSES, _GRAMS):
        op.execute(statement)
    # Of a million holds a few are open; the planner takes them for a third of all otherwise.
    op.execute(
        "CREATE STATISTICS IF NOT EXISTS inventory.st_hold_open ON (pending + confirmed) FROM inventory.hold"
    )
    with op.get_context().autocommit_block():
        op.execute(_FILL)
    safely.index(
        "ix_product_grams",
        "product",
        [text("catalog.grams(search_text)")],
        schema="catalog",
        using="gin",
        options={"gin_pending_list_limit": 256},
    )
    safely.index("ix_sku_retired", "sku", ["product_id"], schema="catalog", where="status <> 'active'")
    safely.index("ix_hold_open", "hold", ["id"], schema="inventory", where="pending + confirmed > 0")
    safely.index(
        "ix_order_unkept",
        "order",
        ["promised_by"],
        schema="orders",
        where="delivered_at IS NULL OR delivered_at > promised_by",
    )
    safely.index("ix_refund_finished", "refund", ["finished_at"], schema="payments", where="status = 'done'")
    safely.index("ix_pick_list_number", "pick_list", ["number"], schema="warehouse")
    safely.index("ix_shipment_tracking_no", "shipment", ["tracking_no"], schema="delivery")
    safely.index(
        "ix_shipment_open",
        "shipment",
        ["id"],
        schema="delivery",
        where="status NOT IN ('delivered', 'returned', 'cancelled')",
    )


def downgrade() -> None:
    for schema, table, name in (
        ("delivery", "shipment", "ix_shipment_open"),
        ("delivery", "shipment", "ix_shipment_tracking_no"),
        ("warehouse", "pick_list", "ix_pick_list_number"),
        ("payments", "refund", "ix_refund_finished"),
        ("orders", "order", "ix_order_unkept"),
        ("inventory", "hold", "ix_hold_open"),
        ("catalog", "sku", "ix_sku_retired"),
        ("catalog", "product", "ix_product_grams"),
    ):
        op.drop_index(name, table, schema=schema)
    op.execute("DROP STATISTICS inventory.st_hold_open")
    op.execute("DROP TRIGGER balance_crosses_scarce ON inventory.balance")
    op.execute("DROP TRIGGER balance_begins_scarce ON inventory.balance")
    op.execute("DROP FUNCTION inventory.mark_scarce()")
    op.execute("DROP FUNCTION catalog.grams(text)")
    op.drop_table("scarce", schema="inventory")
