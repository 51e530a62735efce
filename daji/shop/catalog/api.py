"""The door of the catalogue."""

from __future__ import annotations

from daji.shop.catalog.attributes import written as written_attribute
from daji.shop.catalog.batch_rules import MAX_BATCH
from daji.shop.catalog.commands.add_sku import add_sku
from daji.shop.catalog.commands.advance_job import MAX_STORED_ERRORS, advance_job
from daji.shop.catalog.commands.change_status import change_status
from daji.shop.catalog.commands.create_brand import create_brand
from daji.shop.catalog.commands.create_category import create_category
from daji.shop.catalog.commands.create_product import create_product
from daji.shop.catalog.commands.finish_job import finish_job
from daji.shop.catalog.commands.put_batch import BatchResult, put_batch
from daji.shop.catalog.commands.retire_sku import retire_sku
from daji.shop.catalog.commands.save_product import save_product
from daji.shop.catalog.commands.start_job import start_job
from daji.shop.catalog.commands.update_brand import update_brand
from daji.shop.catalog.commands.update_category import update_category
from daji.shop.catalog.commands.update_product import update_product
from daji.shop.catalog.commands.uploads import (
    MAX_BYTES as MAX_UPLOAD_BYTES,
)
from daji.shop.catalog.commands.uploads import (
    claim_upload,
    finish_upload,
    keep_upload,
    note_upload,
    plan_upload,
    release_upload,
    send_upload,
)
from daji.shop.catalog.facts import (
    Brand,
    Category,
    CategoryChanges,
    HistoryEntry,
    ImportJob,
    MediaRef,
    NewProduct,
    NewSku,
    Option,
    OptionValue,
    Product,
    ProductCard,
    ProductChanges,
    ProductContent,
    Sku,
    SkuContent,
    SkuForSale,
    Text,
    Upload,
    UploadColumn,
)
from daji.shop.catalog.job_queries import (
    find_job,
    get_job,
    get_upload,
    get_upload_content,
    list_job_errors,
    list_jobs,
    list_upload_errors,
    list_uploads,
)
from daji.shop.catalog.naming import grams, pattern
from daji.shop.catalog.naming import normalise as folded
from daji.shop.catalog.ports import (
    BrandRef,
    CatalogueRow,
    CatalogueSource,
    RowError,
    TableFiles,
    UnreadableFile,
)
from daji.shop.catalog.problems import (
    BadBrand,
    BadCategory,
    BadProduct,
    BadUpload,
    BatchTooLarge,
    CodeTaken,
    JobMoved,
    JobRunning,
    NotSellableYet,
    OptionsTaken,
    ProductArchived,
    SlugTaken,
)
from daji.shop.catalog.queries import (
    SORTS,
    find_product_by_slug,
    get_category,
    get_product,
    list_brands,
    list_categories,
    list_history,
    list_meant,
    list_products,
    list_sku_ids,
    sku_ids_by_code,
    skus_for_sale,
)
from daji.shop.catalog.rules import in_language, option_texts
from daji.shop.catalog.upload_rules import column_of
from daji.shop.catalog.wording import in_words

__all__ = [
    "MAX_BATCH",
    "MAX_STORED_ERRORS",
    "MAX_UPLOAD_BYTES",
    "SORTS",
    "BadBrand",
    "BadCategory",
    "BadProduct",
    "BadUpload",
    "BatchResult",
    "BatchTooLarge",
    "Brand",
    "BrandRef",
    "CatalogueRow",
    "CatalogueSource",
    "Category",
    "CategoryChanges",
    "CodeTaken",
    "HistoryEntry",
    "ImportJob",
    "JobMoved",
    "JobRunning",
    "MediaRef",
    "NewProduct",
    "NewSku",
    "NotSellableYet",
    "Option",
    "OptionValue",
    "OptionsTaken",
    "Product",
    "ProductArchived",
    "ProductCard",
    "ProductChanges",
    "ProductContent",
    "RowError",
    "Sku",
    "SkuContent",
    "SkuForSale",
    "SlugTaken",
    "TableFiles",
    "Text",
    "UnreadableFile",
    "Upload",
    "UploadColumn",
    "add_sku",
    "advance_job",
    "change_status",
    "claim_upload",
    "column_of",
    "create_brand",
    "create_category",
    "create_product",
    "find_job",
    "find_product_by_slug",
    "finish_job",
    "finish_upload",
    "folded",
    "get_category",
    "get_job",
    "get_product",
    "get_upload",
    "get_upload_content",
    "grams",
    "in_language",
    "in_words",
    "keep_upload",
    "list_brands",
    "list_categories",
    "list_history",
    "list_job_errors",
    "list_jobs",
    "list_meant",
    "list_products",
    "list_sku_ids",
    "list_upload_errors",
    "list_uploads",
    "note_upload",
    "option_texts",
    "pattern",
    "plan_upload",
    "put_batch",
    "release_upload",
    "retire_sku",
    "save_product",
    "send_upload",
    "sku_ids_by_code",
    "skus_for_sale",
    "start_job",
    "update_brand",
    "update_category",
    "update_product",
    "written_attribute",
]
