"""Write a product as an editor shows it: words, options and all its SKUs, at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, NotFound, Stale
from daji.shop.catalog import attributes, naming, record, rules
from daji.shop.catalog.commands.create_product import check_places, write_draft
from daji.shop.catalog.facts import Product, ProductContent, Sku, SkuContent
from daji.shop.catalog.problems import BadProduct, ProductArchived
from daji.shop.catalog.store import products, tree, writes


async def save_product(
    tx: Tx, *, product_id: UUID | None, version: int, content: ProductContent, by: str, now: datetime
) -> Product:
    """Make a draft (`product_id` None), or write the product that is at `version` as given.

    SKUs with an id stay and are changed, those without are added, active ones that are not named are retired. All that
    is wrong is told at once, each with a pointer into what was sent. Nothing is written when nothing differs.

    Raises
    ------
    BadProduct
        Texts, attributes, options, SKUs or codes are impossible or taken; `fields` say where.
    Stale
        Somebody changed the product since; parameters `expected`, `found`.
    ProductArchived, NotFound
    """
    await tree.lock_names(tx)
    before = None
    if product_id is not None:
        before = await products.locked_product(tx, product_id)
        if before is None:
            raise NotFound(kind="product")
        if before.version != version:
            raise Stale(expected=version, found=before.version)
        if before.status == "archived":
            raise ProductArchived
    problems = _problems(before, content) or await _taken(tx, before, content)
    if problems:
        raise BadProduct(fields=problems)
    await check_places(tx, category_id=content.category_id, brand_id=content.brand_id)
    schemas = await tree.schemas(tx, content.category_id)
    if problems := attributes.check(schemas, content.attributes):
        raise BadProduct(fields=problems)
    if before is None:
        return await _create(tx, content, by=by, now=now)
    return await _change(tx, before, content, by=by, now=now)


def _problems(before: Product | None, content: ProductContent) -> list[FieldProblem]:
    found = (
        rules.check_code(content.code, "/code")
        + rules.check_texts(content.texts)
        + rules.check_options(content.options)
        + rules.check_media(content.media)
        + rules.check_skus(content.skus, content.options)
    )
    if content.slug is not None:
        found += rules.check_slug(content.slug, "/slug")
    if not rules.storable(content):
        found.append(FieldProblem(pointer="", code="catalog.not_storable"))
    if before is not None and before.code != content.code:
        found.append(FieldProblem(pointer="/code", code="catalog.code_fixed"))
    if before is not None and before.status == "listed" and not content.skus:
        found.append(FieldProblem(pointer="/skus", code="catalog.listed_needs_sku"))
    return found + _standing(before, content.skus)


def _standing(before: Product | None, skus: Sequence[SkuContent]) -> list[FieldProblem]:
    """Check the SKUs that claim to exist: they do, are active, keep their code, and take no choice that another leaves.

    One statement writes all changes and the unique index looks at each row, so two SKUs cannot swap their choices.
    """
    known = {sku.id: sku for sku in before.skus if sku.status == "active"} if before else {}
    found: list[FieldProblem] = []
    for index, sku in enumerate(skus):
        if sku.id is None:
            continue
        at = f"/skus/{index}"
        standing = known.get(sku.id)
        if standing is None:
            found.append(FieldProblem(pointer=f"{at}/id", code="catalog.unknown_sku"))
        elif standing.code != sku.code:
            found.append(FieldProblem(pointer=f"{at}/code", code="catalog.code_fixed"))
        elif any(
            other.id != sku.id and other.option_values == sku.option_values
            for other in known.values()
            if other.id in {one.id for one in skus}
        ):
            found.append(FieldProblem(pointer=f"{at}/option_values", code="catalog.options_taken"))
    return found


async def _taken(tx: Tx, before: Product | None, content: ProductContent) -> list[FieldProblem]:
    """Find the codes and the address that belong to something else."""
    found: list[FieldProblem] = []
    if before is None and await products.code_exists(tx, content.code):
        found.append(FieldProblem(pointer="/code", code="catalog.code_taken"))
    if content.slug is not None and (before is None or before.slug != content.slug):
        taken = await tree.taken_slugs(tx, products=[content.slug])
        if taken.product:
            found.append(FieldProblem(pointer="/slug", code="catalog.slug_taken"))
    new = [(index, sku.code) for index, sku in enumerate(content.skus) if sku.id is None]
    owners = await products.sku_owners(tx, [code for _, code in new]) if new else {}
    return found + [
        FieldProblem(pointer=f"/skus/{index}/code", code="catalog.code_taken")
        for index, code in new
        if code in owners
    ]


async def _create(tx: Tx, content: ProductContent, *, by: str, now: datetime) -> Product:
    product_id = ids.new_id()
    slug = content.slug
    if slug is None:
        wanted = naming.slug({lang: text.title for lang, text in content.texts.items()})
        slug = naming.free_slug(wanted, (await tree.taken_slugs(tx, products=[wanted])).product)
    made = Product(
        id=product_id,
        seller_id=None,
        code=content.code,
        slug=slug,
        category_id=content.category_id,
        brand_id=content.brand_id,
        status="draft",
        texts=content.texts,
        attributes=content.attributes,
        options=content.options,
        media=content.media,
        skus=tuple(_sku(product_id, sku) for sku in content.skus),
        version=1,
        created_at=now,
        listed_at=None,
    )
    await write_draft(tx, made, by=by, now=now)
    return made


async def _change(tx: Tx, before: Product, content: ProductContent, *, by: str, now: datetime) -> Product:
    named = {sku.id for sku in content.skus if sku.id is not None}
    standing = {sku.id: sku for sku in before.skus}
    left = [
        msgspec.structs.replace(sku, status="retired")
        for sku in before.skus
        if sku.status == "active" and sku.id not in named
    ]
    kept = [_sku(before.id, sku) for sku in content.skus]
    added = [sku for sku, given in zip(kept, content.skus, strict=True) if given.id is None]
    changed = [sku for sku in kept if sku.id in standing and standing[sku.id] != sku]
    retired = [sku for sku in before.skus if sku.status == "retired"]
    if len(kept) + len(left) + len(retired) > rules.MAX_SKUS:
        raise BadProduct(
            fields=(
                FieldProblem(pointer="/skus", code="catalog.too_many", params={"maximum": rules.MAX_SKUS}),
            )
        )
    after = msgspec.structs.replace(
        before,
        category_id=content.category_id,
        brand_id=content.brand_id,
        slug=content.slug or before.slug,
        texts=content.texts,
        attributes=content.attributes,
        options=content.options,
        media=content.media,
        # In the order in which the product is read back.
        skus=tuple(
            sorted((*kept, *left, *retired), key=lambda sku: (sku.status, sku.id)),
        ),
    )
    diff = rules.diff(before, after, record.TRACKED)
    if not diff:
        return before
    after = msgspec.structs.replace(after, version=before.version + 1)
    # Those that leave go first: they make room for the choices that others take.
    if left:
        await writes.update_skus(tx, left)
    if changed:
        await writes.update_skus(tx, changed)
    if added:
        await writes.insert_skus(tx, added, now)
    await writes.update_products(tx, [after], now)
    await writes.insert_history(tx, [record.entry(after, verb="update", by=by, at=now, diff=diff)])
    record.tell(tx, after, now)
    return after


def _sku(product_id: UUID, sku: SkuContent) -> Sku:
    return Sku(
        id=sku.id or ids.new_id(),
        product_id=product_id,
        code=sku.code,
        barcode=sku.barcode,
        option_values=sku.option_values,
        weight_g=sku.weight_g,
        size_mm=sku.size_mm,
        status="active",
        media_id=sku.media_id,
    )
