"""An order that ended gives its pieces back, or takes them once more when its money came late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.grow.flash import rules
from daji.grow.flash.commands.moving import load
from daji.grow.flash.facts import Claimed, Returned
from daji.grow.flash.store import taking
from daji.kit.db import Row, Tx


async def give_back(
    tx: Tx,
    *,
    trade_id: UUID,
    now: datetime,
    lines: Sequence[tuple[UUID, UUID]] | None = None,
    lost: bool = False,
) -> Returned | None:
    """Return what a trade claimed, all of it or what it has of these (SKU, site); None for a trade of no sale.

    `lost` pieces are not there any more: the sale has so many fewer. Once for each claim, however often it is asked.
    """
    rows = await taking.claims_of(tx, trade_id=trade_id, status="held")
    if lines is not None:
        rows = [row for row in rows if (row["sku_id"], row["site_id"]) in lines]
    if not rows:
        return None
    sale_id = rows[0]["sale_id"]
    head = await taking.share(tx, sale_id)
    if head is None:
        return None
    returned = await taking.mark_returned(tx, claim_ids=[row["id"] for row in rows], now=now)
    rows = [row for row in rows if row["id"] in returned]
    if not rows:
        return None
    claims = tuple(_claimed(row) for row in rows)
    qty = sum(claim.qty for claim in claims)
    await taking.discount_buyer(tx, sale_id=sale_id, buyer_keys=rows[0]["buyer_keys"], qty=qty)
    await taking.put_back(tx, sale_id=sale_id, claims=claims, lost=lost)
    running = head["status"] in rules.RUNNING and now < head["closes_at"] and not lost
    return Returned(sale_id=sale_id, running=running, closes_at=head["closes_at"], claims=claims)


async def claim_again(tx: Tx, *, trade_id: UUID, now: datetime) -> Returned | bool:
    """Take once more what an expired trade had given back (U-15); False when the sale has it no more.

    True for a trade of no sale. The buyer's limit counts as it did.
    """
    rows = await taking.claims_of(tx, trade_id=trade_id, status="returned")
    if not rows:
        return True
    sale_id, keys = rows[0]["sale_id"], rows[0]["buyer_keys"]
    head = await taking.share(tx, sale_id)
    claims = tuple(_claimed(row) for row in rows)
    qty = sum(claim.qty for claim in claims)
    if head is None or not await taking.count_buyer(
        tx, sale_id=sale_id, buyer_keys=keys, qty=qty, allowed=head["per_buyer"]
    ):
        return False
    await taking.mark_held(tx, claim_ids=[row["id"] for row in rows], now=now)
    if not await taking.take(tx, sale_id=sale_id, claims=claims):
        return False
    running = head["status"] in rules.RUNNING and now < head["closes_at"]
    return Returned(sale_id=sale_id, running=running, closes_at=head["closes_at"], claims=claims)


async def shrink(tx: Tx, *, sale_id: UUID, claims: Sequence[Claimed]) -> None:
    """The stock behind these pieces went elsewhere: the sale has so many fewer. Raises SaleUnknown."""
    await load(tx, sale_id)
    for one in claims:
        await taking.shrink(tx, sale_id=sale_id, line_id=one.line_id, qty=one.qty)


def _claimed(row: Row) -> Claimed:
    return Claimed(line_id=row["line_id"], sku_id=row["sku_id"], site_id=row["site_id"], qty=row["qty"])
