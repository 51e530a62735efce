"""Rename, re-describe or move a category."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, NotFound
from daji.shop.catalog import attributes, rules
from daji.shop.catalog.commands.create_category import MAX_DEPTH
from daji.shop.catalog.facts import Category, CategoryChanges
from daji.shop.catalog.problems import BadCategory
from daji.shop.catalog.store import tree


async def update_category(
    tx: Tx, *, category_id: UUID, changes: CategoryChanges, by: str, now: datetime
) -> Category:
    """Change a category; moving it takes its whole subtree along. The slug stays, since links point at it.

    Products keep attributes that a new schema no longer allows until they are written next.

    Raises
    ------
    BadCategory
        Bad names or schema, a parent below the category itself, a tree too deep.
    NotFound
    """
    await tree.lock_names(tx)
    before = await tree.category(tx, category_id)
    if before is None:
        raise NotFound(kind="category")
    given = {
        name: value
        for name in ("names", "attribute_schema", "position")
        if (value := getattr(changes, name)) is not msgspec.UNSET
    }
    after = msgspec.structs.replace(before, **given)
    problems = rules.check_names(after.names, "/names") + attributes.check_schema(after.attribute_schema)
    if not rules.storable((after.names, after.attribute_schema)):
        problems.append(FieldProblem(pointer="", code="catalog.not_storable"))
    if problems:
        raise BadCategory(fields=problems)
    if after != before:
        await tree.update_category(tx, after, by=by, now=now)
    if changes.parent_id is not msgspec.UNSET and changes.parent_id != before.parent_id:
        after = await _move(tx, after, changes.parent_id, by=by, now=now)
    return after


async def _move(tx: Tx, moved: Category, parent_id: UUID | None, *, by: str, now: datetime) -> Category:
    head: tuple[UUID, ...] = ()
    if parent_id is not None:
        parent = await tree.category(tx, parent_id)
        if parent is None:
            raise NotFound(kind="category")
        if moved.id in parent.path:
            raise BadCategory(fields=(FieldProblem(pointer="/parent_id", code="catalog.below_itself"),))
        head = parent.path
    path = (*head, moved.id)
    if len(path) + await tree.levels_below(tx, moved.id) > MAX_DEPTH:
        raise BadCategory(fields=(FieldProblem(pointer="/parent_id", code="catalog.too_deep"),))
    await tree.move_category(tx, category_id=moved.id, path=path, parent_id=parent_id, by=by, now=now)
    return msgspec.structs.replace(moved, parent_id=parent_id, path=path)
