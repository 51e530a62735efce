"""Shipments and their events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.delivery.facts import Booked, Parcel, Shipment
from daji.fulfil.delivery.ports import TrackingEvent
from daji.kit.db import Row, Session, Tx

SQL_CREATE = """
INSERT INTO delivery.shipment (id, order_id, package_id, carrier, address, weight_g, created_at)
SELECT n.id, n.order_id, n.package_id, n.carrier, n.address::jsonb, n.weight_g, n.at
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int[], $7::timestamptz[])
       AS n(id, order_id, package_id, carrier, address, weight_g, at)
ON CONFLICT DO NOTHING
RETURNING id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
          handed_over_at, delivered_at
"""
SQL_BOOK = """
UPDATE delivery.shipment s SET status = 'booked', tracking_no = n.tracking_no, booked_at = n.at
  FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS n(id, tracking_no, at)
 WHERE s.id = n.id AND s.status = 'created'
RETURNING s.id, s.order_id, s.package_id, s.carrier, s.status, s.tracking_no, s.address, s.weight_g, s.created_at,
          s.booked_at, s.handed_over_at, s.delivered_at
"""
SQL_HAND_OVER = """
UPDATE delivery.shipment s
   SET status = CASE WHEN s.status = 'booked' THEN 'in_transit' ELSE s.status END, handed_over_at = n.at
  FROM unnest($1::uuid[], $2::timestamptz[]) AS n(id, at)
 WHERE s.id = n.id AND s.status NOT IN ('created', 'cancelled') AND s.handed_over_at IS NULL
RETURNING s.id, s.order_id, s.package_id, s.carrier, s.status, s.tracking_no, s.address, s.weight_g, s.created_at,
          s.booked_at, s.handed_over_at, s.delivered_at
"""
SQL_CANCEL = "UPDATE delivery.shipment SET status = 'cancelled' WHERE id = $1 AND status = ANY($2::text[])"
SQL_LOCK = """
SELECT id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
       handed_over_at, delivered_at
  FROM delivery.shipment WHERE carrier = $1 AND tracking_no = ANY($2::text[]) ORDER BY id FOR UPDATE
