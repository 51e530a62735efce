"""Tickets and passes as text that nobody else can write: the fact, and an HMAC over it (RFC 2104, SHA-256).

The key is made from the installation's secret, one for each kind, so that a ticket can never be read as a pass.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import TypeVar

import msgspec

from daji.grow.flash.facts import Pass, Ticket

T = TypeVar("T", Ticket, Pass)

MAX_TOKEN = 400
_MAC_BYTES = 16


class Signer:
    """Writes and reads the tokens of one installation."""

    def __init__(self, secret: bytes) -> None:
        self._keys = {
            kind: hmac.digest(secret, b"flash\0" + kind.__name__.encode(), sha256) for kind in (Ticket, Pass)
        }
        self._encode = msgspec.json.Encoder().encode
        self._decoders = {kind: msgspec.json.Decoder(kind).decode for kind in (Ticket, Pass)}

    def write(self, fact: Ticket | Pass) -> str:
        body = self._encode(fact)
        return _text(body + hmac.digest(self._keys[type(fact)], body, sha256)[:_MAC_BYTES])

    def read(self, kind: type[T], token: str) -> T | None:
        """The fact, or None for anything that this installation did not write."""
        if not 0 < len(token) <= MAX_TOKEN:
            return None
        try:
            raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (ValueError, UnicodeEncodeError):
            return None
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, hmac.digest(self._keys[kind], body, sha256)[:_MAC_BYTES]):
            return None
        found: T = self._decoders[kind](body)  # type: ignore[assignment]
        return found


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
