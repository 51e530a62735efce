"""All SQL of pricing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Row, Session, Tx
from daji.shop.pricing.facts import Channel, Price, PriceList, PriceRecord

SQL_SAVE_CHANNEL = """
INSERT INTO pricing.channel (code, name, currency, lang, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, lang = excluded.lang, currency = excluded.currency
 WHERE (channel.name, channel.lang, channel.currency) IS DISTINCT FROM
       (excluded.name, excluded.lang, excluded.currency)
   AND (channel.currency = excluded.currency
        OR NOT EXISTS (SELECT FROM pricing.price_list l WHERE l.channel = excluded.code))
"""
SQL_CHANNEL = "SELECT code, name, currency, lang FROM pricing.channel WHERE code = $1"
SQL_CHANNELS = "SELECT code, name, currency, lang FROM pricing.channel ORDER BY code"

SQL_SAVE_LIST = """
INSERT INTO pricing.price_list (id, code, channel, currency, priority, created_at)
SELECT $1, $2, c.code, $4, $5, $6 FROM pricing.channel c WHERE c.code = $3 AND c.currency = $4
ON CONFLICT (code) DO UPDATE SET priority = excluded.priority
 WHERE price_list.priority <> excluded.priority AND price_list.channel = excluded.channel
"""
SQL_LIST_BY_CODE = "SELECT id, code, channel, currency, priority FROM pricing.price_list WHERE code = $1"
SQL_LIST = "SELECT id, code, channel, currency, priority FROM pricing.price_list WHERE id = $1"
SQL_LISTS = """
SELECT id, code, channel, currency, priority FROM pricing.price_list
 WHERE $1::text IS NULL OR channel = $1 ORDER BY channel, priority DESC, code
"""
SQL_LOCK_LIST = """
SELECT id, code, channel, currency, priority FROM pricing.price_list WHERE id = $1 FOR NO KEY UPDATE
"""
SQL_STANDING = """
SELECT id, list_id, sku_id, amount, compare_at, valid_from, valid_to FROM pricing.price
 WHERE list_id = $1 AND sku_id = ANY($2::uuid[]) AND withdrawn_at IS NULL
   AND (valid_to IS NULL OR valid_to > $3) AND ($4::timestamptz IS NULL OR valid_from < $4)
 ORDER BY sku_id, valid_from
"""
SQL_END = """
WITH cut AS (
    UPDATE pricing.price p SET valid_to = u.ends
      FROM unnest($1::uuid[], $2::timestamptz[]) AS u(id, ends) WHERE p.id = u.id
)
UPDATE pricing.price SET withdrawn_at = $4 WHERE id = ANY($3::uuid[])
"""
SQL_INSERT = """
INSERT INTO pricing.price (id, list_id, sku_id, amount, compare_at, valid_from, valid_to, made_by, made_at)
SELECT u.id, $1, u.sku_id, u.amount, u.compare_at, u.starts, u.ends, $8, $9
  FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::timestamptz[])
       AS u(id, sku_id, amount, compare_at, starts, ends)
"""
SQL_IN_FORCE = """
SELECT DISTINCT ON (p.sku_id) p.id, p.list_id, p.sku_id, p.amount, p.compare_at, p.valid_from, p.valid_to
  FROM pricing.price p JOIN pricing.price_list l ON l.id = p.list_id
 WHERE p.sku_id = ANY($1::uuid[]) AND l.channel = $2 AND p.withdrawn_at IS NULL
   AND p.valid_from <= $3 AND (p.valid_to IS NULL OR p.valid_to > $3)
 ORDER BY p.sku_id, l.priority DESC, l.code
"""
SQL_OFFERS = """
SELECT c.code, c.name, c.currency, c.lang, p.id, p.list_id, p.sku_id, p.amount, p.compare_at, p.valid_from, p.valid_to
  FROM pricing.channel c
  LEFT JOIN (SELECT DISTINCT ON (f.sku_id) f.id, f.list_id, f.sku_id, f.amount, f.compare_at, f.valid_from, f.valid_to
               FROM pricing.price f JOIN pricing.price_list l ON l.id = f.list_id
              WHERE f.sku_id = ANY($1::uuid[]) AND l.channel = $2 AND f.withdrawn_at IS NULL
                AND f.valid_from <= $3 AND (f.valid_to IS NULL OR f.valid_to > $3)
              ORDER BY f.sku_id, l.priority DESC, l.code) p ON true
 WHERE c.code = $2
"""
SQL_OFFERS_EACH = """
SELECT c.code, c.name, c.currency, c.lang, p.at, p.id, p.list_id, p.sku_id, p.amount, p.compare_at, p.valid_from,
       p.valid_to
  FROM pricing.channel c
  LEFT JOIN (SELECT a.at, o.*
               FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $3::timestamptz[]) AS u(sku_id, at)) AS a
              CROSS JOIN LATERAL (
                    SELECT f.id, f.list_id, f.sku_id, f.amount, f.compare_at, f.valid_from, f.valid_to
                      FROM pricing.price f JOIN pricing.price_list l ON l.id = f.list_id AND l.channel = $2
                     WHERE f.sku_id = a.sku_id AND f.withdrawn_at IS NULL
                       AND f.valid_from <= a.at AND (f.valid_to IS NULL OR f.valid_to > a.at)
                     ORDER BY l.priority DESC, l.code LIMIT 1) AS o) p ON true
 WHERE c.code = $2
"""
SQL_IN_LIST = """
SELECT id, list_id, sku_id, amount, compare_at, valid_from, valid_to FROM pricing.price
 WHERE list_id = $1 AND sku_id = ANY($2::uuid[]) AND withdrawn_at IS NULL
   AND valid_from <= $3 AND (valid_to IS NULL OR valid_to > $3)
