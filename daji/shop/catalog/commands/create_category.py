"""Add a category to the tree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, NotFound
from daji.shop.catalog import attributes, naming, rules
from daji.shop.catalog.facts import Category, Names
from daji.shop.catalog.problems import BadCategory, CodeTaken, SlugTaken
from daji.shop.catalog.store import tree

MAX_DEPTH = 10


async def create_category(
    tx: Tx,
    *,
    code: str,
    names: Names,
    parent_id: UUID | None = None,
    attribute_schema: Mapping[str, Any] | None = None,
    slug: str | None = None,
    position: int = 0,
    by: str,
    now: datetime,
) -> Category:
    """Create a category; the slug is made from its name when none is given.

    Raises
    ------
    BadCategory, CodeTaken, SlugTaken
    NotFound
        No such parent.
    """
    schema = dict(attribute_schema or {})
    problems = rules.check_code(code, "/code") + rules.check_names(names, "/names")
    problems += attributes.check_schema(schema)
    if slug is not None:
        problems += rules.check_slug(slug, "/slug")
    if not rules.storable((code, names, schema)):
        problems.append(FieldProblem(pointer="", code="catalog.not_storable"))
    if problems:
        raise BadCategory(fields=problems)
    await tree.lock_names(tx)
    path: tuple[UUID, ...] = ()
    if parent_id is not None:
        parent = await tree.category(tx, parent_id)
        if parent is None:
            raise NotFound(kind="category")
        path = parent.path
    if len(path) >= MAX_DEPTH:
        raise BadCategory(fields=(FieldProblem(pointer="/parent_id", code="catalog.too_deep"),))
    if await tree.categories_by_code(tx, [code]):
        raise CodeTaken(kind="category", value=code)
    wanted = slug or naming.slug(names)
    taken = (await tree.taken_slugs(tx, categories=[wanted])).category
    if slug in taken:
        raise SlugTaken(slug=wanted)
    category_id = ids.new_id()
    added = Category(
        id=category_id,
        parent_id=parent_id,
        code=code,
        slug=naming.free_slug(wanted, taken),
        path=(*path, category_id),
        names=dict(names),
        attribute_schema=schema,
        position=position,
    )
    await tree.insert_categories(tx, [added], by=by, now=now)
    return added
