"""Promise goods to an order that is not yet paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.errors import HoldLimit, StockShort
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import HoldLine, HoldPolicy
from daji.fulfil.inventory.store import holds
from daji.kit.db import Tx
from daji.kit.ids import show


async def hold(
    tx: Tx,
    *,
    holder: UUID,
    lines: Sequence[HoldLine],
    buyer_keys: Sequence[str],
    expires_at: datetime,
    policy: HoldPolicy,
    now: datetime,
) -> None:
    """Promise all lines or none, in one statement; a second one judges the buyer's limit (U-14).

    `buyer_keys` name the buyer in several ways (account, device, address on the net); none of them may go over
    the policy, and without a key there is no limit.

    Raises
    ------
    Invalid
        For an empty list or a quantity that is no count.
    StockShort
        With every line that is short; nothing is changed.
    HoldLimit
        With every SKU that is over; the caller's transaction must roll back.
    """
    total = rules.merged(lines)
    keys = tuple(sorted(set(buyer_keys)))
    short = await holds.hold(tx, holder=holder, lines=total, buyer_keys=keys, expires_at=expires_at, now=now)
    if short:
        raise StockShort(
            lines=tuple(
                rules.told(line.sku_id, line.site_id, wanted=line.wanted, available=line.there)
                for line in short
            )
        )
    skus = rules.distinct(line.sku_id for line in total)
    if keys:
        await _check_limit(tx, skus=skus, keys=keys, policy=policy)
    tx.emit(StockChanged(sku_ids=skus), subject=holder, at=now)


async def _check_limit(tx: Tx, *, skus: Sequence[UUID], keys: Sequence[str], policy: HoldPolicy) -> None:
    totals = await holds.buyer_totals(tx, sku_ids=skus, buyer_keys=keys)
    over = rules.over_limit(
        policy,
        on_hand={total.sku_id: total.on_hand for total in totals},
        pending={total.sku_id: total.pending for total in totals},
    )
    if over:
        raise HoldLimit(
            lines=tuple({"sku": show("sku", sku_id), "allowed": allowed} for sku_id, allowed in over.items())
        )
