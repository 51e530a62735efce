"""One deed on many products: each is done or says why not, and the rest goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid, Problem
from daji.shop.catalog import api as catalog

MAX_PRODUCTS = 200

Verb = Literal["publish", "retire", "archive", "move", "brand"]

# What brings a product from each status to where the verb wants it; None: it is there already.
_STEPS: dict[str, dict[str, str | None]] = {
    "publish": {"draft": "list", "in_review": "approve", "delisted": "relist", "listed": None},
    "retire": {"listed": "delist", "delisted": None},
    "archive": {"draft": "archive", "delisted": "archive", "archived": None},
}


class BulkGoods(msgspec.Struct, frozen=True, kw_only=True):
    """`publish` puts up for sale, `retire` takes off sale; `move` needs a category, `brand` takes a brand or none."""

    product_ids: tuple[UUID, ...]
    verb: Verb
    category_id: UUID | None = None
    brand_id: UUID | None = None
    note: str = ""


class BulkRow(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one product; `code` and `params` are those of the refusal, "" when there was none.

    `reason` is the refusal in words, which whoever knows the reader's language writes in.
    """

    product_id: UUID
    changed: bool
    status: str = ""
    version: int = 0
    code: str = ""
    params: dict[str, Any] = {}
    reason: str = ""


class BulkDone(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in the order asked; `refused` counts those that bear a code."""

    rows: tuple[BulkRow, ...]
    changed: int
    refused: int


async def bulk_goods(tx: Tx, wish: BulkGoods, *, by: str, now: datetime) -> BulkDone:
    """Do the deed on each product in one transaction; one that is refused leaves the others done.

    Raises
    ------
    Invalid
        No product, more than `MAX_PRODUCTS`, or a move without a category.
    """
    check_products(wish.product_ids)
    if wish.verb == "move" and wish.category_id is None:
        raise Invalid(fields=(FieldProblem(pointer="/category_id", code="required"),))
    done: dict[UUID, BulkRow] = {}
    # In the order of ids, so that two such deeds never wait for each other in a circle.
    for product_id in sorted(wish.product_ids):
        done[product_id] = await _one(tx, product_id, lambda one: _do(tx, one, wish, by=by, now=now))
    rows = tuple(done[product_id] for product_id in wish.product_ids)
    return BulkDone(
        rows=rows, changed=sum(row.changed for row in rows), refused=sum(row.code != "" for row in rows)
    )


def check_products(product_ids: Sequence[UUID]) -> None:
    """Refuse nothing, too many, and one twice. Raises Invalid."""
    if not 1 <= len(product_ids) <= MAX_PRODUCTS:
        raise Invalid(
            fields=(
                FieldProblem(pointer="/products", code="catalog.count", params={"maximum": MAX_PRODUCTS}),
            )
        )
    if len(set(product_ids)) != len(product_ids):
        raise Invalid(fields=(FieldProblem(pointer="/products", code="catalog.duplicate"),))


async def _one(tx: Tx, product_id: UUID, work: Callable[[UUID], Awaitable[BulkRow]]) -> BulkRow:
    try:
        async with tx.savepoint():
            return await work(product_id)
    except Problem as problem:
        params = {name: str(value) for name, value in problem.params.items()}
        return BulkRow(product_id=product_id, changed=False, code=problem.code, params=params)


async def _do(tx: Tx, product_id: UUID, wish: BulkGoods, *, by: str, now: datetime) -> BulkRow:
    before = await catalog.get_product(tx, product_id=product_id)
    if wish.verb in _STEPS:
        step = _STEPS[wish.verb].get(before.status, wish.verb)
        after = (
            before
            if step is None
            else await catalog.change_status(
                tx, product_id=product_id, verb=step, by=by, now=now, note=wish.note
            )
        )
    else:
        changes = (
            catalog.ProductChanges(category_id=wish.category_id or before.category_id)
            if wish.verb == "move"
            else catalog.ProductChanges(brand_id=wish.brand_id)
        )
        after = await catalog.update_product(
            tx, product_id=product_id, version=before.version, changes=changes, by=by, now=now
        )
    return BulkRow(
        product_id=product_id,
        changed=after.version != before.version,
        status=after.status,
        version=after.version,
    )
