"""Say no to a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.care.aftersales import store
from daji.care.aftersales.commands.moving import take_step
from daji.care.aftersales.errors import BadCase
from daji.care.aftersales.facts import Case
from daji.care.aftersales.rules import MAX_NOTE
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem


async def reject(tx: Tx, *, case_id: UUID, why: str, by: str, now: datetime) -> Case:
    """Move requested to rejected; the buyer reads `why`, so there must be one.

    Raises
    ------
    NoCase, IllegalTransition
    BadCase
        For no reason, or one above the limit.
    """
    if not why.strip() or len(why) > MAX_NOTE or "\x00" in why:
        raise BadCase(
            fields=(FieldProblem(pointer="/why", code="aftersales.text", params={"maximum": MAX_NOTE}),)
        )
    return await take_step(tx, await store.lock(tx, case_id), "reject", by=by, note=why, now=now)
