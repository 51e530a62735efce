"""Carriers tell something about parcels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.delivery.facts import Shipment, Tracked
from daji.fulfil.delivery.ports import TrackingEvent
from daji.fulfil.delivery.states import SHIPMENT, verb_of
from daji.fulfil.delivery.store import parcels
from daji.kit.db import Tx
from daji.kit.problems import NotFound


async def record_event(tx: Tx, *, carrier: str, event: TrackingEvent, now: datetime) -> Tracked:
    """Keep one event as `record_events` does."""
    return (await record_events(tx, carrier=carrier, told=[(event, now)]))[0]


async def record_events(
    tx: Tx, *, carrier: str, told: Sequence[tuple[TrackingEvent, datetime]]
) -> tuple[Tracked, ...]:
    """Keep (event, when it was heard) once, one of a parcel, and move each parcel whose event leads ahead of it.

    Late and reordered events stay in the list and move nothing. Three statements when all say the same. Raises
    NotFound for a number of no parcel here.
    """
    found = await parcels.lock(tx, carrier=carrier, tracking_nos=[event.tracking_no for event, _ in told])
    if any(event.tracking_no not in found for event, _ in told):
        raise NotFound
    heard = [
        parcels.Told(
            shipment_id=found[event.tracking_no].id,
            event=event,
            moved=SHIPMENT.allows(found[event.tracking_no].status, verb_of(event.code)),
            now=now,
        )
        for event, now in told
    ]
    fresh = await parcels.add_events(tx, carrier=carrier, told=heard)
    moved = await _move(tx, [one for one in heard if one.moved and one.event.event_id in fresh])
    return tuple(
        Tracked(
            shipment=moved.get(one.shipment_id, found[one.event.tracking_no]),
            changed=one.shipment_id in moved,
            fresh=one.event.event_id in fresh,
        )
        for one in heard
    )


async def _move(tx: Tx, heard: Sequence[parcels.Told]) -> dict[UUID, Shipment]:
    moved: dict[UUID, Shipment] = {}
    for verb in dict.fromkeys(verb_of(one.event.code) for one in heard):
        sources = SHIPMENT.sources(verb)
        moved |= await parcels.move(
            tx,
            steps=[(one.shipment_id, one.event.at) for one in heard if verb_of(one.event.code) == verb],
            sources=sources,
            target=SHIPMENT.after(sources[0], verb),
        )
    return moved
