"""The door of the catalogue."""

from __future__ import annotations

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
from daji.shop.catalog.commands.start_job import start_job
from daji.shop.catalog.commands.update_category import update_category
from daji.shop.catalog.commands.update_product import update_product
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
    Sku,
    SkuForSale,
    Text,
)
from daji.shop.catalog.job_queries import find_job, get_job, list_job_errors, list_jobs
from daji.shop.catalog.ports import BrandRef, CatalogueRow, CatalogueSource, RowError
from daji.shop.catalog.problems import (
    BadBrand,
    BadCategory,
    BadProduct,
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
    list_products,
    sku_ids_by_code,
    skus_for_sale,
)
from daji.shop.catalog.rules import in_language

__all__ = [
    "MAX_BATCH",
    "MAX_STORED_ERRORS",
    "SORTS",
    "BadBrand",
    "BadCategory",
    "BadProduct",
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
    "RowError",
    "Sku",
    "SkuForSale",
    "SlugTaken",
    "Text",
    "add_sku",
    "advance_job",
    "change_status",
    "create_brand",
    "create_category",
    "create_product",
    "find_job",
    "find_product_by_slug",
    "finish_job",
    "get_category",
    "get_job",
    "get_product",
    "in_language",
    "list_brands",
    "list_categories",
    "list_history",
    "list_job_errors",
    "list_jobs",
    "list_products",
    "put_batch",
    "retire_sku",
    "sku_ids_by_code",
    "skus_for_sale",
    "start_job",
    "update_category",
    "update_product",
]
