"""Move a product along its states."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, NotFound
from daji.shop.catalog import record, rules
from daji.shop.catalog.facts import Product
from daji.shop.catalog.problems import BadProduct, NotSellableYet
from daji.shop.catalog.states import NEEDS_SKU, PRODUCT
from daji.shop.catalog.store import products, writes

MAX_NOTE = 2_000


async def change_status(
    tx: Tx, *, product_id: UUID, verb: str, by: str, now: datetime, note: str = ""
) -> Product:
    """Apply `submit`, `approve`, `reject`, `list`, `delist`, `relist` or `archive`; `note` goes into the history.

    Raises
    ------
    IllegalTransition
        The verb is not open in the product's status, or is no verb.
    NotSellableYet
        Nothing active to sell.
    BadProduct
        A note that cannot be kept.
    NotFound
    """
    if len(note) > MAX_NOTE or not rules.storable(note):
        raise BadProduct(
            fields=(FieldProblem(pointer="/note", code="too_long", params={"maximum": MAX_NOTE}),)
        )
    before = await products.locked_product(tx, product_id)
    if before is None:
        raise NotFound(kind="product")
    status = PRODUCT.after(before.status, verb)
    if verb in NEEDS_SKU and not any(sku.status == "active" for sku in before.skus):
        raise NotSellableYet
    after = msgspec.structs.replace(
        before,
        status=status,
        listed_at=now if status == "listed" else before.listed_at,
        version=before.version + 1,
    )
    await writes.update_products(tx, [after], now)
    diff = {"status": [before.status, status]}
    await writes.insert_history(tx, [record.entry(after, verb=verb, by=by, at=now, diff=diff, note=note)])
    record.tell(tx, after, now)
    return after
