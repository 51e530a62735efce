"""Add a brand."""

from __future__ import annotations

from datetime import datetime

from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem
from daji.shop.catalog import naming, rules
from daji.shop.catalog.facts import Brand, Names
from daji.shop.catalog.problems import BadBrand, CodeTaken, SlugTaken
from daji.shop.catalog.store import tree


async def create_brand(
    tx: Tx, *, code: str, names: Names, slug: str | None = None, by: str, now: datetime
) -> Brand:
    """Create a brand; the slug is made from its name when none is given. Raises BadBrand, CodeTaken, SlugTaken."""
    problems = rules.check_code(code, "/code") + rules.check_names(names, "/names")
    if slug is not None:
        problems += rules.check_slug(slug, "/slug")
    if not rules.storable((code, names)):
        problems.append(FieldProblem(pointer="", code="catalog.not_storable"))
    if problems:
        raise BadBrand(fields=problems)
    await tree.lock_names(tx)
    if await tree.brands_by_code(tx, [code]):
        raise CodeTaken(kind="brand", value=code)
    wanted = slug or naming.slug(names)
    taken = (await tree.taken_slugs(tx, brands=[wanted])).brand
    if slug in taken:
        raise SlugTaken(slug=wanted)
    added = Brand(id=ids.new_id(), code=code, slug=naming.free_slug(wanted, taken), names=dict(names))
    await tree.insert_brands(tx, [added], by=by, now=now)
    return added
