"""Lists of the storefront by words and facets: the index says which and in what order, the database what they cost.

While a process still builds its index, the same questions are answered by SQL, without facets.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit.db import Session
from daji.kit.paging import BadCursor, Cursor
from daji.kit.paging import limit as page_size
from daji.kit.problems import FieldProblem, Invalid, NotFound
from daji.shop.search import api as search
from daji.trade.cart.api import Owner
from daji.views import store_cards
from daji.views.store_shell import Here, Shell, get_shell

PER_PAGE = 24
"""Goods of a page: whole rows of two, three and four."""
_CURSOR = "found"
_MANY = 20_000


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list. `total` None: not counted. `how` says what had to be forgiven, see `search.How`."""

    cards: tuple[store_cards.Card, ...]
    next_cursor: str | None
    total: int | None
    facets: tuple[search.Facet, ...]
    how: search.How
    sort: str
    filters: search.Filters
    reasons: dict[UUID, search.Reason]


class CategoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """`shell` is the frame of this very page, read together with it."""

    here: Here
    listing: Listing
    shell: Shell


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    listing: Listing
    shell: Shell


async def get_category_page(
    session: Session,
    index: search.Index,
    *,
    slug: str,
    owner: Owner | None,
    channel: str,
    at: datetime,
    filters: search.Filters,
    sort: str = "rank",
    cursor: str | None = None,
) -> CategoryPage:
    """A category, a page of its products and what they can be narrowed by. Two statements.

    Raises
    ------
    NotFound
        For an unknown slug.
    Invalid, kit.paging.BadCursor
        As `list_found`.
    """
    if not (slug.isascii() and slug.isprintable()):
        raise NotFound(kind="category")
    shell = await get_shell(session, owner=owner, channel=channel, category=slug)
    if shell.here is None:
        raise NotFound(kind="category")
    within = msgspec.structs.replace(filters, category_id=shell.here.id)
    listing = await list_found(
        session,
        index,
        text=None,
        channel=channel,
        at=at,
        filters=within,
        sort=sort,
        cursor=cursor,
        limit=PER_PAGE,
    )
    return CategoryPage(here=shell.here, listing=listing, shell=shell)


async def get_search_page(
    session: Session,
    index: search.Index,
    *,
    text: str,
    owner: Owner | None,
    channel: str,
    at: datetime,
    filters: search.Filters,
    sort: str = "rank",
    cursor: str | None = None,
) -> SearchPage:
    """What was found for some words, with its frame. Two statements; raises as `list_found`."""
    listing = await list_found(
        session,
        index,
        text=text,
        channel=channel,
        at=at,
        filters=filters,
        sort=sort,
        cursor=cursor,
        limit=PER_PAGE,
    )
    return SearchPage(listing=listing, shell=await get_shell(session, owner=owner, channel=channel))


async def list_found(
    session: Session,
    index: search.Index,
    *,
    text: str | None,
    channel: str,
    at: datetime,
    filters: search.Filters,
    sort: str = "rank",
    cursor: str | None = None,
    limit: int | None = None,
    explain: bool = False,
) -> Listing:
    """Products that match, a page at a time, priced and counted live; with `explain`, why they do. One statement.

    Raises
    ------
    Invalid
        For an unknown order, a text that nothing can be called, or filters nobody chooses by hand.
    kit.paging.BadCursor
        For a cursor of another list, or beyond what anybody reads.
    """
    wanted = store_cards.clean_text(text)
    if sort not in search.SORTS:
        raise Invalid(
            fields=(FieldProblem(pointer="sort", code="unknown_value", params={"allowed": search.SORTS}),)
        )
    filters.check()
    given: dict[str, Any] = {"text": wanted, "filters": filters, "sort": sort, "limit": page_size(limit)}
    if not index.ready:
        if len(index) > _MANY and sort != "title":
            # By price, every one of them would be priced first.
            given["sort"] = store_cards.SORTS[0]
        return await _by_sql(session, channel=channel, at=at, cursor=cursor, **given)
    return await _by_index(session, index, channel=channel, at=at, cursor=cursor, explain=explain, **given)


def suggest(index: search.Index, *, text: str, lang: str, limit: int = 8) -> search.Suggestions:
    """What somebody who typed so far might mean; nothing for a text that nothing can be called. No statement."""
    try:
        wanted = store_cards.clean_text(text) or ""
    except Invalid:
        return search.Suggestions()
    return index.suggest(text=wanted, lang=lang, limit=limit)


async def _by_index(
    session: Session,
    index: search.Index,
    *,
    text: str | None,
    channel: str,
    at: datetime,
    filters: search.Filters,
    sort: str,
    cursor: str | None,
    limit: int,
    explain: bool,
) -> Listing:
    offset = 0
    if cursor:
        kind, of, offset = Cursor.decode(cursor, (str, str, int))
        if (kind, of) != (_CURSOR, sort) or not 0 <= offset <= search.MAX_OFFSET:
            raise BadCursor
    found = index.find(text=text, filters=filters, sort=sort, offset=offset, limit=limit, explain=explain)
    cards = await store_cards.cards(session, product_ids=found.product_ids, channel=channel, at=at)
    upto = offset + limit
    more = upto < found.total and upto <= search.MAX_OFFSET
    return Listing(
        cards=cards,
        next_cursor=Cursor.encode((_CURSOR, sort, upto)) if more else None,
        total=found.total,
        facets=found.facets,
        how=found.how,
        sort=sort,
        filters=filters,
        reasons=found.reasons,
    )


async def _by_sql(
    session: Session,
    *,
    text: str | None,
    channel: str,
    at: datetime,
    filters: search.Filters,
    sort: str,
    cursor: str | None,
    limit: int,
) -> Listing:
    if cursor and _is_of_index(cursor):
        # Given out by a process whose index stands; the first page is the better answer than a refusal.
        cursor = None
    page = await store_cards.list_cards(
        session,
        channel=channel,
        at=at,
        category_id=filters.category_id,
        text=text,
        sort=sort if sort in store_cards.SORTS else store_cards.SORTS[0],
        cursor=cursor,
        limit=limit,
    )
    return Listing(
        cards=tuple(card for card in page.items if card.lowest is not None),
        next_cursor=page.next_cursor,
        total=None,
        facets=(),
        how="all" if text is None else "exact",
        sort=sort,
        filters=filters,
        reasons={},
    )


def _is_of_index(cursor: str) -> bool:
    try:
        return Cursor.decode(cursor, (str, str, int))[0] == _CURSOR
    except BadCursor:
        return False
