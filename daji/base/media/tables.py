"""Schema of media."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from daji.kit.db.schema import at, id_column, metadata

media = Table(
    "media",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("source_type", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("blur", Text, nullable=False, server_default=""),
    Column("renditions", JSONB, nullable=False),
    at("created_at"),
    CheckConstraint("kind IN ('image', 'model3d')", name="kind"),
    CheckConstraint("owner ~ '^(shopper|staff|api|system)'", name="owner"),
    CheckConstraint("bytes > 0", name="bytes"),
    CheckConstraint(
        "CASE kind WHEN 'image' THEN width > 0 AND height > 0 ELSE width = 0 AND height = 0 END", name="size"
    ),
    CheckConstraint(
        "blur = '' OR (kind = 'image' AND length(blur) <= 300 AND blur LIKE 'data:image/webp;base64,%')",
        name="blur",
    ),
    CheckConstraint("octet_length(digest) = 32", name="digest"),
    CheckConstraint("jsonb_typeof(renditions) = 'array'", name="renditions"),
    Index("ix_media_owner", "owner", "created_at"),
    schema="media",
)
