"""Files nobody else can read or change: compressed, then sealed chunk by chunk.

AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance, 2015): each chunk's nonce holds its number and whether it is the last, so that chunks
cannot be moved, repeated or cut off unnoticed.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"DAJIBAK1"
CHUNK = 1 << 20
KEY_BYTES = 32
_PREFIX = 7
_TAG = 16
# WAL segments are mostly zeros, which the lowest level squeezes out already.
_LEVEL = 1


class Damaged(Exception):
    """Sealed with another key, changed, or cut off."""


class NoKey(Exception):
    """The key cannot be read; the message says where it was expected."""


def read_key(path: Path) -> bytes:
    """The key in `path`: 64 hexadecimal digits.

    Raises
    ------
    NoKey
        When there is none, or it is something else.
    """
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise NoKey(f"{path} holds no key of {2 * KEY_BYTES} hexadecimal digits: {error}") from error
    if len(key) != KEY_BYTES:
        raise NoKey(f"{path} holds {len(key)} bytes, and a key has {KEY_BYTES}")
    return key


def make_key(path: Path) -> bytes:
    """A fresh key, readable by its owner only; FileExistsError when there is one."""
    key = os.urandom(KEY_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key.hex() + "\n")
    return key


def seal(key: bytes, source: IO[bytes], out: IO[bytes]) -> None:
    """Write what `source` holds to `out`, compressed and sealed."""
    prefix = os.urandom(_PREFIX)
    out.write(MAGIC + prefix)
    cipher = AESGCM(key)
    waiting = b""
    number = 0
    for piece in _compressed(source):
        waiting += piece
        while len(waiting) > CHUNK:
            out.write(cipher.encrypt(_nonce(prefix, number, last=False), waiting[:CHUNK], None))
            waiting = waiting[CHUNK:]
            number += 1
    out.write(cipher.encrypt(_nonce(prefix, number, last=True), waiting, None))


def unseal(key: bytes, source: IO[bytes], out: IO[bytes]) -> None:
    """The reverse of `seal`.

    Raises
    ------
    Damaged
        What was written to `out` before is part of the original all the same, but must not be trusted to be whole.
    """
    if source.read(len(MAGIC)) != MAGIC:
        raise Damaged("this is no sealed file")
    prefix = source.read(_PREFIX)
    cipher = AESGCM(key)
    expand = zlib.decompressobj()
    here = source.read(CHUNK + _TAG)
    number = 0
    while True:
        following = source.read(CHUNK + _TAG)
        try:
            piece = cipher.decrypt(_nonce(prefix, number, last=not following), here, None)
        except (InvalidTag, ValueError) as error:
            raise Damaged("sealed with another key, changed, or cut off") from error
        out.write(expand.decompress(piece))
        if not following:
            break
        here = following
        number += 1
    out.write(expand.flush())
    if not expand.eof:
        raise Damaged("cut off before it was sealed")


def _compressed(source: IO[bytes]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(_LEVEL)
    while piece := source.read(CHUNK):
        yield squeeze.compress(piece)
    yield squeeze.flush()


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
