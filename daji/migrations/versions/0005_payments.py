"""Tables of payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

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


def upgrade() -> None:
    op.execute("CREATE SCHEMA payments")
    op.create_table(
        "entry",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("posting_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("trade_id", sa.UUID(), nullable=False),
        sa.Column("tender_id", sa.UUID(), nullable=False),
        sa.Column("refund_id", sa.UUID(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'capture') = (refund_id IS NULL)", name=op.f("ck_entry_refund")),
        sa.CheckConstraint(
            "kind IN ('capture', 'refund_planned', 'refund_done', 'refund_failed')",
            name=op.f("ck_entry_kind"),
        ),
        sa.CheckConstraint("right(account, 4) = ':' || currency", name=op.f("ck_entry_account_currency")),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_entry_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("seq", name=op.f("uq_entry_seq")),
        schema="payments",
    )
    op.create_index(
        "ix_entry_account",
        "entry",
        ["account"],
        unique=False,
        schema="payments",
        postgresql_include=["amount"],
    )
    op.create_index(op.f("ix_entry_posting_id"), "entry", ["posting_id"], unique=False, schema="payments")
    op.create_index(
        op.f("ix_entry_trade_id_seq"), "entry", ["trade_id", "seq"], unique=False, schema="payments"
    )
    op.create_index(
        "uq_entry_refund_kind",
        "entry",
        ["refund_id", "kind", "account"],
        unique=True,
        schema="payments",
        postgresql_where=sa.text("refund_id IS NOT NULL"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("trade_id", sa.UUID(), nullable=True),
        sa.Column("tender_id", sa.UUID(), nullable=True),
        sa.Column("refund_id", sa.UUID(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("gateway", "notice_id", name=op.f("uq_notice_gateway_notice_id")),
        schema="payments",
    )
    op.create_index(
        op.f("ix_notice_outcome_id"), "notice", ["outcome", "id"], unique=False, schema="payments"
    )
    op.create_index(
        op.f("ix_notice_trade_id_id"), "notice", ["trade_id", "id"], unique=False, schema="payments"
    )
    op.create_table(
        "payable",
        sa.Column("trade_id", sa.UUID(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("captured", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunding", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_payable_currency")),
        sa.CheckConstraint(
            "due >= 0 AND captured >= 0 AND refunding >= 0 AND refunded >= 0",
            name=op.f("ck_payable_not_negative"),
        ),
        sa.CheckConstraint(
            "refunding + refunded <= captured", name=op.f("ck_payable_refunds_within_captured")
        ),
        sa.PrimaryKeyConstraint("trade_id", name=op.f("pk_payable")),
        schema="payments",
    )
    op.create_index(
        op.f("ix_payable_channel_currency"),
        "payable",
        ["channel", "currency"],
        unique=False,
        schema="payments",
    )
    op.create_table(
        "tender",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("trade_id", sa.UUID(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("instalments", sa.Integer(), server_default="1", nullable=False),
        sa.Column("status", sa.Text(), server_default="created", nullable=False),
        sa.Column("gateway_no", sa.Text(), nullable=True),
        sa.Column("pay_url", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("authorised", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("captured", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunding", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'captured') = (captured > 0)", name=op.f("ck_tender_captured_has_money")
        ),
        sa.CheckConstraint(
            "gateway ~ '^[a-z][a-z0-9_]{0,31}$' AND method ~ '^[a-z][a-z0-9_]{0,31}$'",
            name=op.f("ck_tender_codes"),
        ),
        sa.CheckConstraint(
            "status IN ('created', 'unknown', 'pending', 'authorised', 'captured', 'declined', 'voided', 'expired')",
            name=op.f("ck_tender_status"),
        ),
        sa.CheckConstraint(
            "(captured > 0) = (captured_at IS NOT NULL)", name=op.f("ck_tender_captured_when")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_tender_amount")),
        sa.CheckConstraint(
            "authorised >= 0 AND captured >= 0 AND refunding >= 0 AND refunded >= 0",
            name=op.f("ck_tender_not_negative"),
        ),
        sa.CheckConstraint("captured = 0 OR gateway_no IS NOT NULL", name=op.f("ck_tender_captured_where")),
        sa.CheckConstraint("instalments BETWEEN 1 AND 48", name=op.f("ck_tender_instalments")),
        sa.CheckConstraint(
            "refunding + refunded <= captured", name=op.f("ck_tender_refunds_within_captured")
        ),
        sa.ForeignKeyConstraint(["trade_id"], ["payments.payable.trade_id"], name=op.f("fk_tender_trade_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender")),
        schema="payments",
    )
    op.create_index(
        "ix_tender_gateway_no",
        "tender",
        ["gateway", "gateway_no"],
        unique=False,
        schema="payments",
        postgresql_where=sa.text("gateway_no IS NOT NULL"),
    )
    op.create_index(
        "ix_tender_method_money",
        "tender",
        ["method", "currency"],
        unique=False,
        schema="payments",
        postgresql_where=sa.text("captured > 0"),
    )
    op.create_index(
        op.f("ix_tender_trade_id_id"), "tender", ["trade_id", "id"], unique=False, schema="payments"
    )
    op.create_table(
        "refund",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("trade_id", sa.UUID(), nullable=False),
        sa.Column("tender_id", sa.UUID(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="requested", nullable=False),
        sa.Column("gateway_refund_no", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status IN ('done', 'failed')) = (finished_at IS NOT NULL)", name=op.f("ck_refund_finished")
        ),
        sa.CheckConstraint("ref <> ''", name=op.f("ck_refund_ref")),
        sa.CheckConstraint(
            "status IN ('requested', 'unknown', 'processing', 'done', 'failed')",
            name=op.f("ck_refund_status"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_amount")),
        sa.ForeignKeyConstraint(["tender_id"], ["payments.tender.id"], name=op.f("fk_refund_tender_id")),
        sa.ForeignKeyConstraint(["trade_id"], ["payments.payable.trade_id"], name=op.f("fk_refund_trade_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("trade_id", "ref", "tender_id", name=op.f("uq_refund_trade_id_ref_tender_id")),
        schema="payments",
    )
    op.create_index(op.f("ix_refund_tender_id"), "refund", ["tender_id"], unique=False, schema="payments")
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA payments CASCADE")
