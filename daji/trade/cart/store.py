"""All SQL of the cart room. The cart's row is the lock of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.db import Row, Session, Tx
from daji.trade.cart.facts import Cart, CartLine, Owner, Quote

SQL_TOUCH = """
INSERT INTO cart.cart (id, shopper_id, guest_token, channel, currency, version, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, 1, $6, $6)
ON CONFLICT (shopper_id, guest_token, channel) DO UPDATE
   SET currency = excluded.currency, version = cart.version + 1, updated_at = excluded.updated_at
RETURNING id, shopper_id, guest_token, channel, currency, version
"""
SQL_TOUCH_KNOWN = """
UPDATE cart.cart SET version = version + 1, updated_at = $4
 WHERE (shopper_id = $1 OR guest_token = $2) AND channel = $3
RETURNING id, shopper_id, guest_token, channel, currency, version
"""
SQL_LINES = """
SELECT cart_id, sku_id, qty, selected, added_at FROM cart.line
 WHERE cart_id = ANY($1::uuid[]) ORDER BY cart_id, added_at, sku_id
"""
SQL_PUT_LINES = """
INSERT INTO cart.line (cart_id, sku_id, qty, selected, added_at)
SELECT $1, * FROM unnest($2::uuid[], $3::int[], $4::bool[], $5::timestamptz[])
ON CONFLICT (cart_id, sku_id) DO UPDATE
   SET qty = excluded.qty, selected = excluded.selected, added_at = excluded.added_at
"""
SQL_SELECT_LINES = """
UPDATE cart.line SET selected = $3 WHERE cart_id = $1 AND ($2::uuid[] IS NULL OR sku_id = ANY($2))
"""
SQL_DESELECT = "UPDATE cart.line SET selected = false WHERE sku_id = ANY($1::uuid[]) AND selected"
SQL_DROP_LINES = "DELETE FROM cart.line WHERE cart_id = $1 AND sku_id = ANY($2::uuid[])"
SQL_FIND = """
SELECT o.place, c.id, c.shopper_id, c.guest_token, c.channel, c.currency, c.version,
       l.sku_id, l.qty, l.selected, l.added_at
  FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS o(shopper_id, guest_token, place)
  JOIN LATERAL (SELECT * FROM cart.cart WHERE shopper_id = o.shopper_id AND channel = $3
                UNION ALL
                SELECT * FROM cart.cart WHERE guest_token = o.guest_token AND channel = $3) c ON true
  LEFT JOIN cart.line l ON l.cart_id = c.id
 ORDER BY o.place, l.added_at, l.sku_id
"""
SQL_GUEST_CHANNELS = """
SELECT channel, currency FROM cart.cart WHERE guest_token = $1 ORDER BY updated_at DESC, id DESC
"""
SQL_LOCK_GUEST = """
SELECT id, channel FROM cart.cart
 WHERE guest_token = $1 AND channel = ANY($2::text[]) ORDER BY id FOR UPDATE
"""
SQL_DROP_CARTS = "DELETE FROM cart.cart WHERE id = ANY($1::uuid[])"
SQL_SAVE_QUOTES = """
INSERT INTO cart.quote (id, shopper_id, guest_token, expires_at, body)
SELECT q.id, q.shopper_id, q.guest_token, q.expires_at, q.body
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[])
       AS q(id, shopper_id, guest_token, expires_at, body)
