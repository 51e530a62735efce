"""Promise goods of one balance to many at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.errors import HoldLimit, StockShort
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import HoldPolicy, HoldWish
from daji.fulfil.inventory.store import crowd
from daji.kit.db import Tx
from daji.kit.ids import show
from daji.kit.problems import KeyReused, Problem

Answer = rules.Verdict | StockShort | HoldLimit


async def hold_many(
    tx: Tx, *, sku_id: UUID, site_id: UUID, wishes: Sequence[HoldWish], policy: HoldPolicy
) -> tuple[rules.Verdict, ...]:
    """Decide wishes for one balance in their order, each for itself; the verdicts, one per wish.

    A wish is made once for its holder: one that holds that much already is granted without holding more, so that
    whoever does not know what became of a wish may bring it again. At most six statements for all.

    Raises
    ------
    Invalid
        For a quantity that is no count.
    """
    for wish in wishes:
        rules.check_qty(wish.qty, "/qty")
    keys = sorted({key for wish in wishes for key in wish.buyer_keys})
    available = await crowd.lock(tx, sku_id=sku_id, site_id=site_id, buyer_keys=keys)
    if available is None:
        return tuple(rules.Verdict(granted=False, left=0) for _ in wishes)
    there = await crowd.standing(tx, sku_id=sku_id, site_id=site_id, holders=[wish.holder for wish in wishes])
    held, on_hand = await crowd.unpaid(tx, sku_id=sku_id, buyer_keys=keys) if keys else ({}, 0)
    verdicts = rules.decide_wishes(
        wishes,
        available=available,
        standing=there,
        unpaid=held,
        allowed=rules.allowed_hold(policy, on_hand),
    )
    granted = [wish for wish, verdict in zip(wishes, verdicts, strict=True) if verdict.fresh]
    if granted:
        written = await crowd.hold_many(tx, sku_id=sku_id, site_id=site_id, wishes=granted)
        if written != len(granted):
            raise AssertionError("the balance changed under its lock")
        tx.emit(StockChanged(sku_ids=(sku_id,)), subject=sku_id, at=granted[-1].now)
    return verdicts


def refusal(sku_id: UUID, site_id: UUID, wish: HoldWish, verdict: rules.Verdict) -> Problem:
    """What a wish that was not granted is told."""
    if verdict.reused:
        return KeyReused()
    if verdict.allowed is not None:
        return HoldLimit(lines=({"sku": show("sku", sku_id), "allowed": verdict.allowed},))
    return StockShort(lines=(rules.told(sku_id, site_id, wanted=wish.qty, available=verdict.left),))