"""
SQL_ADD_EVENTS = """
INSERT INTO delivery.event (carrier, event_id, shipment_id, code, at, place, note, received_at, moved)
SELECT $1, n.* FROM unnest($2::text[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[], $7::text[],
                           $8::timestamptz[], $9::bool[])
                    AS n(event_id, shipment_id, code, at, place, note, received_at, moved)
ON CONFLICT (carrier, event_id) DO NOTHING
RETURNING event_id
"""
SQL_MOVE = """
UPDATE delivery.shipment s
   SET status = $1::text, delivered_at = CASE WHEN $1::text = 'delivered' THEN n.at ELSE s.delivered_at END
  FROM unnest($3::uuid[], $4::timestamptz[]) AS n(id, at)
 WHERE s.id = n.id AND s.status = ANY($2::text[])
RETURNING s.id, s.order_id, s.package_id, s.carrier, s.status, s.tracking_no, s.address, s.weight_g, s.created_at,
          s.booked_at, s.handed_over_at, s.delivered_at
"""
SQL_GET = """
SELECT id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
       handed_over_at, delivered_at
  FROM delivery.shipment WHERE id = $1
"""
SQL_BY_ORDER = """
SELECT id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
       handed_over_at, delivered_at
  FROM delivery.shipment WHERE order_id = ANY($1::uuid[]) ORDER BY id
"""
SQL_BY_TRACKING = """
SELECT id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
       handed_over_at, delivered_at
  FROM delivery.shipment WHERE carrier = $1 AND tracking_no = ANY($2::text[])
"""
SQL_EVENTS = """
SELECT e.event_id, s.tracking_no, e.code, e.at, e.place, e.note
  FROM delivery.event e JOIN delivery.shipment s ON s.id = e.shipment_id
 WHERE e.shipment_id = $1
 ORDER BY e.at, e.received_at, e.event_id
"""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a parcel, when it was heard, and whether it moves the parcel."""

    shipment_id: UUID
    event: TrackingEvent
    moved: bool
    now: datetime


async def create(tx: Tx, parcels: Sequence[Parcel]) -> dict[UUID, Shipment]:
    """Note parcels to be booked; by id, less those that, or another live one of whose order, are there."""
    rows = await tx.rows(
        SQL_CREATE,
        [one.shipment_id for one in parcels],
        [one.order_id for one in parcels],
        [one.package_id for one in parcels],
        [one.carrier for one in parcels],
        [msgspec.json.encode(one.address).decode() for one in parcels],
        [one.weight_g for one in parcels],
        [one.at for one in parcels],
    )
    return _by_id(rows)


async def book(tx: Tx, bookings: Sequence[Booked]) -> dict[UUID, Shipment]:
    """Note numbers; by id, less those that are not new."""
    tx.locking("delivery.shipment")
    rows = await tx.rows(
        SQL_BOOK,
        [one.shipment_id for one in bookings],
        [one.tracking_no for one in bookings],
        [one.at for one in bookings],
    )
    return _by_id(rows)


async def hand_over(tx: Tx, left: Sequence[tuple[UUID, datetime]]) -> dict[UUID, Shipment]:
    """Note hand-overs; the carrier's first scan may have been told before, and then stands."""
    tx.locking("delivery.shipment")
    rows = await tx.rows(SQL_HAND_OVER, [one for one, _ in left], [at for _, at in left])
    return _by_id(rows)


async def cancel(tx: Tx, *, shipment_id: UUID, sources: Sequence[str]) -> bool:
    tx.locking("delivery.shipment")
    return await tx.execute(SQL_CANCEL, shipment_id, list(sources)) == 1


async def lock(tx: Tx, *, carrier: str, tracking_nos: Sequence[str]) -> dict[str, Shipment]:
    """Lock parcels; by number, as the last holder of the lock left them."""
    tx.locking("delivery.shipment")
    return _by_number(await tx.rows(SQL_LOCK, carrier, list(tracking_nos)))


async def add_events(tx: Tx, *, carrier: str, told: Sequence[Told]) -> set[str]:
    """Keep events; the ids of those that the carrier had not told before."""
    rows = await tx.rows(
        SQL_ADD_EVENTS,
        carrier,
        [one.event.event_id for one in told],
        [one.shipment_id for one in told],
        [one.event.code for one in told],
        [one.event.at for one in told],
        [one.event.place for one in told],
        [one.event.note for one in told],
        [one.now for one in told],
        [one.moved for one in told],
    )
    return {row["event_id"] for row in rows}


async def move(
    tx: Tx, *, steps: Sequence[tuple[UUID, datetime]], sources: Sequence[str], target: str
) -> dict[UUID, Shipment]:
    """Move parcels on, each at its time; by id, less those that stood in none of the sources."""
    rows = await tx.rows(SQL_MOVE, target, list(sources), [one for one, _ in steps], [at for _, at in steps])
    return _by_id(rows)


async def find(session: Session, *, shipment_id: UUID) -> Shipment | None:
    return _found(await session.row(SQL_GET, shipment_id))


async def by_orders(session: Session, *, order_ids: Sequence[UUID]) -> tuple[Shipment, ...]:
    return tuple(_shipment(row) for row in await session.rows(SQL_BY_ORDER, list(order_ids)))


async def by_tracking(session: Session, *, carrier: str, tracking_nos: Sequence[str]) -> dict[str, Shipment]:
    return _by_number(await session.rows(SQL_BY_TRACKING, carrier, list(tracking_nos)))


async def events(session: Session, *, shipment_id: UUID) -> tuple[TrackingEvent, ...]:
    rows = await session.rows(SQL_EVENTS, shipment_id)
    return tuple(TrackingEvent(**dict(row)) for row in rows)


def _found(row: Row | None) -> Shipment | None:
    return None if row is None else _shipment(row)


def _by_id(rows: Sequence[Row]) -> dict[UUID, Shipment]:
    return {row["id"]: _shipment(row) for row in rows}


def _by_number(rows: Sequence[Row]) -> dict[str, Shipment]:
    return {row["tracking_no"]: _shipment(row) for row in rows}


def _shipment(row: Row) -> Shipment:
    return msgspec.convert(dict(row), Shipment)
