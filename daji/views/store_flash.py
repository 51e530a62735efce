"""What the page of a flash sale shows of its goods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Session
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.views.shots import Shot
from daji.views.store_orders import pictures_by_sku


class FlashItem(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU as the sale shows it; `ordinary` is what it costs otherwise, None when it costs nothing else now."""

    sku_id: UUID
    code: str
    titles: dict[str, str]
    option_texts: dict[str, str]
    slug: str | None
    shot: Shot | None
    ordinary: int | None


async def list_items(
    session: Session, *, sku_ids: Sequence[UUID], channel: str, at: datetime
) -> dict[UUID, FlashItem]:
    """The goods by SKU. Three statements."""
    skus = await catalog.skus_for_sale(session, sku_ids=sku_ids)
    prices = await pricing.prices_for(session, sku_ids=sku_ids, channel=channel, at=at)
    pictures = await pictures_by_sku(session, sku_ids)
    return {
        sku.id: FlashItem(
            sku_id=sku.id,
            code=sku.code,
            titles=sku.titles,
            option_texts=sku.option_texts,
            slug=pictures[sku.id].slug if sku.id in pictures else None,
            shot=pictures[sku.id].shot if sku.id in pictures else None,
            ordinary=prices[sku.id].amount if sku.id in prices else None,
        )
        for sku in skus
    }
