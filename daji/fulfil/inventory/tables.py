"""Schema of the stock ledger.

`balance`, `hold` and `movement` name a site without a foreign key: the check would share-lock the site's one row in every
sale, and each statement that writes them has just locked the balance row that proves the site.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    event,
    text,
)

from daji.kit.db.schema import at, id_column, metadata, ref

ZERO = text("0")

site = Table(
    "site",
    metadata,
    id_column(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    ref("seller_id", nullable=True),
    Column("country", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("lat", Float(53)),
    Column("lon", Float(53)),
    Column("priority", Integer, nullable=False, server_default=ZERO),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    at("created_at"),
    CheckConstraint("kind IN ('warehouse', 'shop')", name="kind"),
    CheckConstraint("code <> ''", name="code"),
    CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="place"),
    CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="degrees"),
    Index(None, "seller_id"),
    schema="inventory",
)

balance = Table(
    "balance",
    metadata,
    ref("sku_id"),
    ref("site_id"),
    Column("on_hand", BigInteger, nullable=False, server_default=ZERO),
    Column("held", BigInteger, nullable=False, server_default=ZERO),
    Column("quarantined", BigInteger, nullable=False, server_default=ZERO),
    PrimaryKeyConstraint("sku_id", "site_id"),
    CheckConstraint("held >= 0 AND held <= on_hand", name="held"),
    CheckConstraint("quarantined >= 0", name="quarantined"),
    Index(None, "site_id", "sku_id"),
    schema="inventory",
    # A hot row is rewritten many times a second; room in its page keeps those writes out of the indexes (HOT).
    postgresql_with={"fillfactor": 70},
)

# Which balances have few pieces left, kept by triggers: an index of the difference would make every sale dearer (HOT).
scarce = Table(
    "scarce",
    metadata,
    ref("sku_id"),
    ref("site_id"),
    PrimaryKeyConstraint("sku_id", "site_id"),
    schema="inventory",
)

hold = Table(
    "hold",
    metadata,
    id_column(),
    ref("holder"),
    ref("sku_id"),
    ref("site_id"),
    Column("pending", BigInteger, nullable=False, server_default=ZERO),
    Column("confirmed", BigInteger, nullable=False, server_default=ZERO),
    Column("shipped", BigInteger, nullable=False, server_default=ZERO),
    Column("released", BigInteger, nullable=False, server_default=ZERO),
    at("expires_at", nullable=True),
    at("held_at"),
    CheckConstraint("pending >= 0", name="pending"),
    CheckConstraint("confirmed >= 0", name="confirmed"),
    CheckConstraint("shipped >= 0", name="shipped"),
    CheckConstraint("released >= 0", name="released"),
    Index(None, "holder", "sku_id", "site_id", unique=True),
    Index(None, "sku_id", "site_id"),
    Index("ix_hold_open", "id", postgresql_where=text("pending + confirmed > 0")),
    schema="inventory",
    postgresql_with={"fillfactor": 80},
)

hold_buyer = Table(
    "hold_buyer",
    metadata,
    Column("buyer_key", Text, nullable=False),
    ref("sku_id"),
    Column("hold_id", ForeignKey(hold.c.id), nullable=False),
    PrimaryKeyConstraint("buyer_key", "sku_id", "hold_id"),
    Index(None, "hold_id"),
    schema="inventory",
)

movement = Table(
    "movement",
    metadata,
    # The database numbers the lines, because one statement may write more of them than the caller can count.
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    ref("sku_id"),
    ref("site_id"),
    Column("kind", Text, nullable=False),
    Column("delta_on_hand", BigInteger, nullable=False, server_default=ZERO),
    Column("delta_held", BigInteger, nullable=False, server_default=ZERO),
    Column("delta_quarantined", BigInteger, nullable=False, server_default=ZERO),
    Column("ref", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False),
    at("at"),
    CheckConstraint(
        "kind IN ('receive', 'adjust', 'hold', 'release', 'move_out', 'move_in', 'ship', 'unship', 'take_back',"
        " 'quarantine', 'restock', 'scrap')",
        name="kind",
    ),
    CheckConstraint("delta_on_hand <> 0 OR delta_held <> 0 OR delta_quarantined <> 0", name="moves"),
    Index(None, "sku_id", "seq"),
    Index(None, "site_id", "seq"),
    Index(None, "ref", "seq"),
    # Of the kinds that no order makes; a hold or a shipment costs nothing more.
    Index(
        "ix_movement_seldom",
        "kind",
        "seq",
        postgresql_where=text("kind NOT IN ('receive', 'hold', 'release', 'ship')"),
    ),
    schema="inventory",
)

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
"""Run after the tables exist, by `create_all` here and by the migration that makes them."""

for statement in TRIGGERS:
    event.listen(movement, "after_create", DDL(statement))  # type: ignore[no-untyped-call]

SCARCE = 10
"""Pieces left to promise, at most, that make a balance scarce."""

SCARCE_TRIGGERS = (
    """
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
""",
    """
CREATE TRIGGER balance_begins_scarce AFTER INSERT ON inventory.balance
FOR EACH ROW WHEN (NEW.on_hand - NEW.held <= 10) EXECUTE FUNCTION inventory.mark_scarce()
""",
    """
CREATE TRIGGER balance_crosses_scarce AFTER UPDATE OF on_hand, held ON inventory.balance
FOR EACH ROW WHEN ((OLD.on_hand - OLD.held <= 10) <> (NEW.on_hand - NEW.held <= 10))
EXECUTE FUNCTION inventory.mark_scarce()
""",
)

for statement in SCARCE_TRIGGERS:
    event.listen(scarce, "after_create", DDL(statement))  # type: ignore[no-untyped-call]