"""
SQL_QUOTE = "SELECT body FROM cart.quote WHERE id = $1 AND (shopper_id = $2 OR guest_token = $3)"
SQL_TAKE_QUOTES = """
WITH offer AS MATERIALIZED (
  SELECT q.id, q.body, q.body::jsonb AS read, a.shopper_id, a.guest_token, a.at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) AS a(id, shopper_id, guest_token, at)
    JOIN cart.quote q ON q.id = a.id AND (q.shopper_id = a.shopper_id OR q.guest_token = a.guest_token)
), touched AS (
  UPDATE cart.cart c SET version = c.version + 1, updated_at = o.at
    FROM offer o
    JOIN LATERAL (SELECT id, channel FROM cart.cart WHERE shopper_id = o.shopper_id
                  UNION ALL
                  SELECT id, channel FROM cart.cart WHERE guest_token = o.guest_token) k
      ON k.channel = o.read ->> 'channel'
   WHERE (o.read ->> 'from_cart')::boolean AND c.id = k.id
  RETURNING c.id, o.id AS quote_id
), gone AS (
  DELETE FROM cart.line l USING touched t
   WHERE l.cart_id = t.id
     AND l.sku_id IN (SELECT (x ->> 'sku_id')::uuid FROM offer o, jsonb_array_elements(o.read -> 'lines') AS x
                       WHERE o.id = t.quote_id)
)
SELECT id, body FROM offer
"""
SQL_PUT_INTO_SEEN = """
WITH asked AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[])
                WITH ORDINALITY AS a(id, shopper_id, guest_token, version, at, place)
), mine AS (
  INSERT INTO cart.cart AS c (id, shopper_id, guest_token, channel, currency, version, created_at, updated_at)
  SELECT a.id, a.shopper_id, a.guest_token, $6, $7, a.version + 1, a.at, a.at
    FROM asked a ORDER BY a.shopper_id, a.guest_token
  ON CONFLICT (shopper_id, guest_token, channel) DO UPDATE
     SET currency = excluded.currency, version = excluded.version, updated_at = excluded.updated_at
   WHERE c.version = excluded.version - 1
  RETURNING c.id, c.shopper_id, c.guest_token, c.version
), placed AS (
  SELECT a.place, m.id, m.version FROM mine m
    JOIN asked a ON a.shopper_id IS NOT DISTINCT FROM m.shopper_id AND a.guest_token IS NOT DISTINCT FROM m.guest_token
), wanted AS (
  SELECT p.id AS cart_id, w.sku_id, w.qty, w.selected, w.added_at
    FROM unnest($8::bigint[], $9::uuid[], $10::int[], $11::bool[], $12::timestamptz[])
         AS w(place, sku_id, qty, selected, added_at)
    JOIN placed p ON p.place = w.place
), put AS (
  INSERT INTO cart.line AS l (cart_id, sku_id, qty, selected, added_at)
  SELECT w.cart_id, w.sku_id, w.qty, w.selected, w.added_at FROM wanted w WHERE w.qty > 0
  ON CONFLICT (cart_id, sku_id) DO UPDATE
     SET qty = excluded.qty, selected = excluded.selected, added_at = excluded.added_at
), gone AS (
  DELETE FROM cart.line l USING wanted w
   WHERE l.cart_id = w.cart_id AND l.sku_id = w.sku_id AND w.qty = 0
)
SELECT place, version FROM placed
"""
SQL_FORGET_QUOTES = """
DELETE FROM cart.quote WHERE id IN (SELECT id FROM cart.quote WHERE expires_at <= $1
                                     ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
"""

read_quote = msgspec.json.Decoder(Quote).decode


async def touch(tx: Tx, *, owner: Owner, channel: str, currency: str, now: datetime) -> Row:
    """Open the owner's cart or find it; locked either way, its version raised."""
    tx.locking("cart.cart")
    row = await tx.row(SQL_TOUCH, ids.new_id(), owner.shopper_id, owner.guest_token, channel, currency, now)
    if row is None:
        raise AssertionError("an upsert returns its row")
    return row


async def touch_known(tx: Tx, *, owner: Owner, channel: str, now: datetime) -> Row | None:
    """Lock the owner's cart, if there is one; its version raised."""
    tx.locking("cart.cart")
    return await tx.row(SQL_TOUCH_KNOWN, owner.shopper_id, owner.guest_token, channel, now)


async def lines(session: Session, cart_ids: Sequence[UUID]) -> dict[UUID, tuple[CartLine, ...]]:
    """Lines by cart, oldest first; a cart without any is absent."""
    found: dict[UUID, list[CartLine]] = {}
    for row in await session.rows(SQL_LINES, list(cart_ids)):
        found.setdefault(row["cart_id"], []).append(_line(row))
    return {cart_id: tuple(some) for cart_id, some in found.items()}


async def put_lines(tx: Tx, *, cart_id: UUID, changed: Sequence[CartLine]) -> None:
    await tx.execute(
        SQL_PUT_LINES,
        cart_id,
        [line.sku_id for line in changed],
        [line.qty for line in changed],
        [line.selected for line in changed],
        [line.added_at for line in changed],
    )


async def select_lines(tx: Tx, *, cart_id: UUID, sku_ids: Sequence[UUID] | None, selected: bool) -> None:
    await tx.execute(SQL_SELECT_LINES, cart_id, None if sku_ids is None else list(sku_ids), selected)


async def drop_lines(tx: Tx, *, cart_id: UUID, sku_ids: Sequence[UUID]) -> int:
    return await tx.execute(SQL_DROP_LINES, cart_id, list(sku_ids))


async def find(session: Session, *, owner: Owner, channel: str) -> Cart | None:
    return (await find_each(session, owners=[owner], channel=channel)).get(owner)


async def find_each(session: Session, *, owners: Sequence[Owner], channel: str) -> dict[Owner, Cart]:
    """The carts of those owners who have one."""
    rows = await session.rows(
        SQL_FIND,
        [owner.shopper_id for owner in owners],
        [owner.guest_token for owner in owners],
        channel,
    )
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["place"], []).append(row)
    return {
        owners[place - 1]: cart(some[0], tuple(_line(row) for row in some if row["sku_id"] is not None))
        for place, some in found.items()
    }


