"""Add a SKU to a product."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, NotFound
from daji.shop.catalog import record, rules
from daji.shop.catalog.commands.create_product import build_sku
from daji.shop.catalog.facts import NewSku, Sku
from daji.shop.catalog.problems import BadProduct, CodeTaken, OptionsTaken, ProductArchived
from daji.shop.catalog.store import products, tree, writes


async def add_sku(tx: Tx, *, product_id: UUID, sku: NewSku, by: str, now: datetime) -> Sku:
    """Add an active SKU.

    Raises
    ------
    BadProduct
        A bad code or measure, a choice that the product's options do not offer, too many SKUs.
    CodeTaken, OptionsTaken, ProductArchived, NotFound
    """
    await tree.lock_names(tx)
    before = await products.locked_product(tx, product_id)
    if before is None:
        raise NotFound(kind="product")
    if before.status == "archived":
        raise ProductArchived
    problems = rules.check_sku(sku, before.options, "/sku")
    if len(before.skus) >= rules.MAX_SKUS:
        problems.append(
            FieldProblem(pointer="/sku", code="catalog.too_many", params={"maximum": rules.MAX_SKUS})
        )
    if not rules.storable(sku):
        problems.append(FieldProblem(pointer="/sku", code="catalog.not_storable"))
    if problems:
        raise BadProduct(fields=problems)
    if await products.sku_owners(tx, [sku.code]):
        raise CodeTaken(kind="sku", value=sku.code)
    if any(one.status == "active" and one.option_values == sku.option_values for one in before.skus):
        raise OptionsTaken
    added = build_sku(product_id, sku)
    await writes.insert_skus(tx, [added], now)
    after = msgspec.structs.replace(before, skus=(*before.skus, added), version=before.version + 1)
    await writes.update_products(tx, [after], now)
    diff = {"skus": [None, msgspec.to_builtins(added)]}
    await writes.insert_history(tx, [record.entry(after, verb="add_sku", by=by, at=now, diff=diff)])
    record.tell(tx, after, now)
    return added
