"""What may be written into the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

MAX_TEXT = 300
_MAX_DOCUMENT = 64 * 1024


def text(value: str) -> str:
    """Cut to a line that can be kept: a trail must not fail on what it records."""
    return _storable(value)[:MAX_TEXT]


def document(value: Mapping[str, Any] | None) -> str | None:
    """Write a JSON object that PostgreSQL can keep; one that is too large is replaced by its size."""
    if value is None:
        return None
    encoded = msgspec.json.encode(_clean(msgspec.to_builtins(value, str_keys=True, enc_hook=str))).decode()
    if len(encoded) > _MAX_DOCUMENT:
        return msgspec.json.encode({"too_large": len(encoded)}).decode()
    return encoded


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, dict):
        return {_storable(str(key)): _clean(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(child) for child in value]
    return value


def _storable(value: str) -> str:
    # U+0000 and lone surrogates are no text to PostgreSQL.
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
