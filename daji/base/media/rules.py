"""What is taken for a picture, and what is made of it. Nothing of the original file survives but its pixels."""

from __future__ import annotations

import base64
import io
from uuid import UUID

import msgspec
from PIL import Image, ImageOps

from daji.base.media.facts import (
    NoOwner,
    NotPrepared,
    Prepared,
    TooLarge,
    TypeMismatch,
    Unreadable,
    UnsupportedType,
)

MAX_BYTES = 15_000_000
MAX_PIXELS = 50_000_000
MAX_SIDE = 30_000
WIDTHS = (160, 320, 640, 1280)
PREPARED_WIDTHS = (160, 320, 640)
PRIVATE = "private/"
MAX_PURPOSE = 40
MAX_PREPARED_BYTES = 400_000
_QUALITY = 82
# In a page of forty cards the blurs are a few kilobytes, less once the page is compressed.
MAX_BLUR = 300
BLUR_PREFIX = "data:image/webp;base64,"
_BLUR_SIDE = 16
_BLUR_QUALITIES = (50, 30, 10)
_WORK_SIDE = 2 * WIDTHS[-1]
# Exif 2.32, tag Orientation: from 5 on the picture lies on its side.
_ORIENTATION, _FIRST_LYING = 0x0112, 5

TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
# Telephones append small previews to a JPEG, which Pillow then calls MPO (CIPA DC-007); its first picture is the JPEG.
_TYPE_OF = {**{name: declared for declared, name in TYPES.items()}, "MPO": "image/jpeg"}
_OWNERS = ("shopper:", "staff:", "api:", "system")


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes made of a picture: (asked width, real size, WebP content)."""

    width: int
    height: int
    renditions: tuple[tuple[int, tuple[int, int], bytes], ...]
    blur: str


def path_of(media_id: UUID, width: int, *, private: bool = False) -> str:
    """Name under which the storage keeps a picture in one of `WIDTHS`; ValueError for another width.

    What is `private` lies apart, so that the address under which everybody finds pictures never finds it.
    """
    if width not in WIDTHS:
        raise ValueError(f"pictures are kept in {WIDTHS}, not {width}")
    return f"{PRIVATE if private else ''}{_stem(media_id)}-{width}.webp"


def model_path_of(media_id: UUID) -> str:
    """Name under which the storage keeps a `model3d`."""
    return f"{_stem(media_id)}.glb"


def _stem(media_id: UUID) -> str:
    text = media_id.hex
    # The end of a UUIDv7 is random, so folders fill evenly.
    return f"{text[-2:]}/{text[-4:-2]}/{text}"


def check_owner(owner: str) -> None:
    if not owner.startswith(_OWNERS) or "\x00" in owner:
        raise NoOwner


def check(content: bytes, *, declared_type: str, owner: str) -> None:
    """Refuse before any decoder sees the content. Raises NoOwner, UnsupportedType, TooLarge, Unreadable."""
    check_owner(owner)
    if declared_type not in TYPES:
        raise UnsupportedType(allowed=list(TYPES))
    if len(content) > MAX_BYTES:
        raise TooLarge(limit=MAX_BYTES, unit="bytes")
    if not content:
        raise Unreadable


def make(content: bytes, *, declared_type: str) -> Made:
    """Decode a picture and write it anew in every width, upright, without metadata. Takes up to seconds.

    The type is what the decoders find, never what a name or header says; only four decoders may look.

    Raises
    ------
    TypeMismatch, TooLarge, Unreadable
    """
    try:
        with Image.open(io.BytesIO(content), formats=tuple(TYPES.values())) as image:
            width, height = image.size
            _check_head(image, declared_type)
            lying = image.getexif().get(_ORIENTATION, 1) >= _FIRST_LYING
            image.draft("RGB", (_WORK_SIDE, _WORK_SIDE))
            upright = _flat(ImageOps.exif_transpose(image))
    except (TypeMismatch, TooLarge):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLarge(limit=MAX_PIXELS, unit="pixels") from None
    except Exception:  # noqa: BLE001 - decoders meet hostile bytes with any exception there is
        raise Unreadable from None
    return Made(
        width=height if lying else width,
        height=width if lying else height,
        renditions=tuple((wanted, *_sized(upright, wanted)) for wanted in WIDTHS),
        blur=blur_of(upright),
    )


def blur_of(image: Image.Image) -> str:
    """Make the `data:` address of a tiny copy; empty when the picture lets what is behind it through."""
    if image.mode == "RGBA":
        return ""
    scale = min(1, _BLUR_SIDE / max(image.size))
    tiny = image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.BOX
    )
    for quality in _BLUR_QUALITIES:
        out = io.BytesIO()
        tiny.save(out, "WEBP", quality=quality, method=6)
        made = BLUR_PREFIX + base64.b64encode(out.getvalue()).decode()
        if len(made) <= MAX_BLUR:
            return made
    return ""


def check_prepared(prepared: Prepared) -> dict[int, tuple[int, int]]:
    """Pixel sizes by width, once every file is a WebP of its width, all show one shape, and the blur is small.

    Raises
    ------
    NotPrepared
        With `why`: widths, bytes, format, size, or blur.
    """
    if sorted(prepared.renditions) != list(PREPARED_WIDTHS):
        raise NotPrepared(why="widths")
    largest = PREPARED_WIDTHS[-1]
    sizes = {width: _prepared_size(body) for width, body in prepared.renditions.items()}
    ratio = sizes[largest][1] / largest
    for width, size in sizes.items():
        if size[0] != width or abs(size[1] - width * ratio) > 1:
            raise NotPrepared(why="size")
    if len(prepared.blur) > MAX_BLUR or not _is_blur(prepared.blur):
        raise NotPrepared(why="blur")
    return sizes


def _prepared_size(body: bytes) -> tuple[int, int]:
    if len(body) > MAX_PREPARED_BYTES:
        raise NotPrepared(why="bytes")
    try:
        with Image.open(io.BytesIO(body), formats=("WEBP",)) as image:
            if image.width * image.height <= MAX_PIXELS:
                image.load()
                return image.size
    except Exception:  # noqa: BLE001 - decoders meet broken bytes with any exception there is
        raise NotPrepared(why="format") from None
    raise NotPrepared(why="size")


def _is_blur(blur: str) -> bool:
    try:
        body = base64.b64decode(blur.removeprefix(BLUR_PREFIX), validate=True)
    except ValueError:
        return False
    return not blur or (blur.startswith(BLUR_PREFIX) and body[:4] == b"RIFF" and body[8:12] == b"WEBP")


def _check_head(image: Image.Image, declared_type: str) -> None:
    """Ask type and size before a pixel is decoded: a bomb is small on disk."""
    found = _TYPE_OF[image.format or ""]
    if found != declared_type:
        raise TypeMismatch(declared=declared_type, found=found)
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
        raise TooLarge(limit=MAX_PIXELS, unit="pixels")


def _flat(image: Image.Image) -> Image.Image:
    """First frame in a mode that WebP knows; transparency is kept."""
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _sized(image: Image.Image, wanted: int) -> tuple[tuple[int, int], bytes]:
    width = min(wanted, image.width)
    size = (width, max(1, round(image.height * width / image.width)))
    out = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(out, "WEBP", quality=_QUALITY, method=4)
    return size, out.getvalue()
