"""Questions to the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.kit.db import Session
from daji.kit.paging import BadCursor, Cursor, Page
from daji.kit.paging import limit as page_size
from daji.kit.problems import FieldProblem, Invalid, NotFound
from daji.shop.catalog import naming, rules
from daji.shop.catalog.facts import Brand, Category, HistoryEntry, Product, ProductCard, SkuForSale
from daji.shop.catalog.store import lists, products, tree

SORTS = tuple(lists.SORTS)
"""Sort keys of `list_products`."""

MAX_TEXT = 200


async def get_product(session: Session, *, product_id: UUID) -> Product:
    """Raise NotFound for an unknown id."""
    found = await products.product(session, product_id)
    if found is None:
        raise NotFound(kind="product")
    return found


async def find_product_by_slug(session: Session, *, slug: str) -> Product | None:
    return await products.product_by_slug(session, slug) if naming.SLUG.fullmatch(slug) else None


async def skus_for_sale(session: Session, *, sku_ids: Sequence[UUID]) -> tuple[SkuForSale, ...]:
    """What carts and orders need of these SKUs, sellable or not; unknown ids are absent. One statement."""
    return await products.for_sale(session, sku_ids)


async def sku_ids_by_code(session: Session, *, codes: Sequence[str]) -> dict[str, UUID]:
    """Ids of the SKUs with these codes; unknown codes are absent. One statement."""
    return await products.sku_ids(session, codes)


async def list_sku_ids(session: Session, *, product_ids: Sequence[UUID]) -> tuple[UUID, ...]:
    """The active SKUs of these products. One statement."""
    return tuple(await products.active_sku_ids(session, product_ids))


async def list_products(
    session: Session,
    *,
    category_id: UUID | None = None,
    brand_id: UUID | None = None,
    seller_id: UUID | None = None,
    status: str | None = None,
    text: str | None = None,
    sort: str = "newest",
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[ProductCard]:
    """Products that meet all that is given; `category_id` stands for its whole subtree.

    `text` is looked for in titles, subtitles and the product code, or is a whole code of a SKU. One with a digit that is
    a code as a whole finds what bears it and nothing else.

    Raises
    ------
    Invalid
        A sort key that is not in `SORTS`, a text over 200 characters.
    BadCursor
        A cursor of another list or sort order.
    """
    if sort not in lists.SORTS:
        raise Invalid(
            fields=(FieldProblem(pointer="sort", code="unknown_value", params={"allowed": list(SORTS)}),)
        )
    text = (text or "").strip() or None
    if text is not None and (len(text) > MAX_TEXT or not rules.storable(text)):
        raise Invalid(fields=(FieldProblem(pointer="text", code="too_long", params={"maximum": MAX_TEXT}),))
    size = page_size(limit)
    after = Cursor.decode(cursor, (str, lists.SORTS[sort][2], UUID)) if cursor else None
    if after is not None and after[0] != sort:
        raise BadCursor
    pattern, chosen = await _meant(session, text) if text else (None, None)
    if chosen is not None and not chosen and pattern is None:
        return Page(items=(), next_cursor=None)
    narrow = lists.Filter(
        category_id=category_id,
        brand_id=brand_id,
        seller_id=seller_id,
        status=status,
        text_pattern=pattern,
        product_ids=chosen or None,
    )
    rows = await lists.cards(
        session, narrow=narrow, sort=sort, after=(after[1], after[2]) if after else None, limit=size + 1
    )
    items = tuple(card for card, _ in rows[:size])
    more = len(rows) > size
    return Page(
        items=items,
        next_cursor=Cursor.encode((sort, rows[size - 1][1], items[-1].id)) if more else None,
    )


async def _meant(session: Session, text: str) -> tuple[str | None, list[UUID]]:
    """What of a text is still to be looked for on the way (a LIKE pattern), and products that are meant anyhow."""
    found = await lists.matches(session, text=text)
    if found.worded is None:
        return naming.pattern(text), found.coded
    return None, [*found.coded, *found.worded]


async def list_meant(session: Session, *, text: str) -> tuple[UUID, ...] | None:
    """Products whose words or codes have a text; None where they are too many or it is too short. One statement."""
    found = await lists.matches(session, text=text)
    return None if found.worded is None else (*found.coded, *found.worded)


async def list_categories(session: Session) -> tuple[Category, ...]:
    """The whole tree, parents before children, siblings by position."""
    return await tree.categories(session)


async def get_category(session: Session, *, category_id: UUID) -> Category:
    """Raise NotFound for an unknown id."""
    found = await tree.category(session, category_id)
    if found is None:
        raise NotFound(kind="category")
    return found


async def list_brands(
    session: Session, *, cursor: str | None = None, limit: int | None = None
) -> Page[Brand]:
    """Brands by code."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (str,))[0] if cursor else None
    rows = await tree.brands(session, after=after, limit=size + 1)
    more = len(rows) > size
    return Page(items=tuple(rows[:size]), next_cursor=Cursor.encode((rows[size - 1].code,)) if more else None)


async def list_history(
    session: Session, *, product_id: UUID, cursor: str | None = None, limit: int | None = None
) -> Page[HistoryEntry]:
    """What was done to a product, the last first."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (UUID,))[0] if cursor else None
    rows = await products.history(session, product_id=product_id, after=after, limit=size + 1)
    more = len(rows) > size
    return Page(items=tuple(rows[:size]), next_cursor=Cursor.encode((rows[size - 1].id,)) if more else None)
