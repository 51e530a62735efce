"""Schema of reviews and of the tally kept of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from daji.kit.db.schema import at, id_column, metadata, ref

review = Table(
    "review",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    ref("order_id"),
    ref("line_id", nullable=True),
    ref("product_id", nullable=True),
    Column("author", Text, nullable=False),
    ref("author_id", nullable=True),
    Column("score", SmallInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("media_ids", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("status", Text, nullable=False),
    Column("source_ref", Text),
    Column("reply", Text),
    Column("replied_by", Text),
    at("replied_at", nullable=True),
    Column("moderated_by", Text),
    Column("moderation_note", Text, nullable=False, server_default=""),
    at("posted_at"),
    at("recorded_at"),
    CheckConstraint("kind IN ('product', 'service')", name="kind"),
    CheckConstraint(
        "(kind = 'product') = (line_id IS NOT NULL) AND (kind = 'product') = (product_id IS NOT NULL)",
        name="subject",
    ),
    CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    CheckConstraint("status IN ('shown', 'hidden')", name="status"),
    CheckConstraint(
        "(reply IS NULL) = (replied_by IS NULL) AND (reply IS NULL) = (replied_at IS NULL)", name="reply"
    ),
    CheckConstraint("cardinality(media_ids) <= 20", name="media"),
    Index("uq_review_line", "line_id", unique=True),
    Index(
        "uq_review_service",
        "order_id",
        text("coalesce(source_ref, '')"),
        unique=True,
        postgresql_where=text("kind = 'service'"),
    ),
    Index("ix_review_product", "product_id", "posted_at", "id", postgresql_where=text("status = 'shown'")),
    Index("ix_review_order", "order_id"),
    Index("ix_review_author", "author_id"),
    Index("ix_review_status", "status", "id"),
    schema="reviews",
)

summary = Table(
    "summary",
    metadata,
    Column("product_id", UUID(as_uuid=True), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("sum", BigInteger, nullable=False),
    Column("n1", BigInteger, nullable=False),
    Column("n2", BigInteger, nullable=False),
    Column("n3", BigInteger, nullable=False),
    Column("n4", BigInteger, nullable=False),
    Column("n5", BigInteger, nullable=False),
    CheckConstraint("n1 >= 0 AND n2 >= 0 AND n3 >= 0 AND n4 >= 0 AND n5 >= 0", name="not_negative"),
    CheckConstraint("count = n1 + n2 + n3 + n4 + n5", name="count"),
    CheckConstraint("sum = n1 + 2 * n2 + 3 * n3 + 4 * n4 + 5 * n5", name="sum"),
    # The best liked first, as the front page reckons it.
    Index("ix_summary_liked", text("((sum + 20.0) / (count + 5))"), "count", "product_id"),
    schema="reviews",
)
