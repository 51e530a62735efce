"""Schema `payments`: what is owed, by which means, what went back, what the gateways said, and the books.

Lock order: payable, tender, refund. Every change of money goes through the payable's row lock.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from daji.kit.db.schema import amount, at, currency_column, id_column, metadata, ref

SCHEMA = "payments"


def _trade() -> Column[object]:
    return Column("trade_id", UUID(as_uuid=True), ForeignKey(f"{SCHEMA}.payable.trade_id"), nullable=False)


payable = Table(
    "payable",
    metadata,
    id_column("trade_id"),
    Column("channel", Text, nullable=False, server_default=""),
    amount("due"),
    currency_column(),
    amount("captured", default="0"),
    amount("refunding", default="0"),
    amount("refunded", default="0"),
    at("opened_at"),
    at("closed_at", nullable=True),
    CheckConstraint("due >= 0 AND captured >= 0 AND refunding >= 0 AND refunded >= 0", name="not_negative"),
    CheckConstraint("refunding + refunded <= captured", name="refunds_within_captured"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    Index(None, "channel", "currency"),
    schema=SCHEMA,
)

tender = Table(
    "tender",
    metadata,
    id_column(),
    _trade(),
    Column("gateway", Text, nullable=False),
    Column("method", Text, nullable=False),
    amount("amount"),
    currency_column(),
    Column("instalments", Integer, nullable=False, server_default="1"),
    Column("status", Text, nullable=False, server_default="created"),
    Column("gateway_no", Text),
    Column("pay_url", Text),
    Column("code", Text, nullable=False, server_default=""),
    amount("authorised", default="0"),
    amount("captured", default="0"),
    amount("refunding", default="0"),
    amount("refunded", default="0"),
    at("created_at"),
    at("submitted_at", nullable=True),
    at("captured_at", nullable=True),
    CheckConstraint(
        "status IN ('created', 'unknown', 'pending', 'authorised', 'captured', 'declined', 'voided', 'expired')",
        name="status",
    ),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint(
        "authorised >= 0 AND captured >= 0 AND refunding >= 0 AND refunded >= 0", name="not_negative"
    ),
    CheckConstraint("refunding + refunded <= captured", name="refunds_within_captured"),
    CheckConstraint("(status = 'captured') = (captured > 0)", name="captured_has_money"),
    CheckConstraint("(captured > 0) = (captured_at IS NOT NULL)", name="captured_when"),
    CheckConstraint("captured = 0 OR gateway_no IS NOT NULL", name="captured_where"),
    CheckConstraint("instalments BETWEEN 1 AND 48", name="instalments"),
    CheckConstraint("gateway ~ '^[a-z][a-z0-9_]{0,31}$' AND method ~ '^[a-z][a-z0-9_]{0,31}$'", name="codes"),
    Index(None, "trade_id", "id"),
    # Not unique: our key decides which tender a message means, and a gateway that repeats a number must be heard.
    Index("ix_tender_gateway_no", "gateway", "gateway_no", postgresql_where=text("gateway_no IS NOT NULL")),
    # What waits for its end is looked for by those who watch; of a million, a handful.
    Index("ix_tender_unknown", "id", postgresql_where=text("status = 'unknown'")),
    Index("ix_tender_method_money", "method", "currency", postgresql_where=text("captured > 0")),
    schema=SCHEMA,
)

refund = Table(
    "refund",
    metadata,
    id_column(),
    _trade(),
    Column("tender_id", UUID(as_uuid=True), ForeignKey(f"{SCHEMA}.tender.id"), nullable=False),
    Column("ref", Text, nullable=False),
    Column("reason", Text, nullable=False),
    amount("amount"),
    currency_column(),
    Column("status", Text, nullable=False, server_default="requested"),
    Column("gateway_refund_no", Text),
    Column("code", Text, nullable=False, server_default=""),
    at("requested_at"),
    at("finished_at", nullable=True),
    CheckConstraint("status IN ('requested', 'unknown', 'processing', 'done', 'failed')", name="status"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("ref <> ''", name="ref"),
    CheckConstraint("(status IN ('done', 'failed')) = (finished_at IS NOT NULL)", name="finished"),
    UniqueConstraint("trade_id", "ref", "tender_id"),
    Index("ix_refund_failed", "id", postgresql_where=text("status = 'failed'")),
    Index("ix_refund_finished", "finished_at", postgresql_where=text("status = 'done'")),
    Index(None, "tender_id"),
    schema=SCHEMA,
)

notice = Table(
    "notice",
    metadata,
    id_column(),
    Column("gateway", Text, nullable=False),
    Column("notice_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    amount("amount"),
    Column("currency", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    ref("trade_id", nullable=True),
    ref("tender_id", nullable=True),
    ref("refund_id", nullable=True),
    at("occurred_at"),
    at("received_at"),
    UniqueConstraint("gateway", "notice_id"),
    Index(None, "trade_id", "id"),
    Index(None, "outcome", "id"),
    schema=SCHEMA,
)

entry = Table(
    "entry",
    metadata,
    id_column(),
    Column("seq", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("posting_id", UUID(as_uuid=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("account", Text, nullable=False),
    amount("amount"),
    currency_column(),
    ref("trade_id"),
    ref("tender_id"),
    ref("refund_id", nullable=True),
    at("posted_at"),
    CheckConstraint("amount <> 0", name="amount"),
    CheckConstraint("kind IN ('capture', 'refund_planned', 'refund_done', 'refund_failed')", name="kind"),
    # An account holds one currency only, so that its balance means something.
    CheckConstraint("right(account, 4) = ':' || currency", name="account_currency"),
    CheckConstraint("(kind = 'capture') = (refund_id IS NULL)", name="refund"),
    Index(None, "posting_id"),
    Index(None, "trade_id", "seq"),
    Index("ix_entry_account", "account", postgresql_include=["amount"]),
    # A refund is planned once and ends once, whatever the code above believes.
    Index(
        "uq_entry_refund_kind",
        "refund_id",
        "kind",
        "account",
        unique=True,
        postgresql_where=text("refund_id IS NOT NULL"),
    ),
    schema=SCHEMA,
)

TRIGGERS = (
    """
CREATE OR REPLACE FUNCTION payments.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'payments.entry is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$body$
""",
    """
CREATE OR REPLACE FUNCTION payments.check_postings() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (SELECT FROM added GROUP BY posting_id, currency HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'a posting does not sum to zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$body$
""",
    """
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.entry
FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_change()
""",
    """
CREATE TRIGGER entry_balanced AFTER INSERT ON payments.entry REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION payments.check_postings()
""",
)
"""Guards of the ledger; the migration executes the same statements. A posting is written by one statement."""

for _statement in TRIGGERS:
    event.listen(entry, "after_create", DDL(_statement.replace("%", "%%")))  # type: ignore[no-untyped-call]
