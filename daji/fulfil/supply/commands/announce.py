"""A supplier says what will come."""

from __future__ import annotations

from datetime import datetime

from daji.fulfil.inventory import api as inventory
from daji.fulfil.supply import rules, store
from daji.fulfil.supply.errors import NoticeKnown
from daji.fulfil.supply.facts import NewNotice, Notice
from daji.fulfil.supply.queries import get_notice
from daji.kit import ids
from daji.kit.db import Tx


async def announce(tx: Tx, *, notice: NewNotice, by: str, now: datetime) -> Notice:
    """Keep a notice. Raises Invalid, inventory.UnknownSite, and NoticeKnown for a number that came before."""
    rules.check_notice(notice)
    if notice.site_id not in {site.id for site in await inventory.sites(tx)}:
        raise inventory.UnknownSite
    notice_id = ids.new_id()
    if not await store.add(tx, notice_id=notice_id, given=notice, by=by, now=now):
        raise NoticeKnown(number=notice.number)
    return await get_notice(tx, notice_id=notice_id)
