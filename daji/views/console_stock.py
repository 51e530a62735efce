"""Stock as the console shows it: balances and ledger lines with the words for goods and places."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.inventory import api as inventory
from daji.kit import ids
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size
from daji.kit.problems import Problem
from daji.shop.catalog import api as catalog

_MAX_TEXT = 100
_MANY = 5_000
_SCARCE_BELOW = 11
"""Whoever has fewer pieces left is scarce (`inventory/tables.py`)."""

SQL_BALANCE_ROWS = """
SELECT b.sku_id, b.site_id, b.on_hand, b.held, b.quarantined, s.code AS sku_code, p.id AS product_id,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       w.code AS site_code, w.name AS site_name
  FROM inventory.balance b
  JOIN inventory.site w ON w.id = b.site_id
  LEFT JOIN catalog.sku s ON s.id = b.sku_id
  LEFT JOIN catalog.product p ON p.id = s.product_id
 WHERE ($1::uuid IS NULL OR b.site_id = $1)
   AND ($2::uuid[] IS NULL OR b.sku_id = ANY($2))
   AND ($3::text IS NULL OR p.search_text LIKE $3)
   AND (NOT $4 OR b.on_hand - b.held <= 0)
   AND ($8::bigint IS NULL OR b.on_hand - b.held < $8)
   AND ($5::uuid IS NULL OR (b.sku_id, b.site_id) > ($5, $6::uuid))
 ORDER BY b.sku_id, b.site_id LIMIT $7
"""
# The few that can meet it are read from where triggers mark them, whatever else there is.
SQL_SCARCE_ROWS = """
SELECT b.sku_id, b.site_id, b.on_hand, b.held, b.quarantined, s.code AS sku_code, p.id AS product_id,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       w.code AS site_code, w.name AS site_name
  FROM inventory.scarce c
  JOIN inventory.balance b ON b.sku_id = c.sku_id AND b.site_id = c.site_id
  JOIN inventory.site w ON w.id = b.site_id
  LEFT JOIN catalog.sku s ON s.id = b.sku_id
  LEFT JOIN catalog.product p ON p.id = s.product_id
 WHERE ($1::uuid IS NULL OR c.site_id = $1)
   AND b.on_hand - b.held < $2
   AND ($3::uuid IS NULL OR (c.sku_id, c.site_id) > ($3, $4::uuid))
 ORDER BY c.sku_id, c.site_id LIMIT $5
"""
SQL_SKUS_OF_CODE = """
SELECT s.id FROM catalog.sku s WHERE s.code = $1
UNION SELECT s.id FROM catalog.product p JOIN catalog.sku s ON s.product_id = p.id WHERE p.code = $1
"""
SQL_SKUS_OF_WORDS = """
SELECT s.id FROM (SELECT p.id FROM catalog.product p
                   WHERE catalog.grams(p.search_text) @> $1::text[] AND p.search_text LIKE $2 LIMIT $3) w
  JOIN catalog.sku s ON s.product_id = w.id LIMIT $3
"""
# The page is chosen first, so that only its lines are reckoned back from today's balance.
SQL_MOVEMENT_ROWS = """
WITH page AS MATERIALIZED (
  SELECT m.seq, m.sku_id, m.site_id, m.kind, m.delta_on_hand, m.delta_held, m.delta_quarantined, m.ref, m.reason,
         m.note, m.by, m.at
    FROM inventory.movement m
   WHERE ($1::uuid IS NULL OR m.site_id = $1)
     AND ($2::text IS NULL OR m.sku_id = ANY(ARRAY(SELECT k.id FROM catalog.sku k WHERE k.code = $2 OR k.barcode = $2)))
     AND ($3::text IS NULL OR m.kind = $3)
     AND ($4::bigint IS NULL OR m.seq < $4)
     AND ($6::timestamptz IS NULL OR m.at >= $6)
     AND ($7::timestamptz IS NULL OR m.at < $7)
     AND ($8::text IS NULL OR m.ref = ANY(ARRAY(SELECT $8 UNION ALL
          SELECT t.id::text FROM orders.trade t WHERE t.number = upper($8) OR t.id = $9::uuid)))
   ORDER BY m.seq DESC LIMIT $5
)
SELECT p.*, s.code AS sku_code, w.code AS site_code, w.name AS site_name, t.number AS trade_number, a.name AS who,
       b.on_hand - later.on_hand AS on_hand_after, b.held - later.held AS held_after,
       b.quarantined - later.quarantined AS quarantined_after
  FROM page p
  JOIN inventory.site w ON w.id = p.site_id
  JOIN inventory.balance b ON b.sku_id = p.sku_id AND b.site_id = p.site_id
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(x.delta_on_hand), 0)::bigint AS on_hand, coalesce(sum(x.delta_held), 0)::bigint AS held,
              coalesce(sum(x.delta_quarantined), 0)::bigint AS quarantined
         FROM inventory.movement x WHERE x.sku_id = p.sku_id AND x.site_id = p.site_id AND x.seq > p.seq) later
  LEFT JOIN catalog.sku s ON s.id = p.sku_id
  LEFT JOIN orders.trade t ON t.id = CASE WHEN p.ref ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN p.ref::uuid END
  LEFT JOIN identity.account a ON a.id = CASE WHEN p.by ~ '^staff:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                              THEN substr(p.by, 7)::uuid END
 ORDER BY p.seq DESC
"""


SQL_SKU = """
SELECT s.id, s.code, s.barcode, p.id AS product_id,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles
  FROM catalog.sku s JOIN catalog.product p ON p.id = s.product_id
 WHERE s.id = $1 OR ($1 IS NULL AND (s.code = $2 OR s.barcode = $2)) ORDER BY s.code LIMIT 1
