"""How a batch of source rows becomes categories, brands, products and SKUs: decided in memory, written in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.problems import FieldProblem
from daji.shop.catalog import attributes, batch_rules, naming
from daji.shop.catalog.facts import Brand, Category, Product, Sku, Text
from daji.shop.catalog.ports import CatalogueRow, RowError
from daji.shop.catalog.store.tree import Slugs

Indexed = tuple[int, CatalogueRow]


class Known(msgspec.Struct, kw_only=True):
    """What the database knows of a batch's codes; grows while the batch is planned."""

    categories: dict[str, Category]
    brands: dict[str, Brand]
    products: dict[str, Product]
    sku_owners: dict[str, UUID]
    schemas: dict[UUID, list[Mapping[str, Any]]]
    slugs: Slugs


class Plan(msgspec.Struct, kw_only=True):
    """What to write. `changed` are (before, after); `sku_ids` has every accepted row's SKU by code."""

    categories: list[Category] = []
    brands: list[Brand] = []
    created: list[Product] = []
    changed: list[tuple[Product, Product]] = []
    new_skus: list[Sku] = []
    changed_skus: list[Sku] = []
    sku_ids: dict[str, UUID] = {}
    errors: list[RowError] = []


def candidate_slugs(rows: Sequence[Indexed], known: Known) -> tuple[set[str], set[str], set[str]]:
    """Slugs that new products, categories and brands would like to have."""
    products, categories, brands = set(), set(), set()
    for _, row in rows:
        if row.product_code not in known.products:
            products.add(naming.slug(row.titles))
        categories |= {
            naming.slug(names) for code, names in row.category_path if code not in known.categories
        }
        if row.brand and row.brand.code not in known.brands:
            brands.add(naming.slug(row.brand.names))
    return products, categories, brands


def plan(rows: Sequence[Indexed], known: Known, *, sellers: Mapping[str, UUID], now: datetime) -> Plan:
    """Decide what a batch of well-formed rows does; rows of one product are taken together, in their order."""
    planned = Plan()
    groups: dict[str, list[Indexed]] = {}
    for index, row in rows:
        groups.setdefault(row.product_code, []).append((index, row))
    for code, group in groups.items():
        _plan_product(planned, code, group, known, sellers=sellers, now=now)
    return planned


def _plan_product(
    planned: Plan,
    code: str,
    group: Sequence[Indexed],
    known: Known,
    *,
    sellers: Mapping[str, UUID],
    now: datetime,
) -> None:
    before = known.products.get(code)
    head = next(
        ((index, _fitted(row, before, known)) for index, row in group if row.titles),
        None,
    )
    if head is None and before is None:
        _refuse(planned, group, "titles", "required")
        return
    group = _of_one_seller(planned, group, before, head, sellers)
    if not group:
        return
    if before is not None and before.status == "archived":
        _refuse(planned, group, "product_code", "catalog.product_archived")
        return
    if head is not None and (problems := _attribute_problems(head[1], before, known)):
        planned.errors += [_error(head[0], problem) for problem in problems]
        _refuse(
            planned, [one for one in group if one[0] != head[0]], "product_code", "catalog.product_refused"
        )
        return
    base = before or _new_product(code, group[0][1], sellers, now)
    after, accepted = _with_skus(planned, base, group, known)
    if not accepted:
        return
    if head is not None:
        after = _with_head(planned, after, head[1], known)
    _settle(planned, before, after, known)


def _of_one_seller(
    planned: Plan,
    group: Sequence[Indexed],
    before: Product | None,
    head: Indexed | None,
    sellers: Mapping[str, UUID],
) -> list[Indexed]:
    """Keep the rows whose seller owns the product; a code never moves goods from one seller to another."""
    if before is not None:
        owner = before.seller_id
    else:
        code = head[1].seller_code if head else None
        owner = sellers.get(code) if code is not None else None
    mine = []
    for index, row in group:
        seller_id = sellers.get(row.seller_code) if row.seller_code is not None else None
        if seller_id == owner:
            mine.append((index, row))
        else:
            _refuse(planned, [(index, row)], "seller_code", "catalog.other_seller")
    return mine


def _attribute_problems(row: CatalogueRow, before: Product | None, known: Known) -> list[FieldProblem]:
    if before is not None and not row.attributes:
        return []
    return attributes.check(_schemas(row, known), row.attributes)


def _schemas(row: CatalogueRow, known: Known) -> Sequence[Mapping[str, Any]]:
    """Give the attribute schemas of the nearest category that exists."""
    nearest = next(
        (known.categories[code] for code, _ in reversed(row.category_path) if code in known.categories), None
    )
    return known.schemas.get(nearest.id, ()) if nearest else ()


def _fitted(row: CatalogueRow, before: Product | None, known: Known) -> CatalogueRow:
    if not row.attributes:
        return row
    standing = before.attributes if before else {}
    return msgspec.structs.replace(
        row, attributes=attributes.fitted(_schemas(row, known), row.attributes, standing)
    )


def _new_product(code: str, row: CatalogueRow, sellers: Mapping[str, UUID], now: datetime) -> Product:
    return Product(
        id=ids.new_id(),
        seller_id=sellers.get(row.seller_code) if row.seller_code is not None else None,
        code=code,
        slug="",
        category_id=ids.new_id(),  # stands until the speaking row says the real one
        brand_id=None,
        status="draft",
        texts={},
        attributes={},
        options=(),
        media=(),
        skus=(),
        version=0,
        created_at=now,
        listed_at=None,
    )


