"""Facts and refusals of media."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

import msgspec

from daji.kit.problems import Problem

Kind = Literal["image", "model3d"]


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """One stored size. `width` is what is asked for; a smaller picture is not blown up, so `pixels` tells the truth.

    `name` is where the storage keeps it.
    """

    width: int
    pixels: tuple[int, int]
    bytes: int
    name: str


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """A picture; `width` and `height` are those of the original as it is to be looked at, in pixels.

    `blur` is a `data:` address of a picture some 16 pixels wide, to be shown until the real one has come; empty for a
    picture with transparency, through which it would be seen. A `model3d` has no pixels: 0 by 0, no blur, one file.
    """

    id: UUID
    kind: Kind
    width: int
    height: int
    blur: str = ""
    renditions: tuple[Rendition, ...]


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A picture whose WebP renditions were made before: width → content."""

    renditions: Mapping[int, bytes]
    blur: str


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """How much one owner may upload in 24 hours."""

    files: int = 500
    bytes: int = 1_073_741_824


class TooLarge(Problem):
    """More bytes or pixels than are taken; parameters `limit`, `unit` (bytes or pixels)."""

    code = "media.too_large"
    status = 413


class UnsupportedType(Problem):
    """Neither JPEG, PNG, WebP nor GIF; parameter `allowed`."""

    code = "media.unsupported_type"
    status = 415


class NotPrepared(Problem):
    """Renditions that are not what `keep_prepared` keeps; parameter `why`."""

    code = "media.not_prepared"
    status = 422


class TypeMismatch(Problem):
    """The content is a picture of another type than was said; parameters `declared`, `found`."""

    code = "media.type_mismatch"
    status = 415


class Unreadable(Problem):
    """The content is no picture, or a broken one."""

    code = "media.unreadable"
    status = 422


class NoOwner(Problem):
    """Uploads need somebody who answers for them."""

    code = "media.no_owner"
    status = 403


class QuotaExceeded(Problem):
    """The owner has uploaded too much in 24 hours; parameters `files`, `bytes` are the limits."""

    code = "media.quota_exceeded"
    status = 429
