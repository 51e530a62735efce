"""Where a flash sale meets the stock ledger: pieces go from the sale's hold to an order's, and the same way back.

Both holds change in the caller's one transaction, under the lock of their balance, so that the pieces are never free
for the ordinary sale in between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import api as inventory
from daji.grow.flash import api as flash
from daji.kit.db import Tx
from daji.trade.cart import api as cart

NO_LIMIT = inventory.HoldPolicy(
    max_units_per_buyer_sku=1_000_000_000, max_share_percent=100, min_units=1_000_000_000
)
"""A sale is nobody's hoard."""


def buyer_of(owner: cart.Owner) -> str:
    """The name by which the line knows a buyer; never a guest's token."""
    if owner.shopper_id is not None:
        return f"shopper:{owner.shopper_id}"
    return f"guest:{hashlib.sha256((owner.guest_token or '').encode()).hexdigest()[:16]}"


async def take(tx: Tx, *, quote: cart.Quote, sale: cart.SaleRef, trade_id: UUID, now: datetime) -> None:
    """Claim what the quote wants, and free it from the sale's hold for the trade's own, which the caller makes next.

    Raises
    ------
    flash.NotRunning, flash.PassInvalid, flash.PassSpent, flash.BuyerLimit, flash.SoldOut
    flash.Moved
        The sale holds its pieces elsewhere than the quote would send them from.
    """
    wanted = [(sku_id, parcel.site_id, qty) for parcel in quote.parcels for sku_id, qty in parcel.items]
    buyer = buyer_of(quote.owner)
    phones = (flash.phone_key(quote.contact.phone), flash.phone_key(quote.address.phone))
    claims = await flash.claim(
        tx,
        sale_id=sale.sale_id,
        pass_id=sale.pass_id,
        buyer=buyer,
        buyer_keys=(buyer, *(key for key in phones if key is not None)),
        trade_id=trade_id,
        wanted=wanted,
        now=now,
    )
    await _give_up(tx, sale.sale_id, claims, now=now)


async def let_go(
    tx: Tx,
    *,
    holder: UUID,
    reason: str,
    by: str,
    now: datetime,
    lines: Sequence[inventory.HoldLine] | None = None,
    lost: bool = False,
) -> int:
    """Release what a trade holds, and give the pieces of a flash sale back to it while it runs; the pieces freed."""
    where = None if lines is None else [(line.sku_id, line.site_id) for line in lines]
    returned = await flash.give_back(tx, trade_id=holder, lines=where, lost=lost, now=now)
    freed = await inventory.release(tx, holder=holder, reason=reason, by=by, now=now, lines=lines)
    if returned is not None and returned.running:
        await _hold_for_sale(tx, returned, now=now)
    return freed


async def claim_again(tx: Tx, *, trade_id: UUID, now: datetime) -> None:
    """Money came late (U-15): take from the sale once more what its expired order gave back.

    Raises
    ------
    inventory.StockShort
        The sale gave it to somebody else.
    """
    again = await flash.claim_again(tx, trade_id=trade_id, now=now)
    if again is False:
        raise inventory.StockShort(lines=[])
    if isinstance(again, flash.Returned) and again.running:
        await _give_up(tx, again.sale_id, again.claims, now=now)


async def _give_up(tx: Tx, sale_id: UUID, claims: Sequence[flash.Claimed], *, now: datetime) -> None:
    lines = _lines(claims)
    freed = await inventory.release(tx, holder=sale_id, reason="flash", by="system", now=now, lines=lines)
    if freed != sum(line.qty for line in lines):
        raise flash.Moved


async def _hold_for_sale(tx: Tx, returned: flash.Returned, *, now: datetime) -> None:
    """Hold the pieces for the sale again; those that are no longer there leave its quota."""
    try:
        async with tx.savepoint():
            await inventory.hold(
                tx,
                holder=returned.sale_id,
                lines=_lines(returned.claims),
                buyer_keys=(),
                expires_at=returned.closes_at,
                policy=NO_LIMIT,
                now=now,
            )
    except inventory.StockShort:
        await flash.shrink(tx, sale_id=returned.sale_id, claims=returned.claims)


def _lines(claims: Sequence[flash.Claimed]) -> list[inventory.HoldLine]:
    return [inventory.HoldLine(sku_id=one.sku_id, site_id=one.site_id, qty=one.qty) for one in claims]
