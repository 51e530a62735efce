"""Change what a product is called, said to be, or filed under."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, NotFound, Stale
from daji.shop.catalog import attributes, record, rules
from daji.shop.catalog.commands.create_product import check_places
from daji.shop.catalog.facts import Product, ProductChanges
from daji.shop.catalog.problems import BadProduct, ProductArchived, SlugTaken
from daji.shop.catalog.store import products, tree, writes


async def update_product(
    tx: Tx, *, product_id: UUID, version: int, changes: ProductChanges, by: str, now: datetime
) -> Product:
    """Write the given fields if the product still is at `version`; nothing is written when nothing differs.

    Raises
    ------
    Stale
        Somebody changed the product since; parameters `expected`, `found`.
    BadProduct, SlugTaken, ProductArchived, NotFound
    """
    if not isinstance(changes.slug, msgspec.UnsetType):
        await tree.lock_names(tx)
    before = await products.locked_product(tx, product_id)
    if before is None:
        raise NotFound(kind="product")
    if before.version != version:
        raise Stale(expected=version, found=before.version)
    if before.status == "archived":
        raise ProductArchived
    given = {
        name: value
        for name in changes.__struct_fields__
        if (value := getattr(changes, name)) is not msgspec.UNSET
    }
    after = msgspec.structs.replace(before, **given)
    await _check(tx, before, after)
    diff = rules.diff(before, after, record.TRACKED)
    if not diff:
        return before
    after = msgspec.structs.replace(after, version=version + 1)
    await writes.update_products(tx, [after], now)
    await writes.insert_history(tx, [record.entry(after, verb="update", by=by, at=now, diff=diff)])
    record.tell(tx, after, now)
    return after


async def _check(tx: Tx, before: Product, after: Product) -> None:
    problems = (
        rules.check_slug(after.slug, "/slug")
        + rules.check_texts(after.texts)
        + rules.check_options(after.options)
        + rules.check_media(after.media)
        + rules.check_standing_skus(after.skus, after.options)
    )
    if not rules.storable((after.texts, after.attributes, after.options, after.media)):
        problems.append(FieldProblem(pointer="", code="catalog.not_storable"))
    if problems:
        raise BadProduct(fields=problems)
    await check_places(tx, category_id=after.category_id, brand_id=after.brand_id)
    if (after.category_id, after.attributes) != (before.category_id, before.attributes):
        problems = attributes.check(await tree.schemas(tx, after.category_id), after.attributes)
        if problems:
            raise BadProduct(fields=problems)
    if after.slug != before.slug and (await tree.taken_slugs(tx, products=[after.slug])).product:
        raise SlugTaken(slug=after.slug)
