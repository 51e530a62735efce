"""Tables of shop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA catalog")
    op.execute("CREATE SCHEMA pricing")
    op.execute("CREATE SCHEMA reviews")
    op.create_table(
        "brand",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(names) = 'object'", name=op.f("ck_brand_names")),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) <= 120", name=op.f("ck_brand_slug")
        ),
        sa.CheckConstraint("char_length(code) BETWEEN 1 AND 120", name=op.f("ck_brand_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand")),
        sa.UniqueConstraint("code", name=op.f("uq_brand_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_brand_slug")),
        schema="catalog",
    )
    op.create_table(
        "category",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("parent_id", sa.UUID(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("path", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "attribute_schema",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "jsonb_typeof(attribute_schema) = 'object'", name=op.f("ck_category_attribute_schema")
        ),
        sa.CheckConstraint("jsonb_typeof(names) = 'object'", name=op.f("ck_category_names")),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) <= 120", name=op.f("ck_category_slug")
        ),
        sa.CheckConstraint("cardinality(path) <= 10", name=op.f("ck_category_depth")),
        sa.CheckConstraint("char_length(code) BETWEEN 1 AND 120", name=op.f("ck_category_code")),
        sa.CheckConstraint(
            "parent_id IS NOT DISTINCT FROM path[cardinality(path) - 1]",
            name=op.f("ck_category_path_goes_through_parent"),
        ),
        sa.CheckConstraint("path[cardinality(path)] = id", name=op.f("ck_category_path_ends_in_self")),
        sa.ForeignKeyConstraint(["parent_id"], ["catalog.category.id"], name=op.f("fk_category_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("code", name=op.f("uq_category_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_category_slug")),
        schema="catalog",
    )
    op.create_index(op.f("ix_category_parent_id"), "category", ["parent_id"], unique=False, schema="catalog")
    op.create_index(
        "ix_category_path", "category", ["path"], unique=False, schema="catalog", postgresql_using="gin"
    )
    op.create_table(
        "job",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ok", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'running') = (finished_at IS NULL)", name=op.f("ck_job_finished")),
        sa.CheckConstraint("status IN ('running', 'done', 'abandoned')", name=op.f("ck_job_status")),
        sa.CheckConstraint("ok >= 0 AND failed >= 0 AND ok + failed = position", name=op.f("ck_job_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        schema="catalog",
    )
    op.create_index("ix_job_digest", "job", ["digest", "id"], unique=False, schema="catalog")
    op.create_index(
        "uq_job_running",
        "job",
        ["digest"],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "channel",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z0-9][a-z0-9_.-]{0,39}$'", name=op.f("ck_channel_code")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_channel_currency")),
        sa.CheckConstraint("lang ~ '^[a-z]{2}$'", name=op.f("ck_channel_lang")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_channel")),
        sa.UniqueConstraint("code", "currency", name="uq_channel_code_currency"),
        schema="pricing",
    )
    op.create_table(
        "review",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=True),
        sa.Column("product_id", sa.UUID(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=True),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("media_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("replied_by", sa.Text(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moderated_by", sa.Text(), nullable=True),
        sa.Column("moderation_note", sa.Text(), server_default="", nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'product') = (line_id IS NOT NULL) AND (kind = 'product') = (product_id IS NOT NULL)",
            name=op.f("ck_review_subject"),
        ),
        sa.CheckConstraint("kind IN ('product', 'service')", name=op.f("ck_review_kind")),
        sa.CheckConstraint("status IN ('shown', 'hidden')", name=op.f("ck_review_status")),
        sa.CheckConstraint(
            "(reply IS NULL) = (replied_by IS NULL) AND (reply IS NULL) = (replied_at IS NULL)",
            name=op.f("ck_review_reply"),
        ),
        sa.CheckConstraint("cardinality(media_ids) <= 20", name=op.f("ck_review_media")),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_review_score")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        schema="reviews",
    )
    op.create_index("ix_review_author", "review", ["author_id"], unique=False, schema="reviews")
    op.create_index("ix_review_order", "review", ["order_id"], unique=False, schema="reviews")
    op.create_index(
        "ix_review_product",
        "review",
        ["product_id", "posted_at", "id"],
        unique=False,
        schema="reviews",
        postgresql_where=sa.text("status = 'shown'"),
    )
    op.create_index("ix_review_status", "review", ["status", "id"], unique=False, schema="reviews")
    op.create_index("uq_review_line", "review", ["line_id"], unique=True, schema="reviews")
    op.create_index(
        "uq_review_service",
        "review",
        ["order_id", sa.literal_column("coalesce(source_ref, '')")],
        unique=True,
        schema="reviews",
        postgresql_where=sa.text("kind = 'service'"),
    )
    op.create_table(
        "summary",
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("sum", sa.BigInteger(), nullable=False),
        sa.Column("n1", sa.BigInteger(), nullable=False),
        sa.Column("n2", sa.BigInteger(), nullable=False),
        sa.Column("n3", sa.BigInteger(), nullable=False),
        sa.Column("n4", sa.BigInteger(), nullable=False),
        sa.Column("n5", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("count = n1 + n2 + n3 + n4 + n5", name=op.f("ck_summary_count")),
        sa.CheckConstraint(
            "n1 >= 0 AND n2 >= 0 AND n3 >= 0 AND n4 >= 0 AND n5 >= 0", name=op.f("ck_summary_not_negative")
        ),
        sa.CheckConstraint("sum = n1 + 2 * n2 + 3 * n3 + 4 * n4 + 5 * n5", name=op.f("ck_summary_sum")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_summary")),
        schema="reviews",
    )
    op.create_table(
        "job_error",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "params",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["job_id"], ["catalog.job.id"], name=op.f("fk_job_error_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_error")),
        schema="catalog",
    )
    op.create_index("ix_job_error_job", "job_error", ["job_id", "id"], unique=False, schema="catalog")
    op.create_table(
        "product",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("seller_id", sa.UUID(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("category_id", sa.UUID(), nullable=False),
        sa.Column("brand_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "attributes",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "options",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "media",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "image_names",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("sort_title", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("jsonb_typeof(attributes) = 'object'", name=op.f("ck_product_attributes")),
        sa.CheckConstraint("jsonb_typeof(media) = 'array'", name=op.f("ck_product_media")),
        sa.CheckConstraint("jsonb_typeof(options) = 'array'", name=op.f("ck_product_options")),
        sa.CheckConstraint(
            "jsonb_typeof(texts) = 'object' AND texts <> '{}'::jsonb", name=op.f("ck_product_texts")
        ),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) <= 120", name=op.f("ck_product_slug")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'in_review', 'listed', 'delisted', 'archived')",
            name=op.f("ck_product_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('listed', 'delisted') OR listed_at IS NOT NULL", name=op.f("ck_product_listed_at")
        ),
        sa.CheckConstraint("char_length(code) BETWEEN 1 AND 120", name=op.f("ck_product_code")),
        sa.CheckConstraint("version > 0", name=op.f("ck_product_version")),
        sa.ForeignKeyConstraint(["brand_id"], ["catalog.brand.id"], name=op.f("fk_product_brand_id")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["catalog.category.id"], name=op.f("fk_product_category_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("code", name=op.f("uq_product_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_product_slug")),
        schema="catalog",
    )
    op.create_index(
        "ix_product_brand", "product", ["brand_id", "created_at", "id"], unique=False, schema="catalog"
    )
    op.create_index(
        "ix_product_category", "product", ["category_id", "created_at", "id"], unique=False, schema="catalog"
    )
    op.create_index("ix_product_newest", "product", ["created_at", "id"], unique=False, schema="catalog")
    op.create_index(
        "ix_product_seller", "product", ["seller_id", "created_at", "id"], unique=False, schema="catalog"
    )
    op.create_index(
        "ix_product_status_newest", "product", ["status", "created_at", "id"], unique=False, schema="catalog"
    )
    op.create_index("ix_product_title", "product", ["sort_title", "id"], unique=False, schema="catalog")
    op.create_table(
        "price_list",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z0-9][a-z0-9_.-]{0,39}$'", name=op.f("ck_price_list_code")),
        sa.ForeignKeyConstraint(
            ["channel", "currency"],
            ["pricing.channel.code", "pricing.channel.currency"],
            name="fk_price_list_channel",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list")),
        sa.UniqueConstraint("code", name=op.f("uq_price_list_code")),
        schema="pricing",
    )
    op.create_index(
        "ix_price_list_channel", "price_list", ["channel", "priority"], unique=False, schema="pricing"
    )
    op.create_table(
        "history",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("diff", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["catalog.product.id"], name=op.f("fk_history_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        schema="catalog",
    )
    op.create_index("ix_history_product", "history", ["product_id", "id"], unique=False, schema="catalog")
    op.create_table(
        "sku",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=True),
        sa.Column(
            "option_values",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("size_mm", postgresql.ARRAY(sa.Integer()), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("media_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(option_values) = 'object'", name=op.f("ck_sku_option_values")),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_sku_status")),
        sa.CheckConstraint("cardinality(size_mm) = 3 AND 0 < ALL (size_mm)", name=op.f("ck_sku_size")),
        sa.CheckConstraint("char_length(code) BETWEEN 1 AND 120", name=op.f("ck_sku_code")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_sku_weight")),
        sa.ForeignKeyConstraint(["product_id"], ["catalog.product.id"], name=op.f("fk_sku_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sku")),
        sa.UniqueConstraint("code", name=op.f("uq_sku_code")),
        schema="catalog",
    )
    op.create_index("ix_sku_barcode", "sku", ["barcode"], unique=False, schema="catalog")
    op.create_index("ix_sku_product", "sku", ["product_id", "id"], unique=False, schema="catalog")
    op.create_index(
        "uq_sku_options",
        "sku",
        ["product_id", sa.literal_column("md5(option_values::text)")],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "price",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("list_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("compare_at", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_price_amount")),
        sa.CheckConstraint("compare_at > amount", name=op.f("ck_price_compare_at")),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_price_period")),
        sa.ForeignKeyConstraint(["list_id"], ["pricing.price_list.id"], name="fk_price_list_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
        schema="pricing",
    )
    op.create_index("ix_price_sku_history", "price", ["sku_id", "id"], unique=False, schema="pricing")
    op.create_index(
        "ix_price_sku_live",
        "price",
        ["sku_id", "list_id", "valid_from"],
        unique=False,
        schema="pricing",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(
        "uq_price_open_period",
        "price",
        ["list_id", "sku_id"],
        unique=True,
        schema="pricing",
        postgresql_where=sa.text("valid_to IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_index(
        "uq_price_start",
        "price",
        ["list_id", "sku_id", "valid_from"],
        unique=True,
        schema="pricing",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("DROP SCHEMA reviews CASCADE")
    op.execute("DROP SCHEMA pricing CASCADE")
    op.execute("DROP SCHEMA catalog CASCADE")
