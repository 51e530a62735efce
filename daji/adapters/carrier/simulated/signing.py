"""Webhooks: JSON under an HMAC-SHA-256 over the time and the body (RFC 2104), in the manner of most carriers."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated

import msgspec

from daji.fulfil.delivery.ports import ForgedEvent, TrackingEvent, UnreadableEvent

HEADER_TIMESTAMP = "Daji-Carrier-Timestamp"
HEADER_SIGNATURE = "Daji-Carrier-Signature"
FRESH_SECONDS = 300
MAX_BODY = 100_000
_MAX_DIGITS = 12
_MAX_EVENTS = 100


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a webhook."""

    events: Annotated[tuple[TrackingEvent, ...], msgspec.Meta(max_length=_MAX_EVENTS)]


class SignedNotice(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook as it goes over the wire."""

    headers: dict[str, str]
    body: bytes


class Signer:
    """Signs and proves with a key of its own, derived from the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"carrier:simulated", "sha256")

    def sign(self, events: tuple[TrackingEvent, ...], now: datetime, *, forged: bool = False) -> SignedNotice:
        """Wrap events for the wire; a forged notice bears the signature of somebody who lacks the key."""
        body = msgspec.json.encode(Envelope(events=events))
        timestamp = str(int(now.timestamp()))
        signature = self._signature(b"somebody else" if forged else self._key, timestamp, body)
        return SignedNotice(
            headers={
                "Content-Type": "application/json",
                HEADER_TIMESTAMP: timestamp,
                HEADER_SIGNATURE: signature,
            },
            body=body,
        )

    def open(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[TrackingEvent, ...]:
        """Prove and read a webhook. Raises ForgedEvent and UnreadableEvent."""
        lower = {name.lower(): value for name, value in headers.items()}
        timestamp = lower.get(HEADER_TIMESTAMP.lower(), "")
        signature = lower.get(HEADER_SIGNATURE.lower(), "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _MAX_DIGITS):
            raise ForgedEvent
        expected = self._signature(self._key, timestamp, body)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise ForgedEvent
        if abs(now.timestamp() - int(timestamp)) > FRESH_SECONDS:
            raise ForgedEvent
        if len(body) > MAX_BODY:
            raise UnreadableEvent
        try:
            return msgspec.json.decode(body, type=Envelope).events
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise UnreadableEvent from None

    @staticmethod
    def _signature(key: bytes, timestamp: str, body: bytes) -> str:
        return "v1=" + hmac.new(key, timestamp.encode() + b"." + body, sha256).hexdigest()
