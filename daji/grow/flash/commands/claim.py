"""An order takes its pieces from the sale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.grow.flash import rules
from daji.grow.flash.commands.moving import load
from daji.grow.flash.errors import BuyerLimit, NotRunning, PassInvalid, PassSpent, SaleUnknown, SoldOut
from daji.grow.flash.facts import Claimed
from daji.grow.flash.store import taking
from daji.kit.db import Tx


async def claim(
    tx: Tx,
    *,
    sale_id: UUID,
    pass_id: UUID,
    buyer: str,
    buyer_keys: Sequence[str],
    trade_id: UUID,
    wanted: Sequence[tuple[UUID, UUID, int]],
    now: datetime,
) -> tuple[Claimed, ...]:
    """Spend the pass and take (SKU, site, quantity) for this trade; all of it or nothing, since the caller rolls back.

    `buyer_keys` name the buyer in several ways; none of them may go over the sale's limit.

    Raises
    ------
    SaleUnknown, NotRunning, PassInvalid, PassSpent, BuyerLimit, SoldOut
    """
    head = await taking.share(tx, sale_id)
    if head is None:
        raise SaleUnknown
    if head["status"] not in rules.RUNNING or not head["opens_at"] <= now < head["closes_at"]:
        raise NotRunning(status=head["status"])
    refused = await taking.spend(
        tx, pass_id=pass_id, sale_id=sale_id, buyer=buyer, trade_id=trade_id, now=now
    )
    if refused is not None:
        raise PassSpent if refused == "spent" else PassInvalid
    keys = tuple(sorted({buyer, *buyer_keys}))
    qty = sum(count for _, _, count in wanted)
    allowed = head["per_buyer"]
    if not await taking.count_buyer(tx, sale_id=sale_id, buyer_keys=keys, qty=qty, allowed=allowed):
        raise BuyerLimit(allowed=allowed)
    lines = {line.sku_id: line for line in (await load(tx, sale_id)).lines}
    if any(sku_id not in lines for sku_id, _, _ in wanted):
        raise SaleUnknown
    claims = tuple(
        Claimed(line_id=lines[sku_id].id, sku_id=sku_id, site_id=site_id, qty=count)
        for sku_id, site_id, count in wanted
    )
    await taking.claim(tx, sale_id=sale_id, trade_id=trade_id, claims=claims, buyer_keys=keys, now=now)
    # The hot row last, so that it is locked for as short as can be.
    if not await taking.take(tx, sale_id=sale_id, claims=claims):
        raise SoldOut
    return claims