def _with_head(planned: Plan, product: Product, row: CatalogueRow, known: Known) -> Product:
    """Lay what the speaking row says of the product over it; languages and fields it is silent on stay."""
    new = product.version == 0
    texts = {
        lang: _text(
            Text(
                title=title, subtitle=row.subtitles.get(lang, ""), description=row.descriptions.get(lang, "")
            ),
            product.texts.get(lang),
        )
        for lang, title in row.titles.items()
    }
    listed = new and row.list_now
    slug = product.slug
    if new:
        slug = naming.free_slug(naming.slug(row.titles), known.slugs.product)
        known.slugs.product.add(slug)
    return msgspec.structs.replace(
        product,
        slug=slug,
        category_id=_category(planned, row.category_path, known).id,
        brand_id=_brand(planned, row, known),
        status="listed" if listed else product.status,
        listed_at=product.created_at if listed else product.listed_at,
        texts={**product.texts, **texts},
        attributes=_as_stored(row.attributes) or product.attributes,
        image_names=row.image_names or product.image_names,
    )


def _text(new: Text, standing: Text | None) -> Text:
    """Keep what stands where only white space at the ends differs, which readers of files cut off."""
    if standing is None:
        return new
    return Text(
        title=standing.title if standing.title.strip() == new.title else new.title,
        subtitle=standing.subtitle if standing.subtitle.strip() == new.subtitle else new.subtitle,
        description=standing.description
        if standing.description.strip() == new.description
        else new.description,
    )


def _as_stored(values: dict[str, Any]) -> dict[str, Any]:
    """Give values the shape in which they come back from JSON, so that what did not change compares equal."""
    return msgspec.json.decode(msgspec.json.encode(values), type=dict[str, Any])


def _category(planned: Plan, path: Sequence[tuple[str, dict[str, str]]], known: Known) -> Category:
    """Find the leaf of a path, adding what is missing. A code that exists is used where staff put it."""
    parent: Category | None = None
    for code, names in path:
        found = known.categories.get(code)
        if found is None:
            slug = naming.free_slug(naming.slug(names), known.slugs.category)
            known.slugs.category.add(slug)
            category_id = ids.new_id()
            found = Category(
                id=category_id,
                parent_id=parent.id if parent else None,
                code=code,
                slug=slug,
                path=(*(parent.path if parent else ()), category_id),
                names=names,
                attribute_schema={},
                position=0,
            )
            known.categories[code] = found
            # A new category adds no schema of its own to those above it.
            known.schemas[category_id] = known.schemas.get(parent.id, []) if parent else []
            planned.categories.append(found)
        parent = found
    if parent is None:
        raise ValueError("a row without a category passed the check")
    return parent


def _brand(planned: Plan, row: CatalogueRow, known: Known) -> UUID | None:
    if row.brand is None:
        return None
    found = known.brands.get(row.brand.code)
    if found is None:
        slug = naming.free_slug(naming.slug(row.brand.names), known.slugs.brand)
        known.slugs.brand.add(slug)
        found = Brand(id=ids.new_id(), code=row.brand.code, slug=slug, names=row.brand.names)
        known.brands[found.code] = found
        planned.brands.append(found)
    return found.id


def _with_skus(
    planned: Plan, product: Product, group: Sequence[Indexed], known: Known
) -> tuple[Product, int]:
    """Add the SKUs of a product's rows, or change those that exist; how many rows were accepted."""
    at_first = product.skus
    accepted = 0
    for index, row in group:
        standing = next((sku for sku in product.skus if sku.code == row.sku_code), None)
        options, chosen, problem = batch_rules.choose(product, row.option_values)
        problem = (
            _foreign_sku(planned, row, product, known)
            or problem
            or batch_rules.clash(product, chosen, standing, at_first)
        )
        if problem is not None:
            planned.errors.append(_error(index, problem))
            continue
        accepted += 1
        sku = _sku(product, row, chosen, standing)
        skus = tuple(sku if one is standing else one for one in product.skus)
        product = msgspec.structs.replace(product, options=options, skus=skus if standing else (*skus, sku))
        known.sku_owners[sku.code] = product.id
        planned.sku_ids[sku.code] = sku.id
        if standing is None:
            planned.new_skus.append(sku)
        elif standing != sku:
            planned.changed_skus.append(sku)
    return product, accepted


def _sku(product: Product, row: CatalogueRow, chosen: dict[str, str], standing: Sku | None) -> Sku:
    return Sku(
        id=standing.id if standing else ids.new_id(),
        product_id=product.id,
        code=row.sku_code,
        barcode=row.barcode,
        option_values=chosen,
        weight_g=row.weight_g,
        size_mm=row.size_mm,
        status=standing.status if standing else "active",
        media_id=standing.media_id if standing else None,
    )


def _foreign_sku(planned: Plan, row: CatalogueRow, product: Product, known: Known) -> FieldProblem | None:
    if row.sku_code in planned.sku_ids:
        return FieldProblem(pointer="sku_code", code="catalog.duplicate_in_batch")
    if known.sku_owners.get(row.sku_code, product.id) != product.id:
        return FieldProblem(pointer="sku_code", code="catalog.sku_of_other_product")
    return None


def _settle(planned: Plan, before: Product | None, after: Product, known: Known) -> None:
    if before is None:
        after = msgspec.structs.replace(after, version=1)
        planned.created.append(after)
    elif after != before:
        after = msgspec.structs.replace(after, version=before.version + 1)
        planned.changed.append((before, after))
    known.products[after.code] = after


def _refuse(planned: Plan, group: Sequence[Indexed], field: str, code: str) -> None:
    planned.errors += [RowError(line=index, field=field, code=code) for index, _ in group]


def _error(index: int, problem: FieldProblem) -> RowError:
    return RowError(line=index, field=problem.pointer, code=problem.code, params=dict(problem.params))
