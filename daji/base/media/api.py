"""The door of media."""

from __future__ import annotations

from daji.base.media.commands.keep_model import keep_model
from daji.base.media.commands.keep_prepared import keep_prepared
from daji.base.media.commands.store import store
from daji.base.media.facts import (
    Media,
    NoOwner,
    NotPrepared,
    Prepared,
    Quota,
    QuotaExceeded,
    Rendition,
    TooLarge,
    TypeMismatch,
    Unreadable,
    UnsupportedType,
)
from daji.base.media.models import MAX_MODEL_BYTES, MODEL_TYPE
from daji.base.media.ports import Storage, StorageUnavailable
from daji.base.media.queries import find_media, get_media
from daji.base.media.rules import MAX_BYTES, PREPARED_WIDTHS, TYPES, WIDTHS, model_path_of, path_of

__all__ = [
    "MAX_BYTES",
    "MAX_MODEL_BYTES",
    "MODEL_TYPE",
    "PREPARED_WIDTHS",
    "TYPES",
    "WIDTHS",
    "Media",
    "NoOwner",
    "NotPrepared",
    "Prepared",
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
    "keep_model",
    "keep_prepared",
    "model_path_of",
    "path_of",
    "store",
]