"""
SQL_HISTORY = """
SELECT p.id, p.list_id, p.sku_id, p.amount, p.compare_at, p.valid_from, p.valid_to, p.withdrawn_at, p.made_by,
       p.made_at, l.code AS list_code, l.currency
  FROM pricing.price p JOIN pricing.price_list l ON l.id = p.list_id
 WHERE p.sku_id = $1 AND ($2::uuid IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3
"""


async def save_channel(tx: Tx, channel: Channel, now: datetime) -> None:
    await tx.execute(SQL_SAVE_CHANNEL, channel.code, channel.name, channel.currency, channel.lang, now)


async def channel(session: Session, code: str) -> Channel | None:
    row = await session.row(SQL_CHANNEL, code)
    return Channel(**row) if row else None


async def channels(session: Session) -> tuple[Channel, ...]:
    return tuple(Channel(**row) for row in await session.rows(SQL_CHANNELS))


async def save_list(
    tx: Tx, *, code: str, channel: str, currency: str, priority: int, now: datetime
) -> PriceList | None:
    """Insert the list or change its priority; the list as it stands, None when the channel does not take it."""
    await tx.execute(SQL_SAVE_LIST, ids.new_id(), code, channel, currency, priority, now)
    return await list_by_code(tx, code)


async def list_by_code(session: Session, code: str) -> PriceList | None:
    row = await session.row(SQL_LIST_BY_CODE, code)
    return PriceList(**row) if row else None


async def list_by_id(session: Session, list_id: UUID) -> PriceList | None:
    row = await session.row(SQL_LIST, list_id)
    return PriceList(**row) if row else None


async def lists(session: Session, channel: str | None) -> tuple[PriceList, ...]:
    return tuple(PriceList(**row) for row in await session.rows(SQL_LISTS, channel))


async def lock_list(tx: Tx, list_id: UUID) -> PriceList | None:
    """Take the list's row: all its writers queue here, which is what keeps periods from overlapping."""
    tx.locking("pricing.price")
    row = await tx.row(SQL_LOCK_LIST, list_id)
    return PriceList(**row) if row else None


async def standing(
    tx: Tx, *, list_id: UUID, sku_ids: Sequence[UUID], valid_from: datetime, valid_to: datetime | None
) -> dict[UUID, list[Price]]:
    """Live periods that the new one meets, by SKU and start."""
    found: dict[UUID, list[Price]] = {}
    for row in await tx.rows(SQL_STANDING, list_id, sku_ids, valid_from, valid_to):
        found.setdefault(row["sku_id"], []).append(_price(row))
    return found


async def end(
    tx: Tx, *, cut: Sequence[tuple[UUID, datetime]], withdrawn: Sequence[UUID], now: datetime
) -> None:
    await tx.execute(SQL_END, [one for one, _ in cut], [ends for _, ends in cut], withdrawn, now)


async def insert(tx: Tx, *, list_id: UUID, prices: Sequence[Price], by: str, now: datetime) -> None:
    await tx.execute(
        SQL_INSERT,
        list_id,
        [price.id for price in prices],
        [price.sku_id for price in prices],
        [price.amount for price in prices],
        [price.compare_at for price in prices],
        [price.valid_from for price in prices],
        [price.valid_to for price in prices],
        by,
        now,
    )


async def in_force(
    session: Session, *, sku_ids: Sequence[UUID], channel: str, at: datetime
) -> dict[UUID, Price]:
    rows = await session.rows(SQL_IN_FORCE, sku_ids, channel, at)
    return {row["sku_id"]: _price(row) for row in rows}


async def offers(
    session: Session, *, sku_ids: Sequence[UUID], channel: str, at: datetime
) -> tuple[Channel, dict[UUID, Price]] | None:
    """The channel and the prices in force in it; None when nobody opened it."""
    rows = await session.rows(SQL_OFFERS, sku_ids, channel, at)
    if not rows:
        return None
    first = rows[0]
    opened = Channel(code=first["code"], name=first["name"], currency=first["currency"], lang=first["lang"])
    return opened, {row["sku_id"]: _price(row) for row in rows if row["sku_id"] is not None}


async def offers_each(
    session: Session, *, asked: Sequence[tuple[UUID, datetime]], channel: str
) -> tuple[Channel, dict[tuple[UUID, datetime], Price]] | None:
    """The channel and the price in force in it of each (SKU, time); None when nobody opened it."""
    rows = await session.rows(
        SQL_OFFERS_EACH, [sku_id for sku_id, _ in asked], channel, [at for _, at in asked]
    )
    if not rows:
        return None
    first = rows[0]
    opened = Channel(code=first["code"], name=first["name"], currency=first["currency"], lang=first["lang"])
    return opened, {(row["sku_id"], row["at"]): _price(row) for row in rows if row["sku_id"] is not None}


async def in_list(
    session: Session, *, list_id: UUID, sku_ids: Sequence[UUID], at: datetime
) -> dict[UUID, Price]:
    return {row["sku_id"]: _price(row) for row in await session.rows(SQL_IN_LIST, list_id, sku_ids, at)}


async def history(session: Session, *, sku_id: UUID, after: UUID | None, limit: int) -> list[PriceRecord]:
    return [PriceRecord(**row) for row in await session.rows(SQL_HISTORY, sku_id, after, limit)]


def _price(row: Row) -> Price:
    return Price(
        id=row["id"],
        list_id=row["list_id"],
        sku_id=row["sku_id"],
        amount=row["amount"],
        compare_at=row["compare_at"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
    )
