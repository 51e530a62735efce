"""Secrets that open a door: made here, shown once, kept as hashes.

A token has 256 random bits, so that a plain SHA-256 is enough: there is nothing to guess that a slow hash would
protect (unlike a password).
"""

from __future__ import annotations

import hashlib
import re
import secrets

_BYTES = 32
# 32 bytes in URL-safe base 64 without padding.
_SHAPE = re.compile(r"(?:daji_)?[A-Za-z0-9_-]{43}")
BEARER_PREFIX = "daji_"
"""Lets a scanner of leaked secrets recognise one of ours."""


def fresh(*, bearer: bool = False) -> str:
    return (BEARER_PREFIX if bearer else "") + secrets.token_urlsafe(_BYTES)


def well_formed(token: str) -> bool:
    """Tell whether this could be a token at all, before the database is asked."""
    return _SHAPE.fullmatch(token) is not None


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
