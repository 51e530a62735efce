"""The door of media."""

from __future__ import annotations

from daji.base.media.commands.store import store
from daji.base.media.facts import (
    Media,
    NoOwner,
    Quota,
    QuotaExceeded,
    Rendition,
    TooLarge,
    TypeMismatch,
    Unreadable,
    UnsupportedType,
)
from daji.base.media.ports import Storage, StorageUnavailable
from daji.base.media.queries import find_media, get_media
from daji.base.media.rules import MAX_BYTES, TYPES, WIDTHS, path_of

__all__ = [
    "MAX_BYTES",
    "TYPES",
    "WIDTHS",
    "Media",
    "NoOwner",
    "Quota",
    "QuotaExceeded",
    "Rendition",
    "Storage",
    "StorageUnavailable",
    "TooLarge",
    "TypeMismatch",
    "Unreadable",
    "UnsupportedType",
    "find_media",
    "get_media",
    "path_of",
    "store",
]
