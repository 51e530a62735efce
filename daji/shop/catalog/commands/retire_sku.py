"""Take a SKU out of sale for good."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.kit.problems import NotFound
from daji.shop.catalog import record
from daji.shop.catalog.facts import Sku
from daji.shop.catalog.store import products, tree, writes


async def retire_sku(tx: Tx, *, sku_id: UUID, by: str, now: datetime) -> Sku:
    """Retire the SKU; a retired one stays so and is given back as it is. Raises NotFound."""
    await tree.lock_names(tx)
    found = await products.sku(tx, sku_id)
    before = await products.locked_product(tx, found.product_id) if found else None
    if found is None or before is None:
        raise NotFound(kind="sku")
    if found.status == "retired":
        return found
    retired = msgspec.structs.replace(found, status="retired")
    await writes.update_skus(tx, [retired])
    skus = tuple(retired if one.id == sku_id else one for one in before.skus)
    after = msgspec.structs.replace(before, skus=skus, version=before.version + 1)
    await writes.update_products(tx, [after], now)
    diff = {"skus": [msgspec.to_builtins(found), msgspec.to_builtins(retired)]}
    await writes.insert_history(tx, [record.entry(after, verb="retire_sku", by=by, at=now, diff=diff)])
    record.tell(tx, after, now)
    return retired
