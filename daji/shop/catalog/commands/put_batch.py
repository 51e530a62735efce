"""Write a batch of source rows: insert what is new, change what differs, leave the rest alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.shop.catalog import batch, batch_rules, record, rules
from daji.shop.catalog.facts import HistoryEntry, Product
from daji.shop.catalog.ports import CatalogueRow, RowError
from daji.shop.catalog.problems import BatchTooLarge
from daji.shop.catalog.store import products, tree, writes


class BatchResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch did. `sku_ids` has the SKU of every accepted row by code, `created_skus` those that are new.

    `errors` name rows by their index in the batch; a row may have several. `failed` counts rows.
    """

    sku_ids: dict[str, UUID]
    created_skus: frozenset[str]
    failed: int
    errors: tuple[RowError, ...]
    products_created: int
    products_changed: int


async def put_batch(
    tx: Tx,
    *,
    rows: Sequence[CatalogueRow],
    by: str,
    now: datetime,
    sellers: Mapping[str, UUID] | None = None,
    rehearse: bool = False,
) -> BatchResult:
    """Upsert categories, brands, products and SKUs by their codes in at most 15 statements.

    `sellers` gives the ids of seller codes. Categories and brands that exist are used as they are; a product's
    fields that the source is silent on stay; a status is set for new products only, so that a repeated import
    does not undo what staff decided. Rows that say nothing new change nothing: no version, history or event.

    `rehearse` is for a transaction that will be rolled back: the same answer, but nothing is locked, nothing that
    exists is changed, and no event is told, so that nobody has to wait for the rehearsal.

    Raises
    ------
    BatchTooLarge
    """
    if len(rows) > batch_rules.MAX_BATCH:
        raise BatchTooLarge(maximum=batch_rules.MAX_BATCH)
    sellers = sellers or {}
    good, errors = _sieve(rows, sellers)
    if not good:
        return _result(batch.Plan(errors=errors))
    known = await _load(tx, good, lock=not rehearse)
    planned = batch.plan(good, known, sellers=sellers, now=now)
    planned.errors += errors
    await _insert_above(tx, planned, by=by, now=now)
    # Changes before additions: a SKU that leaves a choice of options makes room for the one that takes it.
    if not rehearse:
        await _change(tx, planned, by=by, now=now)
    if planned.new_skus:
        await writes.insert_skus(tx, planned.new_skus, now)
    return _result(planned)


def _sieve(
    rows: Sequence[CatalogueRow], sellers: Mapping[str, UUID]
) -> tuple[list[batch.Indexed], list[RowError]]:
    good: list[batch.Indexed] = []
    errors: list[RowError] = []
    for index, row in enumerate(rows):
        problems = batch_rules.check_row(row)
        errors += [
            RowError(line=index, field=one.pointer.lstrip("/"), code=one.code, params=dict(one.params))
            for one in problems
        ]
        if row.seller_code is not None and row.seller_code not in sellers:
            errors.append(RowError(line=index, field="seller_code", code="catalog.unknown_seller"))
        elif not problems:
            good.append((index, row))
    return good, errors


async def _load(tx: Tx, rows: Sequence[batch.Indexed], *, lock: bool) -> batch.Known:
    codes = {row.product_code for _, row in rows}
    if lock:
        await tree.lock_names(tx)
        await products.lock_by_code(tx, codes)
    categories = await tree.categories_by_code(tx, {code for _, row in rows for code, _ in row.category_path})
    known = batch.Known(
        categories=categories,
        brands=await tree.brands_by_code(tx, {row.brand.code for _, row in rows if row.brand}),
        products=await products.by_code(tx, codes),
        sku_owners=await products.sku_owners(tx, {row.sku_code for _, row in rows}),
        schemas=await tree.schemas_of_many(tx, {one.id for one in categories.values()}),
        slugs=tree.Slugs(),
    )
    of_products, of_categories, of_brands = batch.candidate_slugs(rows, known)
    known.slugs = await tree.taken_slugs(tx, products=of_products, categories=of_categories, brands=of_brands)
    return known


async def _insert_above(tx: Tx, planned: batch.Plan, *, by: str, now: datetime) -> None:
    """Write what the new SKUs hang on."""
    if planned.categories:
        await tree.insert_categories(tx, planned.categories, by=by, now=now)
    if planned.brands:
        await tree.insert_brands(tx, planned.brands, by=by, now=now)
    if planned.created:
        await writes.insert_products(tx, planned.created)


async def _change(tx: Tx, planned: batch.Plan, *, by: str, now: datetime) -> None:
    """Write what differs, and leave history and events of all that is new or different."""
    changed = [after for _, after in planned.changed]
    if changed:
        await writes.update_products(tx, changed, now)
    if planned.changed_skus:
        await writes.update_skus(tx, planned.changed_skus)
    entries = [record.entry(product, verb="import", by=by, at=now, diff={}) for product in planned.created]
    entries += [_changed(before, after, by=by, now=now) for before, after in planned.changed]
    if entries:
        await writes.insert_history(tx, entries)
    for product in (*planned.created, *changed):
        record.tell(tx, product, now)


def _changed(before: Product, after: Product, *, by: str, now: datetime) -> HistoryEntry:
    return record.entry(after, verb="import", by=by, at=now, diff=rules.diff(before, after, record.TRACKED))


def _result(planned: batch.Plan) -> BatchResult:
    return BatchResult(
        sku_ids=planned.sku_ids,
        created_skus=frozenset(sku.code for sku in planned.new_skus),
        failed=len({error.line for error in planned.errors}),
        errors=tuple(sorted(planned.errors, key=lambda error: error.line)),
        products_created=len(planned.created),
        products_changed=len(planned.changed),
    )
