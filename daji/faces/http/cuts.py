"""Whole answers cut where something of one request stood: the same bytes for many, a fresh nonce for each.

A gzip member is a row of deflate blocks (RFC 1951, 3.2.3; RFC 1952, 2.2). Each part is packed once, by itself and up to a
byte's edge (zlib's full flush), so that nothing in it points back into another part; between two of them the nonce
travels as a stored block. Only the check sum is made anew for each reader.
"""

from __future__ import annotations

import struct
import zlib

Parts = tuple[bytes, ...]

GZIP_LEVEL = 6
_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
# An empty last block with fixed codes.
_LAST = b"\x03\x00"
_STORED = struct.Struct("<BHH")
_TAIL = struct.Struct("<II")


def cut(body: bytes, nonce: bytes) -> Parts:
    """The body without the nonce, cut at the places where it stood; one part where it is not in."""
    return tuple(body.split(nonce))


def join(parts: Parts, nonce: bytes) -> bytes:
    """The body with another nonce in its places."""
    return parts[0] if len(parts) == 1 else nonce.join(parts)


def pack(parts: Parts, *, level: int = GZIP_LEVEL) -> Parts:
    """The deflate blocks of each part."""
    return tuple(_blocks(part, level) for part in parts)


def unpack(packed: Parts) -> Parts:
    """The parts that `pack` made these blocks of."""
    return tuple(zlib.decompressobj(-zlib.MAX_WBITS).decompress(blocks) for blocks in packed)


def gzip_of(parts: Parts, packed: Parts, nonce: bytes) -> bytes:
    """The gzip member of `join(parts, nonce)`, made of `packed`, which are the parts' blocks."""
    size = len(nonce)
    between = _STORED.pack(0, size, size ^ 0xFFFF) + nonce
    check = zlib.crc32(join(parts, nonce))
    total = sum(map(len, parts)) + size * (len(parts) - 1)
    return b"".join((_HEAD, between.join(packed), _LAST, _TAIL.pack(check, total & 0xFFFFFFFF)))


def _blocks(part: bytes, level: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)
