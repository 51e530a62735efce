"""Schema of the catalogue: categories, brands, products, SKUs, their history, and import jobs."""

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
    LargeBinary,
    Table,
    Text,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from daji.kit.db.schema import at, id_column, metadata, ref

_CODE = "char_length(code) BETWEEN 1 AND 120"
_SLUG = "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) <= 120"
_EMPTY_OBJECT = text("'{}'::jsonb")
_EMPTY_LIST = text("'[]'::jsonb")

category = Table(
    "category",
    metadata,
    id_column(),
    Column("parent_id", UUID(as_uuid=True), ForeignKey("catalog.category.id"), index=True),
    Column("code", Text, nullable=False, unique=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("path", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("names", JSONB, nullable=False),
    Column("attribute_schema", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("changed_by", Text, nullable=False),
    at("created_at"),
    at("updated_at"),
    CheckConstraint(_CODE, name="code"),
    CheckConstraint(_SLUG, name="slug"),
    CheckConstraint("path[cardinality(path)] = id", name="path_ends_in_self"),
    CheckConstraint(
        "parent_id IS NOT DISTINCT FROM path[cardinality(path) - 1]", name="path_goes_through_parent"
    ),
    CheckConstraint("cardinality(path) <= 10", name="depth"),
    CheckConstraint("jsonb_typeof(names) = 'object'", name="names"),
    CheckConstraint("jsonb_typeof(attribute_schema) = 'object'", name="attribute_schema"),
    Index("ix_category_path", "path", postgresql_using="gin"),
    schema="catalog",
)

brand = Table(
    "brand",
    metadata,
    id_column(),
    Column("code", Text, nullable=False, unique=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("names", JSONB, nullable=False),
    Column("made_by", Text, nullable=False),
    at("created_at"),
    CheckConstraint(_CODE, name="code"),
    CheckConstraint(_SLUG, name="slug"),
    CheckConstraint("jsonb_typeof(names) = 'object'", name="names"),
    schema="catalog",
)

product = Table(
    "product",
    metadata,
    id_column(),
    ref("seller_id", nullable=True),
    Column("code", Text, nullable=False, unique=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("category_id", UUID(as_uuid=True), ForeignKey("catalog.category.id"), nullable=False),
    Column("brand_id", UUID(as_uuid=True), ForeignKey("catalog.brand.id")),
    Column("status", Text, nullable=False),
    Column("texts", JSONB, nullable=False),
    Column("attributes", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    Column("options", JSONB, nullable=False, server_default=_EMPTY_LIST),
    Column("media", JSONB, nullable=False, server_default=_EMPTY_LIST),
    Column("image_names", JSONB, nullable=False, server_default=_EMPTY_LIST),
    # Both are derived from the texts by rules.py: what the text filter looks in, and what titles sort by.
    Column("search_text", Text, nullable=False),
    Column("sort_title", Text(collation="C"), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    at("created_at"),
    at("updated_at"),
    at("listed_at", nullable=True),
    CheckConstraint(_CODE, name="code"),
    CheckConstraint(_SLUG, name="slug"),
    CheckConstraint("status IN ('draft', 'in_review', 'listed', 'delisted', 'archived')", name="status"),
    CheckConstraint("status NOT IN ('listed', 'delisted') OR listed_at IS NOT NULL", name="listed_at"),
    CheckConstraint("jsonb_typeof(texts) = 'object' AND texts <> '{}'::jsonb", name="texts"),
    CheckConstraint("jsonb_typeof(attributes) = 'object'", name="attributes"),
    CheckConstraint("jsonb_typeof(options) = 'array'", name="options"),
    CheckConstraint("jsonb_typeof(media) = 'array'", name="media"),
    CheckConstraint("version > 0", name="version"),
    Index("ix_product_newest", "created_at", "id"),
    Index("ix_product_status_newest", "status", "created_at", "id"),
    Index("ix_product_category", "category_id", "created_at", "id"),
    Index("ix_product_brand", "brand_id", "created_at", "id"),
    Index("ix_product_seller", "seller_id", "created_at", "id"),
    Index("ix_product_title", "sort_title", "id"),
    Index("ix_product_listed", "listed_at", "id", postgresql_where=text("status = 'listed'")),
    Index("ix_product_code_begins", "code", postgresql_ops={"code": "text_pattern_ops"}),
    # What was written last is looked through one by one: a short list keeps that short after an import.
    Index(
        "ix_product_grams",
        text("catalog.grams(search_text)"),
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    ),
    schema="catalog",
)

sku = Table(
    "sku",
    metadata,
    id_column(),
    Column("product_id", UUID(as_uuid=True), ForeignKey("catalog.product.id"), nullable=False),
    Column("code", Text, nullable=False, unique=True),
    Column("barcode", Text),
    Column("option_values", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    Column("weight_g", Integer, nullable=False),
    Column("size_mm", ARRAY(Integer)),
    Column("status", Text, nullable=False),
    ref("media_id", nullable=True),
    at("created_at"),
    CheckConstraint(_CODE, name="code"),
    CheckConstraint("weight_g >= 0", name="weight"),
    CheckConstraint("cardinality(size_mm) = 3 AND 0 < ALL (size_mm)", name="size"),
    CheckConstraint("status IN ('active', 'retired')", name="status"),
    CheckConstraint("jsonb_typeof(option_values) = 'object'", name="option_values"),
    Index("ix_sku_product", "product_id", "id"),
    Index("ix_sku_barcode", "barcode"),
    Index("ix_sku_code_begins", "code", postgresql_ops={"code": "text_pattern_ops"}),
    Index("ix_sku_retired", "product_id", postgresql_where=text("status <> 'active'")),
    # Two SKUs that a shopper could not tell apart would be two stocks of one thing.
    # The digest keeps long Chinese choices below the size limit of an index row.
    Index(
        "uq_sku_options",
        "product_id",
        text("md5(option_values::text)"),
        unique=True,
        postgresql_where=text("status = 'active'"),
    ),
    schema="catalog",
)

history = Table(
    "history",
    metadata,
    id_column(),
    Column("product_id", UUID(as_uuid=True), ForeignKey("catalog.product.id"), nullable=False),
    Column("verb", Text, nullable=False),
    Column("by", Text, nullable=False),
    at("at"),
    Column("note", Text, nullable=False, server_default=""),
    Column("diff", JSONB, nullable=False),
    Index("ix_history_product", "product_id", "id"),
    schema="catalog",
)

job = Table(
    "job",
    metadata,
    id_column(),
    Column("source", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("position", BigInteger, nullable=False, server_default="0"),
    Column("ok", BigInteger, nullable=False, server_default="0"),
    Column("failed", BigInteger, nullable=False, server_default="0"),
    Column("by", Text, nullable=False),
    at("started_at"),
    at("updated_at"),
    at("finished_at", nullable=True),
    CheckConstraint("status IN ('running', 'done', 'abandoned')", name="status"),
    CheckConstraint("ok >= 0 AND failed >= 0 AND ok + failed = position", name="counts"),
    CheckConstraint("(status = 'running') = (finished_at IS NULL)", name="finished"),
    Index("ix_job_digest", "digest", "id"),
    # One run of a source at a time.
    Index("uq_job_running", "digest", unique=True, postgresql_where=text("status = 'running'")),
    schema="catalog",
)

job_error = Table(
    "job_error",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("job_id", UUID(as_uuid=True), ForeignKey("catalog.job.id"), nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("field", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("params", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    Index("ix_job_error_job", "job_id", "id"),
    schema="catalog",
)

upload = Table(
    "upload",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    # Packed (zlib). In the database, because the worker that reads it may run on another machine than the face.
    Column("content", LargeBinary, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("columns", JSONB, nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("lang", Text, nullable=False),
    Column("currency", Text, nullable=False),
    ref("list_id", nullable=True),
    ref("site_id", nullable=True),
    Column("status", Text, nullable=False),
    # How far the rehearsal or the import is; `ok` and `failed` are what came of the last of the two.
    Column("done", Integer, nullable=False, server_default="0"),
    Column("ok", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("errors", JSONB, nullable=False, server_default=_EMPTY_LIST),
    Column("trouble", Text, nullable=False, server_default=""),
    ref("job_id", nullable=True),
    Column("by", Text, nullable=False),
    at("made_at"),
    at("updated_at"),
    at("leased_until", nullable=True),
    CheckConstraint(
        "status IN ('uploaded', 'checking', 'checked', 'importing', 'done', 'failed')", name="status"
    ),
    CheckConstraint("bytes > 0 AND rows >= 0", name="size"),
    CheckConstraint("done >= 0 AND ok >= 0 AND failed >= 0", name="counts"),
    CheckConstraint("jsonb_typeof(mapping) = 'object'", name="mapping"),
    Index("ix_upload_waiting", "id", postgresql_where=text("status IN ('checking', 'importing')")),
    schema="catalog",
)

GRAMS = """
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
"""Each three letters in a row, and each two of which one is not ASCII, for many Chinese words have no more.

An index of them finds a part of any text, as `pg_trgm` does, which not every server has.
"""

event.listen(product, "before_create", DDL(GRAMS))  # type: ignore[no-untyped-call]
