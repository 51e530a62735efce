"""Promise goods to an order that is not yet paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.errors import HoldLimit, StockShort
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import HoldLine, HoldPolicy, Promise
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
    """Promise all lines of one holder or none, as `hold_each` does."""
    promise = Promise(
        holder=holder, lines=tuple(lines), buyer_keys=tuple(buyer_keys), expires_at=expires_at, at=now
    )
    await hold_each(tx, promises=[promise], policy=policy)


async def hold_each(tx: Tx, *, promises: Sequence[Promise], policy: HoldPolicy) -> None:
    """Promise all lines of all holders or none, in one statement; a second one judges the buyers' limits (U-14).

    A holder is named once.

    Raises
    ------
    Invalid
        For an empty list or a quantity that is no count.
    StockShort
        With every balance that is short of what all want together; nothing is changed.
    HoldLimit
        With every SKU that is over; the caller's transaction must roll back.
    """
    wanted = [
        msgspec.structs.replace(
            one, lines=rules.merged(one.lines), buyer_keys=tuple(sorted(set(one.buyer_keys)))
        )
        for one in promises
    ]
    short = await holds.hold(tx, wanted)
    if short:
        raise StockShort(
            lines=tuple(
                rules.told(line.sku_id, line.site_id, wanted=line.wanted, available=line.there)
                for line in short
            )
        )
    limited = [one for one in wanted if one.buyer_keys]
    if limited:
        await _check_limits(tx, limited, policy=policy)
    for one in wanted:
        tx.emit(
            StockChanged(sku_ids=rules.distinct(line.sku_id for line in one.lines)),
            subject=one.holder,
            at=one.at,
        )


async def _check_limits(tx: Tx, promises: Sequence[Promise], *, policy: HoldPolicy) -> None:
    of_holder: dict[UUID, list[holds.Total]] = {}
    for total in await holds.buyer_totals(tx, promises):
        of_holder.setdefault(total.holder, []).append(total)
    for totals in of_holder.values():
        over = rules.over_limit(
            policy,
            on_hand={total.sku_id: total.on_hand for total in totals},
            pending={total.sku_id: total.pending for total in totals},
        )
        if over:
            raise HoldLimit(
                lines=tuple(
                    {"sku": show("sku", sku_id), "allowed": allowed} for sku_id, allowed in over.items()
                )
            )
