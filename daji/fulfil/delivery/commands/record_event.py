"""A carrier tells something about a parcel."""

from __future__ import annotations

from datetime import datetime

from daji.fulfil.delivery.facts import Tracked
from daji.fulfil.delivery.ports import TrackingEvent
from daji.fulfil.delivery.states import SHIPMENT, verb_of
from daji.fulfil.delivery.store import parcels
from daji.kit.db import Tx
from daji.kit.problems import NotFound


async def record_event(tx: Tx, *, carrier: str, event: TrackingEvent, now: datetime) -> Tracked:
    """Keep an event once, and move the parcel if the event leads ahead of where it is.

    Late and reordered events stay in the list and move nothing. Raises NotFound for a number of no parcel here.
    """
    shipment = await parcels.lock(tx, carrier=carrier, tracking_no=event.tracking_no)
    if shipment is None:
        raise NotFound
    verb = verb_of(event.code)
    moves = SHIPMENT.allows(shipment.status, verb)
    fresh = await parcels.add_event(
        tx, carrier=carrier, shipment_id=shipment.id, event=event, moved=moves, now=now
    )
    if not (fresh and moves):
        return Tracked(shipment=shipment, changed=False, fresh=fresh)
    after = await parcels.move(
        tx,
        shipment_id=shipment.id,
        sources=SHIPMENT.sources(verb),
        target=SHIPMENT.after(shipment.status, verb),
        at=event.at,
    )
    return Tracked(shipment=after or shipment, changed=after is not None, fresh=True)
