"""What is taken for a 3D model: a binary glTF 2.0 file (Khronos, glTF 2.0 specification, section 4) on its own."""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from daji.base.media.facts import TooLarge, Unreadable

MODEL_TYPE = "model/gltf-binary"
MAX_MODEL_BYTES = 4_000_000
_HEADER = struct.Struct("<4sII")
_CHUNK = struct.Struct("<I4s")
_VERSION = 2


def check_model(content: bytes) -> None:
    """Look at header, chunks and addresses; a model may name no file or address besides itself.

    Raises
    ------
    TooLarge, Unreadable
    """
    if len(content) > MAX_MODEL_BYTES:
        raise TooLarge(limit=MAX_MODEL_BYTES, unit="bytes")
    try:
        magic, version, length = _HEADER.unpack_from(content, 0)
        size, kind = _CHUNK.unpack_from(content, _HEADER.size)
        start = _HEADER.size + _CHUNK.size
        if (magic, version, length, kind) != (
            b"glTF",
            _VERSION,
            len(content),
            b"JSON",
        ) or start + size > length:
            raise Unreadable
        tree = msgspec.json.decode(content[start : start + size], type=dict[str, Any])
        asset = tree["asset"]["version"]
        outside = [one for part in ("buffers", "images") for one in tree.get(part, []) if "uri" in one]
    except (struct.error, msgspec.DecodeError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable from None
    if not str(asset).startswith("2.") or outside:
        raise Unreadable
