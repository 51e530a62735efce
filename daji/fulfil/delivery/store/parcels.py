"""Shipments and their events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.delivery.facts import Shipment
from daji.fulfil.delivery.ports import TrackingEvent
from daji.kit.db import Row, Session, Tx
from daji.kit.places import Address

SQL_CREATE = """
INSERT INTO delivery.shipment (id, order_id, package_id, carrier, address, weight_g, created_at)
VALUES ($1, $2, $3, $4, $5::text::jsonb, $6, $7)
ON CONFLICT DO NOTHING
RETURNING id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
          handed_over_at, delivered_at
"""
SQL_BOOK = """
UPDATE delivery.shipment SET status = 'booked', tracking_no = $2, booked_at = $3
 WHERE id = $1 AND status = 'created'
RETURNING id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
          handed_over_at, delivered_at
"""
SQL_HAND_OVER = """
UPDATE delivery.shipment
   SET status = CASE WHEN status = 'booked' THEN 'in_transit' ELSE status END, handed_over_at = $2
 WHERE id = $1 AND status NOT IN ('created', 'cancelled') AND handed_over_at IS NULL
RETURNING id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
          handed_over_at, delivered_at
"""
SQL_CANCEL = "UPDATE delivery.shipment SET status = 'cancelled' WHERE id = $1 AND status = ANY($2::text[])"
SQL_LOCK = "SELECT id FROM delivery.shipment WHERE carrier = $1 AND tracking_no = $2 FOR UPDATE"
SQL_ADD_EVENT = """
INSERT INTO delivery.event (carrier, event_id, shipment_id, code, at, place, note, received_at, moved)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (carrier, event_id) DO NOTHING
"""
SQL_MOVE = """
UPDATE delivery.shipment
   SET status = $3::text,
       delivered_at = CASE WHEN $3::text = 'delivered' THEN $4::timestamptz ELSE delivered_at END
 WHERE id = $1::uuid AND status = ANY($2::text[])
RETURNING id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
          handed_over_at, delivered_at
"""
SQL_GET = """
SELECT id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
       handed_over_at, delivered_at
  FROM delivery.shipment WHERE id = $1
"""
SQL_BY_ORDER = """
SELECT id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
       handed_over_at, delivered_at
  FROM delivery.shipment WHERE order_id = $1 ORDER BY id
"""
SQL_BY_TRACKING = """
SELECT id, order_id, package_id, carrier, status, tracking_no, address, weight_g, created_at, booked_at,
       handed_over_at, delivered_at
  FROM delivery.shipment WHERE carrier = $1 AND tracking_no = $2
"""
SQL_EVENTS = """
SELECT e.event_id, s.tracking_no, e.code, e.at, e.place, e.note
  FROM delivery.event e JOIN delivery.shipment s ON s.id = e.shipment_id
 WHERE e.shipment_id = $1
 ORDER BY e.at, e.received_at, e.event_id
"""


async def create(
    tx: Tx,
    *,
    shipment_id: UUID,
    order_id: UUID,
    package_id: UUID | None,
    carrier: str,
    address: Address,
    weight_g: int,
    now: datetime,
) -> Shipment | None:
    """Note a parcel to be booked; None when it, or another live one of the order, is there."""
    encoded = msgspec.json.encode(address).decode()
    return _found(
        await tx.row(SQL_CREATE, shipment_id, order_id, package_id, carrier, encoded, weight_g, now)
    )


async def book(tx: Tx, *, shipment_id: UUID, tracking_no: str, now: datetime) -> Shipment | None:
    tx.locking("delivery.shipment")
    return _found(await tx.row(SQL_BOOK, shipment_id, tracking_no, now))


async def hand_over(tx: Tx, *, shipment_id: UUID, now: datetime) -> Shipment | None:
    """Note the hand-over; the carrier's first scan may have been told before, and then stands."""
    tx.locking("delivery.shipment")
    return _found(await tx.row(SQL_HAND_OVER, shipment_id, now))


async def cancel(tx: Tx, *, shipment_id: UUID, sources: Sequence[str]) -> bool:
    tx.locking("delivery.shipment")
    return await tx.execute(SQL_CANCEL, shipment_id, list(sources)) == 1


async def lock(tx: Tx, *, carrier: str, tracking_no: str) -> Shipment | None:
    """Lock a parcel, then read it: what is read is what the last holder of the lock left."""
    tx.locking("delivery.shipment")
    shipment_id = await tx.value(SQL_LOCK, carrier, tracking_no)
    return None if shipment_id is None else await find(tx, shipment_id=shipment_id)


async def add_event(
    tx: Tx, *, carrier: str, shipment_id: UUID, event: TrackingEvent, moved: bool, now: datetime
) -> bool:
    """Keep an event; False when the carrier told it before."""
    return (
        await tx.execute(
            SQL_ADD_EVENT,
            carrier,
            event.event_id,
            shipment_id,
            event.code,
            event.at,
            event.place,
            event.note,
            now,
            moved,
        )
        == 1
    )


async def move(
    tx: Tx, *, shipment_id: UUID, sources: Sequence[str], target: str, at: datetime
) -> Shipment | None:
    return _found(await tx.row(SQL_MOVE, shipment_id, list(sources), target, at))


async def find(session: Session, *, shipment_id: UUID) -> Shipment | None:
    return _found(await session.row(SQL_GET, shipment_id))


async def by_order(session: Session, *, order_id: UUID) -> tuple[Shipment, ...]:
    return tuple(_shipment(row) for row in await session.rows(SQL_BY_ORDER, order_id))


async def by_tracking(session: Session, *, carrier: str, tracking_no: str) -> Shipment | None:
    row = await session.row(SQL_BY_TRACKING, carrier, tracking_no)
    return None if row is None else _shipment(row)


async def events(session: Session, *, shipment_id: UUID) -> tuple[TrackingEvent, ...]:
    rows = await session.rows(SQL_EVENTS, shipment_id)
    return tuple(TrackingEvent(**dict(row)) for row in rows)


def _found(row: Row | None) -> Shipment | None:
    return None if row is None else _shipment(row)


def _shipment(row: Row) -> Shipment:
    return msgspec.convert(dict(row), Shipment)
