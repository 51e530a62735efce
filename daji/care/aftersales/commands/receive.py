"""Look at what came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from daji.care.aftersales import rules, store
from daji.care.aftersales.commands.moving import take_step
from daji.care.aftersales.facts import Case
from daji.kit.db import Tx


async def receive(
    tx: Tx, *, case_id: UUID, grades: Mapping[UUID, str], site_id: UUID | None, by: str, now: datetime
) -> Case:
    """Move approved to received, with a grade for each unit (unit id to restock, quarantine or scrap).

    `site_id` is where the goods are; None only when all are scrap.

    Raises
    ------
    NoCase, IllegalTransition, BadGrades
    """
    case = await store.lock(tx, case_id)
    # Asked before the grades are judged: on a case in another status no grade is right.
    rules.after(case, "receive")
    rules.check_grades(case, grades, site_id)
    await store.grade(tx, case_id, grades)
    return await take_step(tx, case, "receive", by=by, site_id=site_id, now=now)
