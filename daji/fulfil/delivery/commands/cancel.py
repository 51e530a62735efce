"""A parcel that will not go."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.delivery.facts import Shipment
from daji.fulfil.delivery.queries import get_shipment
from daji.fulfil.delivery.states import SHIPMENT
from daji.fulfil.delivery.store import parcels
from daji.kit.db import Tx
from daji.kit.states import IllegalTransition


async def cancel(tx: Tx, *, shipment_id: UUID, now: datetime) -> Shipment:  # noqa: ARG001 - every command is given the time
    """Drop a parcel that no carrier has yet; repeating it is harmless. Raises NotFound and IllegalTransition."""
    done = await parcels.cancel(tx, shipment_id=shipment_id, sources=SHIPMENT.sources("cancel"))
    shipment = await get_shipment(tx, shipment_id=shipment_id)
    if not done and shipment.status != "cancelled":
        raise IllegalTransition(status=shipment.status, verb="cancel")
    return shipment
