"""Set what SKUs cost from a moment on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import NotFound
from daji.shop.pricing import rules, store
from daji.shop.pricing.events import PricesChanged
from daji.shop.pricing.facts import NewPrice, Price, PriceInThePast


async def set_prices(
    tx: Tx,
    *,
    list_id: UUID,
    prices: Sequence[NewPrice],
    valid_from: datetime,
    valid_to: datetime | None = None,
    by: str,
    now: datetime,
) -> int:
    """Let these prices hold in [valid_from, valid_to); the number of SKUs whose price changed.

    Four statements whatever the number of prices. A price that already holds is left alone, so that the same
    call twice changes nothing. A bounded price interrupts the one before, which goes on behind it.

    Raises
    ------
    NotFound
        No such list.
    BadPrice
        Impossible amounts or period, a SKU twice, more than `rules.MAX_PRICES`.
    PriceInThePast
        A period that was in force before `now` would change.
    """
    rules.check(prices, valid_from=valid_from, valid_to=valid_to)
    if await store.lock_list(tx, list_id) is None:
        raise NotFound(kind="price_list")
    if not prices:
        return 0
    standing = await store.standing(
        tx,
        list_id=list_id,
        sku_ids=[price.sku_id for price in prices],
        valid_from=valid_from,
        valid_to=valid_to,
    )
    overlays = [
        (
            price,
            rules.overlay(
                standing.get(price.sku_id, ()), price, valid_from=valid_from, valid_to=valid_to, now=now
            ),
        )
        for price in prices
    ]
    changed = [(price, overlay) for price, overlay in overlays if not overlay.unchanged]
    if past := [str(price.sku_id) for price, overlay in changed if overlay.rewrites_past]:
        raise PriceInThePast(sku_ids=past)
    if changed:
        await _write(tx, changed, list_id=list_id, valid_from=valid_from, valid_to=valid_to, by=by, now=now)
    return len(changed)


async def _write(
    tx: Tx,
    changed: Sequence[tuple[NewPrice, rules.Overlay]],
    *,
    list_id: UUID,
    valid_from: datetime,
    valid_to: datetime | None,
    by: str,
    now: datetime,
) -> None:
    cut = [one for _, overlay in changed for one in overlay.cut]
    withdrawn = [one for _, overlay in changed for one in overlay.withdrawn]
    if cut or withdrawn:
        await store.end(tx, cut=cut, withdrawn=withdrawn, now=now)
    added = [
        Price(
            id=ids.new_id(),
            list_id=list_id,
            sku_id=price.sku_id,
            amount=price.amount,
            compare_at=price.compare_at,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        for price, _ in changed
    ]
    resumed = [
        Price(
            id=ids.new_id(),
            list_id=list_id,
            sku_id=old.sku_id,
            amount=old.amount,
            compare_at=old.compare_at,
            valid_from=starts,
            valid_to=ends,
        )
        for _, overlay in changed
        for old, starts, ends in overlay.resumed
    ]
    await store.insert(tx, list_id=list_id, prices=[*added, *resumed], by=by, now=now)
    tx.emit(
        PricesChanged(
            list_id=list_id, sku_ids=tuple(price.sku_id for price, _ in changed), valid_from=valid_from
        ),
        subject=list_id,
        at=now,
    )
