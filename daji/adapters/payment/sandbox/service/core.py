"""What every verb of the service works with."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import msgspec

from daji.adapters.payment.sandbox.keys import Keys
from daji.adapters.payment.sandbox.service.db import Database
from daji.kit.outbound import Outbound

CHINA = timezone(timedelta(hours=8), "UTC+08:00")
"""Chinese gateways number and close their days by this clock; it has known no summer time since 1991."""


class Sandbox(msgspec.Struct, frozen=True, kw_only=True):
    """The running service: its file, keys, clock and way out."""

    db: Database
    keys: Keys
    clock: Callable[[], datetime]
    base_url: str
    http: Outbound
    wake: asyncio.Event
    """Set when a notification is waiting, so that the first attempt leaves at once."""


def new_number(now: datetime) -> str:
    """Number a payment or refund: 14 digits of Chinese time, 14 random digits."""
    return f"{now.astimezone(CHINA):%Y%m%d%H%M%S}{secrets.randbelow(10**14):014d}"
