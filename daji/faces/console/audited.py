"""Every write of staff leaves an entry in the audit log: who, what, on what, before and after.

A write that is one command of one room is written together with its entry, in one transaction: neither stands without
the other. A journey has transactions of its own; its entry is written beside it, once for its idempotency key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from daji.base.audit import api as audit
from daji.boot import House
from daji.faces.console.asking import Actor, RunKey
from daji.faces.console.wire import to_wire
from daji.kit import runs
from daji.kit.db import Database, Tx
from daji.kit.problems import Unavailable

T = TypeVar("T")
Work = Callable[[Tx], Awaitable[T]]

RETRY_SECONDS = 5

_SECRETS = frozenset({"password", "token", "old_password", "new_password"})


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What is done to what: `action` as `room.verb`, `subject` the shown id or code; "" when it is only being made.

    `given` is what was asked for; it is kept with the entry, and an idempotency key is good for it alone.
    """

    action: str
    kind: str
    subject: str = ""
    given: Any = None


async def write(
    house: House, actor: Actor, deed: Deed, work: Work[T], *, now: datetime, before: Work[Any] | None = None
) -> T:
    """Do one room command and record it, in one transaction; `before` reads what it was in the same one."""

    async def both(tx: Tx) -> T:
        was = await before(tx) if before is not None else None
        value = await work(tx)
        await _record(tx, actor, deed, before=was, after=value, now=now)
        return value

    return await house.db.run(both)


async def write_once(
    house: House, actor: Actor, once: RunKey, deed: Deed, work: Work[T], *, gives: type[T], now: datetime
) -> T:
    """Like `write`, for stock and money: the same idempotency key gives the same answer and does nothing twice.

    Raises
    ------
    kit.problems.KeyReused
        The key came before with another action or other input (`deed.given`).
    """

    async def body(run: runs.Run, _db: Database, _given: dict[str, Any]) -> T:
        async def both(tx: Tx) -> T:
            value = await work(tx)
            await _record(tx, actor, deed, before=None, after=value, now=run.now)
            return value

        return await run.local("write", gives, both, final=True)

    flow = runs.Flow(name=f"console.{deed.action}", takes=dict[str, Any], gives=gives, body=body)
    given = {"subject": deed.subject, "given": to_wire(deed.given)}
    return await runs.start(house.db, flow, house.db, given, scope=once.scope, key=once.key, now=now)


async def beside(
    house: House, actor: Actor, once: RunKey, deed: Deed, done: Awaitable[T], *, now: datetime
) -> T:
    """Wait for a journey, then record it; asked again with the same key, there is still one entry.

    Raises
    ------
    kit.problems.Unavailable
        The outside is silent; nothing is lost, the same key asks again.
    """
    try:
        value = await done
    except runs.TryLater as silent:
        # The outside did not answer: the same key, sent again, finds out what became of it.
        raise Unavailable(retry_after=RETRY_SECONDS) from silent

    async def body(run: runs.Run, _db: Database, _given: dict[str, Any]) -> None:
        async def one(tx: Tx) -> None:
            await _record(tx, actor, deed, before=None, after=value, now=run.now)

        await run.local("record", type(None), one, final=True)

    flow = runs.Flow(name="console.audit", takes=dict[str, Any], gives=type(None), body=body)
    given = {"action": deed.action, "subject": deed.subject}
    await runs.start(house.db, flow, house.db, given, scope=f"audit:{once.scope}", key=once.key, now=now)
    return value


async def note(house: House, actor: Actor, deed: Deed, *, now: datetime) -> None:
    """Record something that a room did in transactions of its own, such as signing in."""

    async def one(tx: Tx) -> None:
        await _record(tx, actor, deed, before=None, after=None, now=now)

    await house.db.run(one)


async def _record(tx: Tx, actor: Actor, deed: Deed, *, before: Any, after: Any, now: datetime) -> None:
    subject = deed.subject
    shown_after = _told(after)
    if not subject and shown_after is not None:
        subject = str(shown_after.get("id") or shown_after.get("code") or "")
    if deed.given is not None:
        shown_after = {**(shown_after or {}), "asked": _told(deed.given)}
    await audit.record(
        tx,
        staff_id=actor.staff_id,
        action=deed.action,
        subject_kind=deed.kind,
        subject_id=subject,
        before=_told(before),
        after=shown_after,
        request_id=actor.request_id,
        ip=actor.ip,
        now=now,
    )


def _told(value: Any) -> dict[str, Any] | None:
    """Plain data without secrets, an object at the top."""
    if value is None:
        return None
    plain = msgspec.to_builtins(to_wire(value))
    if isinstance(plain, dict):
        return {name: inner for name, inner in plain.items() if name not in _SECRETS}
    return {"value": plain}
