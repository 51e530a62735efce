"""Signatures of requests, answers and notifications.

RSA PKCS#1 v1.5 with SHA-256 over a canonical text, in the manner of WeChat Pay API v3
(https://pay.weixin.qq.com/doc/v3/merchant/4012365342). A request covers method and path as well, so
that a signed body cannot be carried to another door.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HEADER_TIMESTAMP: Final = "Daji-Timestamp"
HEADER_NONCE: Final = "Daji-Nonce"
HEADER_SERIAL: Final = "Daji-Serial"
HEADER_SIGNATURE: Final = "Daji-Signature"
FRESH_SECONDS: Final = 300
_NONCE = re.compile(r"[A-Za-z0-9]{16,64}")
_SECONDS = re.compile(r"[0-9]{1,12}")


class SignatureProblem(Exception):
    """A message whose sender is not proven; `code` is stable."""

    code: ClassVar[str] = "bad_signature"


class MissingHeader(SignatureProblem):
    code = "missing_header"


class BadSignature(SignatureProblem):
    code = "bad_signature"


class StaleTimestamp(SignatureProblem):
    code = "stale_timestamp"


class UnknownSerial(SignatureProblem):
    code = "unknown_serial"


class ReplayedNonce(SignatureProblem):
    code = "replayed_nonce"


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """The proven part of the headers: what a receiver needs to refuse the same message a second time."""

    serial: str
    nonce: str
    timestamp: int


def serial_of(public: RSAPublicKey) -> str:
    """Name a public key: the first 16 hex digits of the SHA-256 of its DER form."""
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:16].upper()


class Signer:
    """Signs with one private key; safe to share between tasks and threads."""

    def __init__(self, private: RSAPrivateKey) -> None:
        self._private = private
        self.serial = serial_of(private.public_key())

    def sign_request(self, method: str, path: str, body: bytes, now: datetime) -> dict[str, str]:
        """Headers for a request; `path` is what follows the host, query included."""
        return self._headers(body, now, prefix=f"{method.upper()}\n{path}\n".encode())

    def sign_message(self, body: bytes, now: datetime) -> dict[str, str]:
        """Headers for an answer or a notification."""
        return self._headers(body, now, prefix=b"")

    def _headers(self, body: bytes, now: datetime, *, prefix: bytes) -> dict[str, str]:
        timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
        text = prefix + _stamped(timestamp, nonce, body)
        signature = self._private.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return {
            HEADER_TIMESTAMP: timestamp,
            HEADER_NONCE: nonce,
            HEADER_SERIAL: self.serial,
            HEADER_SIGNATURE: base64.b64encode(signature).decode(),
        }


class Verifier:
    """Verifies against known public keys. Does not remember nonces: the receiver with a store does."""

    def __init__(self, publics: Iterable[RSAPublicKey]) -> None:
        self._publics = {serial_of(public): public for public in publics}

    def verify_request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Stamp:
        """Prove a request; raises a `SignatureProblem`."""
        return self._verify(headers, body, now, prefix=f"{method.upper()}\n{path}\n".encode())

    def verify_message(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Stamp:
        """Prove an answer or a notification; raises a `SignatureProblem`."""
        return self._verify(headers, body, now, prefix=b"")

    def _verify(self, headers: Mapping[str, str], body: bytes, now: datetime, *, prefix: bytes) -> Stamp:
        lower = {name.lower(): value for name, value in headers.items()}
        timestamp = _need(lower, HEADER_TIMESTAMP)
        nonce = _need(lower, HEADER_NONCE)
        serial = _need(lower, HEADER_SERIAL)
        signature = _need(lower, HEADER_SIGNATURE)
        if not _SECONDS.fullmatch(timestamp):
            raise BadSignature(f"{HEADER_TIMESTAMP} is not a number of seconds")
        if not _NONCE.fullmatch(nonce):
            raise BadSignature(f"{HEADER_NONCE} is not 16 to 64 letters and digits")
        public = self._publics.get(serial)
        if public is None:
            raise UnknownSerial("no key with this serial is known here")
        if abs(now.timestamp() - int(timestamp)) > FRESH_SECONDS:
            raise StaleTimestamp(f"the message is more than {FRESH_SECONDS} seconds away from this clock")
        try:
            raw = base64.b64decode(signature, validate=True)
            public.verify(raw, prefix + _stamped(timestamp, nonce, body), padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise BadSignature("the signature does not fit the message") from error
        return Stamp(serial=serial, nonce=nonce, timestamp=int(timestamp))


def _stamped(timestamp: str, nonce: str, body: bytes) -> bytes:
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def _need(lower: Mapping[str, str], name: str) -> str:
    value = lower.get(name.lower(), "")
    if not value:
        raise MissingHeader(f"the header {name} is missing")
    return value