"""


class BalanceRow(msgspec.Struct, frozen=True, kw_only=True):
    """What lies where, in pieces; the words are None for goods that the catalogue does not know."""

    sku_id: UUID
    sku_code: str | None
    product_id: UUID | None
    titles: dict[str, str] | None
    site_id: UUID
    site_code: str
    site_name: str
    on_hand: int
    held: int
    quarantined: int
    available: int


class MovementRow(msgspec.Struct, frozen=True, kw_only=True):
    """One ledger line with words, and the balance of its SKU at its place right after it.

    `trade_number` is set when the line belongs to an order, `who` is the name of whoever of the staff it was.
    """

    seq: int
    sku_id: UUID
    sku_code: str | None
    site_id: UUID
    site_code: str
    site_name: str
    kind: str
    delta_on_hand: int
    delta_held: int
    delta_quarantined: int
    ref: str
    reason: str
    note: str
    by: str
    who: str | None
    at: datetime
    trade_number: str | None
    on_hand_after: int
    held_after: int
    quarantined_after: int


class SkuWords(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    code: str
    barcode: str | None
    product_id: UUID
    titles: dict[str, str]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU with its balances, all places, and the last lines of its ledger; `sku` None while none is chosen."""

    sku: SkuWords | None
    sites: tuple[inventory.Site, ...]
    balances: tuple[inventory.Availability, ...]
    movements: tuple[MovementRow, ...]


def _searchable(text: str | None) -> str | None:
    return (text or "").replace("\0", "").strip()[:_MAX_TEXT] or None


async def list_balances(
    session: Session,
    *,
    site_id: UUID | None = None,
    text: str | None = None,
    only_out: bool = False,
    below: int | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[BalanceRow]:
    """Balances; `text` is a SKU or product code, which is then all that is looked for, or a part of a title.

    `only_out` leaves what is sold out, `below` what has fewer pieces to sell than that.
    """
    size = page_size(limit)
    after = Cursor.decode(cursor, (UUID, UUID)) if cursor else (None, None)
    wanted = _searchable(text)
    fewer = min(1 if only_out else _SCARCE_BELOW + 1, _SCARCE_BELOW + 1 if below is None else below)
    if wanted is None and fewer <= _SCARCE_BELOW:
        rows = await session.rows(SQL_SCARCE_ROWS, site_id, fewer, after[0], after[1], size + 1)
    else:
        chosen, pattern = await _meant(session, wanted) if wanted else (None, None)
        rows = await session.rows(
            SQL_BALANCE_ROWS, site_id, chosen, pattern, only_out, after[0], after[1], size + 1, below
        )
    items = tuple(BalanceRow(**dict(row), available=row["on_hand"] - row["held"]) for row in rows[:size])
    more = len(rows) > size
    return Page(
        items=items, next_cursor=Cursor.encode((items[-1].sku_id, items[-1].site_id)) if more else None
    )


async def _meant(session: Session, text: str) -> tuple[list[UUID] | None, str | None]:
    """SKUs that a text means, by code or by words; or a pattern, where so many have it that a walk soon meets them."""
    coded = [row["id"] for row in await session.rows(SQL_SKUS_OF_CODE, text)]
    grams, pattern = catalog.grams(text), catalog.pattern(text)
    if coded or not grams:
        return (coded, None) if coded else (None, pattern)
    found = await session.rows(SQL_SKUS_OF_WORDS, grams, pattern, _MANY + 1)
    return (None, pattern) if len(found) > _MANY else ([row["id"] for row in found], None)


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for in the ledger; None does not matter. The period is half-open.

    `ref` is a reference as it was written (a delivery note, a case), or the number or id of an order.
    """

    site_id: UUID | None = None
    sku_code: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    ref: str | None = None


async def list_movements(
    session: Session, *, search: Search, cursor: str | None = None, limit: int | None = None
) -> Page[MovementRow]:
    """Ledger lines, newest first, each with the balance after it."""
    size = page_size(limit)
    before = Cursor.decode(cursor, (int,))[0] if cursor else None
    ref = _searchable(search.ref)
    rows = await session.rows(
        SQL_MOVEMENT_ROWS,
        search.site_id,
        _searchable(search.sku_code),
        search.kind,
        before,
        size + 1,
        search.since,
        search.until,
        ref,
        _trade_id(ref),
    )
    items = tuple(MovementRow(**dict(row)) for row in rows[:size])
    return Page(items=items, next_cursor=Cursor.encode((items[-1].seq,)) if len(rows) > size else None)


def _trade_id(ref: str | None) -> UUID | None:
    try:
        return ids.read("trd", ref) if ref else None
    except Problem:
        return None


async def get_change(session: Session, *, sku_id: UUID | None = None, sku_code: str | None = None) -> Change:
    """A SKU by id, code or barcode; one that nobody knows leaves `sku` None."""
    wanted = _searchable(sku_code)
    row = await session.row(SQL_SKU, sku_id, wanted) if sku_id or wanted else None
    sites = tuple(site for site in await inventory.sites(session) if site.active)
    if row is None:
        return Change(sku=None, sites=sites, balances=(), movements=())
    balances = await inventory.list_balances(session, sku_ids=[row["id"]], limit=100)
    movements = await list_movements(session, search=Search(sku_code=row["code"]), limit=20)
    return Change(sku=SkuWords(**dict(row)), sites=sites, balances=balances.items, movements=movements.items)
