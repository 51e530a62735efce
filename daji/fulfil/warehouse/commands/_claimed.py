"""What all verbs on pick lists share: lock them, move them on by the table, say why one did not move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn
from uuid import UUID

from daji.fulfil.warehouse import rules, store
from daji.fulfil.warehouse.facts import PickList, Stint, Verb
from daji.fulfil.warehouse.states import PICK_LIST
from daji.kit.db import Tx
from daji.kit.problems import NotFound
from daji.kit.states import IllegalTransition


async def locked(tx: Tx, *, order_ids: Sequence[UUID]) -> dict[UUID, PickList]:
    """The orders' pick lists under their locks. Raises NotFound when one has none."""
    found = await store.lock(tx, order_ids=order_ids)
    if any(order_id not in found for order_id in order_ids):
        raise NotFound
    return found


async def move_on(tx: Tx, stints: Sequence[Stint], *, verb: Verb, transition: str | None = None) -> None:
    """Move the lists of all these orders on by `transition` (the verb itself unless told), by one statement.

    Raises NotFound and IllegalTransition.
    """
    name = transition or verb
    sources = PICK_LIST.sources(name)
    # One verb leads to one status, but for those that leave a list where it is.
    for target, ways in _by_target(name, sources).items():
        moved = await store.claim(tx, stints=stints, sources=ways, target=target, verb=verb)
        stints = [stint for stint in stints if stint.order_id not in moved]
        if not stints:
            return
    await refuse(tx, stints[0].order_id, verb=name)


def _by_target(verb: str, sources: Sequence[str]) -> dict[str, list[str]]:
    ways: dict[str, list[str]] = {}
    for source in sources:
        ways.setdefault(PICK_LIST.after(source, verb), []).append(source)
    return ways


async def refuse(tx: Tx, order_id: UUID, *, verb: str) -> NoReturn:
    """Say why a list did not move. Raises NotFound, NotPicked, IllegalTransition."""
    pick_list = (await locked(tx, order_ids=[order_id]))[order_id]
    if verb == "pack":
        rules.check_packable(pick_list)
    raise IllegalTransition(status=pick_list.status, verb=verb)
