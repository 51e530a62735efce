"""Change what a brand is called."""

from __future__ import annotations

from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, NotFound
from daji.shop.catalog import rules
from daji.shop.catalog.facts import Brand, Names
from daji.shop.catalog.problems import BadBrand
from daji.shop.catalog.store import tree


async def update_brand(tx: Tx, *, brand_id: UUID, names: Names, by: str) -> Brand:
    """Write its names by language; code and address stay. Raises BadBrand, NotFound."""
    problems = rules.check_names(names, "/names")
    if not rules.storable(names):
        problems.append(FieldProblem(pointer="/names", code="catalog.not_storable"))
    if problems:
        raise BadBrand(fields=problems)
    found = await tree.brand(tx, brand_id)
    if found is None:
        raise NotFound(kind="brand")
    await tree.rename_brand(tx, brand_id=brand_id, names=names, by=by)
    return msgspec.structs.replace(found, names=dict(names))
