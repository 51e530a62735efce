"""Facts of the catalogue. Names and texts by language are `{"zh": …, "en": …}`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

Names = dict[str, str]
Size = tuple[int, int, int]
SkuStatus = Literal["active", "retired"]


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the tree; `path` runs from the root to the node itself.

    `attribute_schema` is the node's own JSON Schema (2020-12); products obey it merged with those above.
    """

    id: UUID
    parent_id: UUID | None
    code: str
    slug: str
    path: tuple[UUID, ...]
    names: Names
    attribute_schema: dict[str, Any]
    position: int


class CategoryChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of a category; a field left out stays."""

    parent_id: UUID | msgspec.UnsetType | None = msgspec.UNSET
    names: Names | msgspec.UnsetType = msgspec.UNSET
    attribute_schema: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    position: int | msgspec.UnsetType = msgspec.UNSET


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    code: str
    slug: str
    names: Names


class OptionValue(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    names: Names


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """An axis along which a product's SKUs differ, such as colour."""

    code: str
    names: Names
    values: tuple[OptionValue, ...]


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """What a product is called and said to be, in one language; plain text, no markup."""

    title: str
    subtitle: str = ""
    description: str = ""


class MediaRef(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a product, the first being the one that lists show, or its 3D model."""

    media_id: UUID
    alt: Names = {}
    kind: Literal["image", "model3d"] = "image"


class Sku(msgspec.Struct, frozen=True, kw_only=True):
    """What is stocked and sold: one choice of every option (option code → value code)."""

    id: UUID
    product_id: UUID
    code: str
    barcode: str | None
    option_values: dict[str, str]
    weight_g: int
    size_mm: Size | None
    status: SkuStatus
    media_id: UUID | None


class NewSku(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    option_values: dict[str, str] = {}
    barcode: str | None = None
    weight_g: int = 0
    size_mm: Size | None = None
    media_id: UUID | None = None


class SkuContent(NewSku, frozen=True, kw_only=True):
    """A SKU as an editor gives it; without `id` it is a new one."""

    id: UUID | None = None


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product with its SKUs, the retired ones last.

    `image_names` are pictures that an import named and nobody uploaded yet.
    """

    id: UUID
    seller_id: UUID | None
    code: str
    slug: str
    category_id: UUID
    brand_id: UUID | None
    status: str
    texts: dict[str, Text]
    attributes: dict[str, Any]
    options: tuple[Option, ...]
    media: tuple[MediaRef, ...]
    skus: tuple[Sku, ...]
    version: int
    created_at: datetime
    listed_at: datetime | None
    image_names: tuple[str, ...] = ()


class NewProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product to create, as a draft; the slug is made from the title when none is given."""

    code: str
    category_id: UUID
    texts: dict[str, Text]
    seller_id: UUID | None = None
    brand_id: UUID | None = None
    slug: str | None = None
    attributes: dict[str, Any] = {}
    options: tuple[Option, ...] = ()
    media: tuple[MediaRef, ...] = ()
    skus: tuple[NewSku, ...] = ()
    image_names: tuple[str, ...] = ()


class ProductContent(msgspec.Struct, frozen=True, kw_only=True):
    """A whole product as an editor shows it; `skus` are all that shall be active. No slug: as it is, or made."""

    code: str
    category_id: UUID
    texts: dict[str, Text]
    brand_id: UUID | None = None
    slug: str | None = None
    attributes: dict[str, Any] = {}
    options: tuple[Option, ...] = ()
    media: tuple[MediaRef, ...] = ()
    skus: tuple[SkuContent, ...] = ()


class ProductChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of a product; a field left out stays, a field given is replaced as a whole."""

    category_id: UUID | msgspec.UnsetType = msgspec.UNSET
    brand_id: UUID | msgspec.UnsetType | None = msgspec.UNSET
    slug: str | msgspec.UnsetType = msgspec.UNSET
    texts: dict[str, Text] | msgspec.UnsetType = msgspec.UNSET
    attributes: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    options: tuple[Option, ...] | msgspec.UnsetType = msgspec.UNSET
    media: tuple[MediaRef, ...] | msgspec.UnsetType = msgspec.UNSET


class SkuForSale(msgspec.Struct, frozen=True, kw_only=True):
    """What a cart or an order needs of a SKU; `sellable` when it is active and its product is listed.

    `option_texts` is the choice in words by language: "颜色：红 / 内存：3GB".
    """

    id: UUID
    code: str
    product_id: UUID
    slug: str
    seller_id: UUID | None
    titles: Names
    option_texts: Names
    weight_g: int
    category_id: UUID
    media_id: UUID | None
    sellable: bool


class ProductCard(msgspec.Struct, frozen=True, kw_only=True):
    """A product in a list; `sku_ids` are its active SKUs, to ask prices and stock for."""

    id: UUID
    code: str
    slug: str
    seller_id: UUID | None
    category_id: UUID
    brand_id: UUID | None
    status: str
    titles: Names
    subtitles: Names
    media_id: UUID | None
    sku_ids: tuple[UUID, ...]
    version: int
    created_at: datetime
    listed_at: datetime | None


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to a product, when; `diff` is field → [before, after]."""

    id: UUID
    product_id: UUID
    verb: str
    by: str
    at: datetime
    note: str
    diff: dict[str, Any]


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of a source. `position` rows are done for good; `ok` + `failed` = `position`."""

    id: UUID
    source: str
    digest: str
    status: Literal["running", "done", "abandoned"]
    position: int
    ok: int
    failed: int
    by: str
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class UploadColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of an uploaded file: its name, values from the first rows, and the field it seems to be ("": none)."""

    name: str
    samples: tuple[str, ...]
    target: str


UploadStatus = Literal["uploaded", "checking", "checked", "importing", "done", "failed"]


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file of goods that staff uploaded, and how far its import is.

    `mapping` says which field each column is. `done` of `rows` are read by the rehearsal or the import that goes on;
    `ok` and `failed` count what came of the last one. `trouble` is the code of what stopped it, "" when nothing did.
    """

    id: UUID
    name: str
    bytes: int
    rows: int
    columns: tuple[UploadColumn, ...]
    mapping: dict[str, str]
    lang: str
    currency: str
    list_id: UUID | None
    site_id: UUID | None
    status: UploadStatus
    done: int
    ok: int
    failed: int
    trouble: str
    job_id: UUID | None
    by: str
    made_at: datetime
    updated_at: datetime
