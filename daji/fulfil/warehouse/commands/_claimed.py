"""What all verbs on a pick list share: lock it, and move it on by the table."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.warehouse import store
from daji.fulfil.warehouse.facts import PickList, Verb
from daji.fulfil.warehouse.states import PICK_LIST
from daji.kit.db import Session, Tx
from daji.kit.problems import NotFound
from daji.kit.states import IllegalTransition


async def locked(tx: Tx, *, order_id: UUID) -> PickList:
    """The order's pick list under its lock. Raises NotFound."""
    found = await store.lock(tx, order_id=order_id)
    if found is None:
        raise NotFound
    return found


async def again(session: Session, *, order_id: UUID) -> PickList:
    """The order's pick list as it is now. Raises NotFound."""
    found = await store.find(session, order_id=order_id)
    if found is None:
        raise NotFound
    return found


async def move_on(
    tx: Tx, pick_list: PickList, *, verb: Verb, by: str, now: datetime, transition: str | None = None
) -> None:
    """Move the list on by `transition` (the verb itself unless told). Raises IllegalTransition."""
    name = transition or verb
    target = PICK_LIST.after(pick_list.status, name)
    moved = await store.claim(
        tx,
        pick_list_id=pick_list.id,
        sources=PICK_LIST.sources(name),
        target=target,
        verb=verb,
        by=by,
        now=now,
    )
    if not moved:
        raise IllegalTransition(status=pick_list.status, verb=name)
