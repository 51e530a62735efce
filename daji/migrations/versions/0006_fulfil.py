"""Tables of fulfil."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TRIGGERS = (
    """
CREATE FUNCTION inventory.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'the stock ledger is append-only' USING ERRCODE = 'restrict_violation';
END
$body$
""",
    """
CREATE TRIGGER movement_is_append_only BEFORE UPDATE OR DELETE ON inventory.movement
FOR EACH ROW EXECUTE FUNCTION inventory.refuse_change()
""",
)


def upgrade() -> None:
    op.execute("CREATE SCHEMA inventory")
    op.execute("CREATE SCHEMA warehouse")
    op.execute("CREATE SCHEMA delivery")
    op.create_table(
        "shipment",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("package_id", sa.UUID(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="created", nullable=False),
        sa.Column("tracking_no", sa.Text(), nullable=True),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status <> 'delivered' OR delivered_at IS NOT NULL", name=op.f("ck_shipment_delivered")
        ),
        sa.CheckConstraint(
            "status IN ('created', 'booked', 'in_transit', 'out_for_delivery', 'delivered', 'failed', 'returning', 'returned', 'lost', 'cancelled')",
            name=op.f("ck_shipment_status"),
        ),
        sa.CheckConstraint(
            "status IN ('created', 'cancelled') OR tracking_no IS NOT NULL",
            name=op.f("ck_shipment_known_to_carrier"),
        ),
        sa.CheckConstraint("weight_g > 0", name=op.f("ck_shipment_weight")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        schema="delivery",
    )
    op.create_index(
        op.f("ix_shipment_carrier_tracking_no"),
        "shipment",
        ["carrier", "tracking_no"],
        unique=True,
        schema="delivery",
    )
    op.create_index(
        "ix_shipment_one_live",
        "shipment",
        ["order_id"],
        unique=True,
        schema="delivery",
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_index(op.f("ix_shipment_order_id"), "shipment", ["order_id"], unique=False, schema="delivery")
    op.create_table(
        "template",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "mode = 'carrier' OR jsonb_array_length(rules) > 0", name=op.f("ck_template_rules")
        ),
        sa.CheckConstraint("mode IN ('table', 'carrier')", name=op.f("ck_template_mode")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sa.UniqueConstraint("code", name=op.f("uq_template_code")),
        schema="delivery",
    )
    op.create_table(
        "balance",
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("site_id", sa.UUID(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("held >= 0 AND held <= on_hand", name=op.f("ck_balance_held")),
        sa.CheckConstraint("quarantined >= 0", name=op.f("ck_balance_quarantined")),
        sa.PrimaryKeyConstraint("sku_id", "site_id", name=op.f("pk_balance")),
        schema="inventory",
        postgresql_with={"fillfactor": 70},
    )
    op.create_index(
        op.f("ix_balance_site_id_sku_id"), "balance", ["site_id", "sku_id"], unique=False, schema="inventory"
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("holder", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("site_id", sa.UUID(), nullable=False),
        sa.Column("pending", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("shipped", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("released", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("confirmed >= 0", name=op.f("ck_hold_confirmed")),
        sa.CheckConstraint("pending >= 0", name=op.f("ck_hold_pending")),
        sa.CheckConstraint("released >= 0", name=op.f("ck_hold_released")),
        sa.CheckConstraint("shipped >= 0", name=op.f("ck_hold_shipped")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        schema="inventory",
        postgresql_with={"fillfactor": 80},
    )
    op.create_index(
        op.f("ix_hold_holder_sku_id_site_id"),
        "hold",
        ["holder", "sku_id", "site_id"],
        unique=True,
        schema="inventory",
    )
    op.create_index(
        op.f("ix_hold_sku_id_site_id"), "hold", ["sku_id", "site_id"], unique=False, schema="inventory"
    )
    op.create_table(
        "movement",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("site_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("delta_on_hand", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("delta_held", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("delta_quarantined", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('receive', 'adjust', 'hold', 'release', 'move_out', 'move_in', 'ship', 'unship', 'take_back', 'quarantine', 'restock', 'scrap')",
            name=op.f("ck_movement_kind"),
        ),
        sa.CheckConstraint(
            "delta_on_hand <> 0 OR delta_held <> 0 OR delta_quarantined <> 0", name=op.f("ck_movement_moves")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_movement")),
        schema="inventory",
    )
    op.create_index(op.f("ix_movement_ref_seq"), "movement", ["ref", "seq"], unique=False, schema="inventory")
    op.create_index(
        op.f("ix_movement_site_id_seq"), "movement", ["site_id", "seq"], unique=False, schema="inventory"
    )
    op.create_index(
        op.f("ix_movement_sku_id_seq"), "movement", ["sku_id", "seq"], unique=False, schema="inventory"
    )
    op.create_table(
        "site",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("seller_id", sa.UUID(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code <> ''", name=op.f("ck_site_code")),
        sa.CheckConstraint("kind IN ('warehouse', 'shop')", name=op.f("ck_site_kind")),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_site_place")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_site_degrees")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
        schema="inventory",
    )
    op.create_index(op.f("ix_site_seller_id"), "site", ["seller_id"], unique=False, schema="inventory")
    op.create_table(
        "pick_list",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("site_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="released", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('released', 'picking', 'short', 'picked', 'packed', 'handed_over', 'cancelled')",
            name=op.f("ck_pick_list_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_list")),
        schema="warehouse",
    )
    op.create_index(op.f("ix_pick_list_order_id"), "pick_list", ["order_id"], unique=True, schema="warehouse")
    op.create_index(
        op.f("ix_pick_list_site_id_status_id"),
        "pick_list",
        ["site_id", "status", "id"],
        unique=False,
        schema="warehouse",
    )
    op.create_index(
        op.f("ix_pick_list_status_id"), "pick_list", ["status", "id"], unique=False, schema="warehouse"
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("seller_id", sa.UUID(), nullable=True),
        sa.Column("template_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["delivery.template.id"], name=op.f("fk_assignment_template_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        schema="delivery",
    )
    op.create_index(
        op.f("ix_assignment_seller_id"),
        "assignment",
        ["seller_id"],
        unique=True,
        schema="delivery",
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        op.f("ix_assignment_template_id"), "assignment", ["template_id"], unique=False, schema="delivery"
    )
    op.create_table(
        "event",
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("shipment_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["delivery.shipment.id"], name=op.f("fk_event_shipment_id")),
        sa.PrimaryKeyConstraint("carrier", "event_id", name=op.f("pk_event")),
        schema="delivery",
    )
    op.create_index(
        op.f("ix_event_shipment_id_at"), "event", ["shipment_id", "at"], unique=False, schema="delivery"
    )
    op.create_table(
        "hold_buyer",
        sa.Column("buyer_key", sa.Text(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("hold_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["hold_id"], ["inventory.hold.id"], name=op.f("fk_hold_buyer_hold_id")),
        sa.PrimaryKeyConstraint("buyer_key", "sku_id", "hold_id", name=op.f("pk_hold_buyer")),
        schema="inventory",
    )
    op.create_index(
        op.f("ix_hold_buyer_hold_id"), "hold_buyer", ["hold_id"], unique=False, schema="inventory"
    )
    op.create_table(
        "package",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("pick_list_id", sa.UUID(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name=op.f("ck_package_sides")),
        sa.CheckConstraint(
            "num_nulls(length_mm, width_mm, height_mm) IN (0, 3)", name=op.f("ck_package_all_sides")
        ),
        sa.CheckConstraint("weight_g > 0", name=op.f("ck_package_weight")),
        sa.ForeignKeyConstraint(
            ["pick_list_id"], ["warehouse.pick_list.id"], name=op.f("fk_package_pick_list_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package")),
        sa.UniqueConstraint("pick_list_id", name=op.f("uq_package_pick_list_id")),
        schema="warehouse",
    )
    op.create_table(
        "pick_line",
        sa.Column("pick_list_id", sa.UUID(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("qty", sa.Integer(), nullable=False),
        sa.Column("picked", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("short", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "picked >= 0 AND short >= 0 AND picked + short <= qty",
            name=op.f("ck_pick_line_never_above_asked"),
        ),
        sa.CheckConstraint("qty > 0", name=op.f("ck_pick_line_qty")),
        sa.ForeignKeyConstraint(
            ["pick_list_id"], ["warehouse.pick_list.id"], name=op.f("fk_pick_line_pick_list_id")
        ),
        sa.PrimaryKeyConstraint("pick_list_id", "line_id", name=op.f("pk_pick_line")),
        schema="warehouse",
    )
    op.create_table(
        "work",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("pick_list_id", sa.UUID(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pick_list_id"], ["warehouse.pick_list.id"], name=op.f("fk_work_pick_list_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_work")),
        schema="warehouse",
    )
    op.create_index(
        op.f("ix_work_pick_list_id_seq"), "work", ["pick_list_id", "seq"], unique=False, schema="warehouse"
    )
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA delivery CASCADE")
    op.execute("DROP SCHEMA warehouse CASCADE")
    op.execute("DROP SCHEMA inventory CASCADE")
