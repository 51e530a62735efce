"""Refusals of the catalogue."""

from __future__ import annotations

from daji.kit.problems import Problem


class CodeTaken(Problem):
    """Somebody else bears this code; parameters `kind`, `value`."""

    code = "catalog.code_taken"
    status = 409


class SlugTaken(Problem):
    code = "catalog.slug_taken"
    status = 409


class BadCategory(Problem):
    """A category's names, schema or place in the tree is impossible; `fields` say why."""

    code = "catalog.bad_category"
    status = 422


class BadBrand(Problem):
    code = "catalog.bad_brand"
    status = 422


class BadProduct(Problem):
    """A product, its attributes or SKUs are impossible; `fields` say where (JSON pointers) and why."""

    code = "catalog.bad_product"
    status = 422


class OptionsTaken(Problem):
    """Another active SKU of the product has the same choice of options."""

    code = "catalog.options_taken"
    status = 409


class NotSellableYet(Problem):
    """A product without an active SKU cannot be submitted, approved or listed."""

    code = "catalog.not_sellable_yet"
    status = 409


class ProductArchived(Problem):
    """An archived product is history and changes no more."""

    code = "catalog.product_archived"
    status = 409


class JobMoved(Problem):
    """Another process advanced the import job, or it has ended; this one's batch is void."""

    code = "catalog.job_moved"
    status = 409


class JobRunning(Problem):
    """The same source is being imported right now."""

    code = "catalog.job_running"
    status = 409


class BatchTooLarge(Problem):
    """More rows than one batch may have; parameter `maximum`."""

    code = "catalog.batch_too_large"
    status = 422


class BadUpload(Problem):
    """A file of goods, or what its columns are said to be, is impossible; `fields` say why."""

    code = "catalog.bad_upload"
    status = 422