async def guest_channels(session: Session, guest_token: str) -> list[tuple[str, str]]:
    """(channel, currency) of the guest's carts, the last used first."""
    rows = await session.rows(SQL_GUEST_CHANNELS, guest_token)
    return [(row["channel"], row["currency"]) for row in rows]


async def lock_guest(tx: Tx, *, guest_token: str, channels: Sequence[str]) -> dict[str, UUID]:
    """Lock the guest's carts; ids by channel."""
    tx.locking("cart.cart")
    rows = await tx.rows(SQL_LOCK_GUEST, guest_token, list(channels))
    return {row["channel"]: row["id"] for row in rows}


async def drop_carts(tx: Tx, cart_ids: Sequence[UUID]) -> None:
    await tx.execute(SQL_DROP_CARTS, list(cart_ids))


async def save_quotes(session: Session, quotes: Sequence[tuple[Quote, str]]) -> None:
    """Keep (quote, its body)s."""
    await session.rows(
        SQL_SAVE_QUOTES,
        [quote.id for quote, _ in quotes],
        [quote.owner.shopper_id for quote, _ in quotes],
        [quote.owner.guest_token for quote, _ in quotes],
        [quote.expires_at for quote, _ in quotes],
        [body for _, body in quotes],
    )


async def quote(session: Session, *, quote_id: UUID, owner: Owner) -> Quote | None:
    body = await session.value(SQL_QUOTE, quote_id, owner.shopper_id, owner.guest_token)
    return None if body is None else read_quote(body)


async def take_quotes(tx: Tx, taken: Sequence[tuple[UUID, Owner, datetime]]) -> dict[UUID, Quote]:
    """Read (quote, owner, when) offers, those that are the owner's; what they took from carts leaves the carts."""
    tx.locking("cart.cart")
    rows = await tx.rows(
        SQL_TAKE_QUOTES,
        [quote_id for quote_id, _, _ in taken],
        [owner.shopper_id for _, owner, _ in taken],
        [owner.guest_token for _, owner, _ in taken],
        [at for _, _, at in taken],
    )
    return {row["id"]: read_quote(row["body"]) for row in rows}


async def put_into_seen(
    session: Session,
    *,
    channel: str,
    currency: str,
    seen: Sequence[tuple[Owner, int, Sequence[CartLine], datetime]],
) -> list[int | None]:
    """Write lines (quantity 0: take it out) into each cart, of different owners, that is still at its version.

    `seen` is (owner, version, lines, when); version 0 stands for a cart that there is not yet. The version of each after
    it, or None. Carts are locked in the order of their owners.
    """
    changed = [(place, line) for place, (_, _, lines, _) in enumerate(seen, 1) for line in lines]
    rows = await session.rows(
        SQL_PUT_INTO_SEEN,
        [ids.new_id() for _ in seen],
        [owner.shopper_id for owner, _, _, _ in seen],
        [owner.guest_token for owner, _, _, _ in seen],
        [version for _, version, _, _ in seen],
        [now for _, _, _, now in seen],
        channel,
        currency,
        [place for place, _ in changed],
        [line.sku_id for _, line in changed],
        [line.qty for _, line in changed],
        [line.selected for _, line in changed],
        [line.added_at for _, line in changed],
    )
    after = {row["place"]: row["version"] for row in rows}
    return [after.get(place) for place in range(1, len(seen) + 1)]


async def forget_quotes(tx: Tx, *, expired_before: datetime, limit: int) -> int:
    return await tx.execute(SQL_FORGET_QUOTES, expired_before, limit)


def cart(row: Row, lines: tuple[CartLine, ...]) -> Cart:
    """A cart's row and its lines as the fact."""
    return Cart(
        id=row["id"],
        owner=Owner(shopper_id=row["shopper_id"], guest_token=row["guest_token"]),
        channel=row["channel"],
        currency=row["currency"],
        lines=lines,
        version=row["version"],
    )


def _line(row: Row) -> CartLine:
    return CartLine(sku_id=row["sku_id"], qty=row["qty"], selected=row["selected"], added_at=row["added_at"])


async def deselect(tx: Tx, sku_ids: Sequence[UUID]) -> int:
    """Take the mark from these SKUs in every cart; the lines stay."""
    return await tx.execute(SQL_DESELECT, list(sku_ids))
