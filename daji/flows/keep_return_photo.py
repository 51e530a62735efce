"""A shopper shows a picture of what they send back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.base.media import api as media
from daji.base.media.ports import Storage
from daji.care.aftersales import api as aftersales
from daji.flows.context import Context
from daji.kit import ids
from daji.trade.cart.api import Owner


async def keep_return_photo(
    ctx: Context,
    *,
    storage: Storage,
    case_id: UUID,
    owner: Owner,
    by: str,
    content: bytes,
    declared_type: str,
    now: datetime,
) -> media.Media:
    """Keep the picture for the return it belongs to; only its buyer and staff who see returns may look at it.

    Raises
    ------
    aftersales.NoCase
        For another's return.
    media.TooLarge, media.UnsupportedType, media.TypeMismatch, media.Unreadable, media.QuotaExceeded
    """
    async with ctx.db.read() as session:
        case = await aftersales.get_case(session, case_id=case_id, owner=owner)
    return await media.store(
        ctx.db,
        storage=storage,
        content=content,
        declared_type=declared_type,
        owner=by,
        purpose=f"return:{ids.show('cas', case.id)}",
        now=now,
        private=True,
    )
