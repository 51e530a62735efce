"""What gateways and carriers tell us: raw messages, proved by their sender's signature, then settled or tracked.

Nobody signs in here. A message counts for what its signature says and for nothing else (U-22): a forged one is
refused, logged and counted, and nothing changes. A repeated one gets the first answer, so that a sender may repeat
until it hears 200.
"""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from litestar import Request, post
from litestar.params import FromPath
from prometheus_client import Counter

from daji.faces.console.asking import HouseGiven, Now
from daji.flows.settle_payment import Settle, settle_payment
from daji.flows.track_parcel import track_parcel
from daji.fulfil.delivery.api import ForgedEvent
from daji.trade.payments.api import ForgedNotice

log = structlog.get_logger(__name__)

MAX_BODY = 64 * 1024
_OPT: dict[str, Any] = {"permission": "public", "auth": False, "html": False}

FORGED = Counter(
    "daji_forged_messages", "Messages that their alleged sender did not sign.", ("kind", "sender")
)
HEARD = Counter("daji_messages", "Genuine messages of gateways and carriers.", ("kind", "sender", "outcome"))


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message."""

    outcome: str


@post(
    "/notify/payments/{gateway:str}",
    opt=_OPT,
    status_code=200,
    request_max_body_size=MAX_BODY,
    include_in_schema=False,
)
async def payment_notice(
    request: Request[Any, Any, Any], gateway: FromPath[str], house: HouseGiven, now: Now
) -> Heard:
    """Settle a gateway's message.

    Raises
    ------
    ForgedNotice
        401; nothing was changed.
    UnknownGateway
        No gateway of that name is connected.
    """
    port = house.ctx.gateway(gateway)
    body = await request.body()
    try:
        notice = port.parse_notification(request.headers, body, now)
    except ForgedNotice as forged:
        FORGED.labels("payment", gateway).inc()
        log.warning("forged_notice", gateway=gateway, reason=forged.params.get("reason"), bytes=len(body))
        raise
    settled = await settle_payment(house.ctx, Settle(gateway=gateway, notice=notice), now=now)
    HEARD.labels("payment", gateway, settled.outcome).inc()
    return Heard(outcome=settled.outcome)


@post(
    "/notify/carriers/{carrier:str}",
    opt=_OPT,
    status_code=200,
    request_max_body_size=MAX_BODY,
    include_in_schema=False,
)
async def carrier_event(
    request: Request[Any, Any, Any], carrier: FromPath[str], house: HouseGiven, now: Now
) -> Heard:
    """Follow a carrier's scans.

    Raises
    ------
    ForgedEvent
        401; nothing was changed.
    UnknownCarrier
        No carrier of that name is connected.
    """
    port = house.ctx.carrier(carrier)
    body = await request.body()
    try:
        events = port.parse_event(request.headers, body, now)
    except ForgedEvent as forged:
        FORGED.labels("carrier", carrier).inc()
        log.warning("forged_event", carrier=carrier, reason=forged.params.get("reason"), bytes=len(body))
        raise
    outcome = "unknown_parcel"
    for event in events:
        tracked = await track_parcel(house.ctx, carrier=carrier, event=event, now=now)
        if tracked is not None:
            outcome = "moved" if tracked.changed else "seen"
        HEARD.labels("carrier", carrier, outcome).inc()
    return Heard(outcome=outcome)


ROUTES = [payment_notice, carrier_event]
