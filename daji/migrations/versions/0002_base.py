"""Tables of base."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TRIGGERS = (
    """
CREATE OR REPLACE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$
""",
    """
CREATE TRIGGER entry_is_kept BEFORE UPDATE OR DELETE ON audit.entry
FOR EACH ROW EXECUTE FUNCTION audit.refuse_change()
""",
    """
CREATE TRIGGER entry_is_not_emptied BEFORE TRUNCATE ON audit.entry
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()
""",
)


def upgrade() -> None:
    op.execute("CREATE SCHEMA identity")
    op.execute("CREATE SCHEMA audit")
    op.execute("CREATE SCHEMA media")
    op.create_table(
        "entry",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("action <> '' AND subject_kind <> ''", name=op.f("ck_entry_named")),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_entry_hash")),
        sa.CheckConstraint(
            "octet_length(previous) = CASE seq WHEN 1 THEN 0 ELSE 32 END", name=op.f("ck_entry_previous")
        ),
        sa.CheckConstraint("seq > 0", name=op.f("ck_entry_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_entry")),
        sa.UniqueConstraint("id", name=op.f("uq_entry_id")),
        schema="audit",
    )
    op.create_index(op.f("ix_entry_staff_id_seq"), "entry", ["staff_id", "seq"], unique=False, schema="audit")
    op.create_index(
        op.f("ix_entry_subject_kind_subject_id_seq"),
        "entry",
        ["subject_kind", "subject_id", "seq"],
        unique=False,
        schema="audit",
    )
    op.create_table(
        "account",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email) AND email LIKE '_%@_%'", name=op.f("ck_account_email")),
        sa.CheckConstraint(
            "email IS NOT NULL OR (phone IS NOT NULL AND kind = 'shopper')", name=op.f("ck_account_contact")
        ),
        sa.CheckConstraint("kind IN ('shopper', 'staff')", name=op.f("ck_account_kind")),
        sa.CheckConstraint("lang ~ '^[a-z]{2}$'", name=op.f("ck_account_lang")),
        sa.CheckConstraint("password_hash LIKE '$argon2id$%'", name=op.f("ck_account_password_hash")),
        sa.CheckConstraint("phone ~ '^[+][1-9][0-9]{4,14}$'", name=op.f("ck_account_phone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        schema="identity",
    )
    op.create_index(
        "ix_account_kind_created", "account", ["kind", "created_at", "id"], unique=False, schema="identity"
    )
    op.create_index(
        op.f("ix_account_kind_email"), "account", ["kind", "email"], unique=True, schema="identity"
    )
    op.create_index(
        op.f("ix_account_kind_phone"), "account", ["kind", "phone"], unique=True, schema="identity"
    )
    op.create_table(
        "throttle",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("tat", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(key) = 32", name=op.f("ck_throttle_key")),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_throttle")),
        schema="identity",
    )
    op.create_index(op.f("ix_throttle_tat"), "throttle", ["tat"], unique=False, schema="identity")
    op.create_table(
        "media",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("renditions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(renditions) = 'array'", name=op.f("ck_media_renditions")),
        sa.CheckConstraint("kind IN ('image')", name=op.f("ck_media_kind")),
        sa.CheckConstraint("owner ~ '^(shopper|staff|api|system)'", name=op.f("ck_media_owner")),
        sa.CheckConstraint("bytes > 0 AND width > 0 AND height > 0", name=op.f("ck_media_size")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_media_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        schema="media",
    )
    op.create_index("ix_media_owner", "media", ["owner", "created_at"], unique=False, schema="media")
    op.create_table(
        "session",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'api') = (permissions IS NOT NULL)", name=op.f("ck_session_scope")),
        sa.CheckConstraint("kind IN ('web', 'bearer', 'api')", name=op.f("ck_session_kind")),
        sa.CheckConstraint("created_at <= seen_at AND expires_at <= ends_at", name=op.f("ck_session_times")),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_session_token_hash")),
        sa.ForeignKeyConstraint(["account_id"], ["identity.account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_session_account_id_created_at"),
        "session",
        ["account_id", "created_at"],
        unique=False,
        schema="identity",
    )
    op.create_index(op.f("ix_session_expires_at"), "session", ["expires_at"], unique=False, schema="identity")
    op.create_index(op.f("ix_session_token_hash"), "session", ["token_hash"], unique=True, schema="identity")
    op.create_table(
        "staff_role",
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.UUID(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'operator', 'warehouse', 'service', 'analyst')",
            name=op.f("ck_staff_role_role"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["identity.account.id"], name=op.f("fk_staff_role_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_staff_role")),
        schema="identity",
    )
    op.create_index(op.f("ix_staff_role_role"), "staff_role", ["role"], unique=False, schema="identity")
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA media CASCADE")
    op.execute("DROP SCHEMA audit CASCADE")
    op.execute("DROP SCHEMA identity CASCADE")
