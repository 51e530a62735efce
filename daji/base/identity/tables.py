"""Schema of the room."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from daji.base.identity.permissions import Role
from daji.kit.db.schema import at, id_column, metadata, ref

_ROLES = ", ".join(f"'{role}'" for role in Role)

account = Table(
    "account",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("phone", Text),
    Column("email", Text),
    Column("name", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    at("created_at"),
    at("updated_at"),
    at("password_changed_at"),
    CheckConstraint("kind IN ('shopper', 'staff')", name="kind"),
    CheckConstraint("phone ~ '^[+][1-9][0-9]{4,14}$'", name="phone"),
    CheckConstraint("email = lower(email) AND email LIKE '_%@_%'", name="email"),
    CheckConstraint("email IS NOT NULL OR (phone IS NOT NULL AND kind = 'shopper')", name="contact"),
    CheckConstraint("lang ~ '^[a-z]{2}$'", name="lang"),
    CheckConstraint("password_hash LIKE '$argon2id$%'", name="password_hash"),
    Index(None, "kind", "phone", unique=True),
    Index(None, "kind", "email", unique=True),
    Index("ix_account_kind_created", "kind", "created_at", "id"),
    schema="identity",
)

staff_role = Table(
    "staff_role",
    metadata,
    Column("account_id", UUID(as_uuid=True), ForeignKey("identity.account.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    ref("granted_by", nullable=True),
    at("granted_at"),
    CheckConstraint(f"role IN ({_ROLES})", name="role"),
    Index(None, "role"),
    schema="identity",
)

role_setting = Table(
    "role_setting",
    metadata,
    Column("role", Text, primary_key=True),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False),
    ref("changed_by", nullable=True),
    at("changed_at"),
    # An administrator holds everything, or nobody could give it back.
    CheckConstraint(f"role IN ({_ROLES}) AND role <> 'admin'", name="role"),
    CheckConstraint("version > 0", name="version"),
    schema="identity",
)
"""What a role holds where it is not what `permissions.ROLE_PERMISSIONS` says."""

session = Table(
    "session",
    metadata,
    id_column(),
    Column("account_id", UUID(as_uuid=True), ForeignKey("identity.account.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    Column("permissions", ARRAY(Text)),
    at("created_at"),
    at("seen_at"),
    at("expires_at"),
    at("ends_at"),
    at("revoked_at", nullable=True),
    CheckConstraint("kind IN ('web', 'bearer', 'api')", name="kind"),
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
    CheckConstraint("(kind = 'api') = (permissions IS NOT NULL)", name="scope"),
    CheckConstraint("created_at <= seen_at AND expires_at <= ends_at", name="times"),
    Index(None, "token_hash", unique=True),
    Index(None, "account_id", "created_at"),
    Index(None, "expires_at"),
    schema="identity",
)

throttle = Table(
    "throttle",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", LargeBinary, primary_key=True),
    at("tat"),
    CheckConstraint("octet_length(key) = 32", name="key"),
    Index(None, "tat"),
    schema="identity",
)
