"""Statements that change what is there: each updates balances and writes the ledger at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.inventory.facts import Availability, MovementKind
from daji.kit.db import Row, Tx

# Rows are locked in (sku_id, site_id) order: ON CONFLICT locks as the ordered SELECT hands the rows over.
SQL_PUT = """
WITH moved AS MATERIALIZED (
  SELECT m.sku_id, m.site_id, m.kind, m.on_hand, m.quarantined, m.n
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[])
         WITH ORDINALITY AS m(sku_id, site_id, kind, on_hand, quarantined, n)
    JOIN inventory.site s ON s.id = m.site_id
), net AS (
  SELECT sku_id, site_id, sum(on_hand)::bigint AS on_hand, sum(quarantined)::bigint AS quarantined
    FROM moved GROUP BY sku_id, site_id
), changed AS (
  INSERT INTO inventory.balance AS b (sku_id, site_id, on_hand, quarantined)
  SELECT sku_id, site_id, on_hand, quarantined FROM net ORDER BY sku_id, site_id
  ON CONFLICT (sku_id, site_id) DO UPDATE
     SET on_hand = b.on_hand + excluded.on_hand, quarantined = b.quarantined + excluded.quarantined
  RETURNING sku_id, site_id, on_hand, held, quarantined
), logged AS (
  INSERT INTO inventory.movement
         (sku_id, site_id, kind, delta_on_hand, delta_quarantined, ref, reason, note, by, at)
  SELECT m.sku_id, m.site_id, m.kind, m.on_hand, m.quarantined, $6::text, $7::text, $8::text, $9::text,
         $10::timestamptz
    FROM moved m JOIN changed c USING (sku_id, site_id)
   ORDER BY m.n
)
SELECT sku_id, site_id, on_hand, held, quarantined FROM changed
"""
SQL_CHANGE = """
WITH changed AS (
  UPDATE inventory.balance
     SET on_hand = on_hand + $3::bigint, quarantined = quarantined + $4::bigint
   WHERE sku_id = $1::uuid AND site_id = $2::uuid
     AND on_hand + $3::bigint >= held AND quarantined + $4::bigint >= 0
  RETURNING sku_id, site_id, on_hand, held, quarantined
), logged AS (
  INSERT INTO inventory.movement
         (sku_id, site_id, kind, delta_on_hand, delta_quarantined, ref, reason, note, by, at)
  SELECT sku_id, site_id, $5::text, $3::bigint, $4::bigint, $6::text, $7::text, $8::text, $9::text,
         $10::timestamptz
    FROM changed
)
SELECT sku_id, site_id, on_hand, held, quarantined FROM changed
"""
SQL_SEE = """
SELECT sku_id, site_id, on_hand, held, quarantined FROM inventory.balance WHERE sku_id = $1 AND site_id = $2
"""


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """One ledger line to be written."""

    sku_id: UUID
    site_id: UUID
    kind: MovementKind
    on_hand: int = 0
    quarantined: int = 0


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Why, by whom and when; the same for every line a command writes."""

    ref: str
    reason: str = ""
    note: str = ""
    by: str
    at: datetime


async def put(tx: Tx, *, deltas: Sequence[Delta], story: Story) -> tuple[Availability, ...]:
    """Add to balances, making the rows that are missing; sites nobody opened are left out of the answer.

    The net of each (SKU, site) must not be negative: a row that is about to be made has nothing to give.
    """
    tx.locking("inventory.balance")
    rows = await tx.rows(
        SQL_PUT,
        [delta.sku_id for delta in deltas],
        [delta.site_id for delta in deltas],
        [delta.kind for delta in deltas],
        [delta.on_hand for delta in deltas],
        [delta.quarantined for delta in deltas],
        *_told(story),
    )
    return tuple(as_availability(row) for row in rows)


async def change(tx: Tx, *, delta: Delta, story: Story) -> Availability | None:
    """Change one balance if nothing promised or set aside would be missing; None when it would."""
    tx.locking("inventory.balance")
    row = await tx.row(
        SQL_CHANGE,
        delta.sku_id,
        delta.site_id,
        delta.on_hand,
        delta.quarantined,
        delta.kind,
        *_told(story),
    )
    return None if row is None else as_availability(row)


async def see(tx: Tx, *, sku_id: UUID, site_id: UUID) -> Availability:
    """The balance as it is now, for the text of a refusal; zeros when there is no row."""
    row = await tx.row(SQL_SEE, sku_id, site_id)
    if row is None:
        return Availability(sku_id=sku_id, site_id=site_id, on_hand=0, held=0, quarantined=0)
    return as_availability(row)


def as_availability(row: Row) -> Availability:
    return Availability(
        sku_id=row["sku_id"],
        site_id=row["site_id"],
        on_hand=row["on_hand"],
        held=row["held"],
        quarantined=row["quarantined"],
    )


def _told(story: Story) -> tuple[object, ...]:
    return story.ref, story.reason, story.note, story.by, story.at
