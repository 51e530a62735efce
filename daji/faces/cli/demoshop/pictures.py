"""Product pictures drawn from silhouettes: a soft backdrop, a shadow, the goods in their colour."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageOps

SIDE = 640
_FINE = 2
_STEPS = 20
_SHADOW_SIDE = 80
_BACKDROP = ("#f1f1f1", "#d6d8d6")

Point = tuple[float, float]
Box = tuple[int, int, int, int]
Rgb = tuple[int, int, int]
Part = Mapping[str, Any]


def draw(shape: str, colour: str) -> bytes:
    """Draw the goods as a JPEG of `SIDE` by `SIDE`; `colour` is `#rrggbb`."""
    parts = _shapes().get(shape) or _shapes()["bowl"]
    picture = _backdrop().copy()
    whole = Image.new("L", (SIDE, SIDE))
    masks = []
    for part in parts:
        mask = _mask(part)
        whole.paste(255, mask=mask)
        masks.append(mask)
    _cast_shadow(picture, whole)
    for part, mask in zip(parts, masks, strict=True):
        if box := mask.getbbox():
            picture.paste(_paint(part, colour, box), box, mask.crop(box))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, subsampling=0)
    return out.getvalue()


@lru_cache(maxsize=1)
def _shapes() -> dict[str, list[Part]]:
    shapes: dict[str, list[Part]] = tomllib.loads(
        resources.files(__package__).joinpath("shapes.toml").read_text(encoding="utf-8")
    )["shapes"]
    return shapes


@lru_cache(maxsize=1)
def _backdrop() -> Image.Image:
    """A wall that a light falls on from above, and a table."""
    light, dark = _BACKDROP
    fall = Image.linear_gradient("L").resize((SIDE, SIDE))
    wall = ImageOps.colorize(fall, light, dark)
    table = ImageOps.colorize(ImageOps.flip(fall), dark, light)
    edge = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(edge).rectangle((0, round(SIDE * 0.7), SIDE, SIDE), fill=120)
    wall.paste(table, mask=edge.filter(ImageFilter.GaussianBlur(SIDE / 60)))
    return wall


def _cast_shadow(picture: Image.Image, whole: Image.Image) -> None:
    box = whole.getbbox()
    if box is None:
        return
    # A blur costs by the pixel, and nobody sees the grain of a shadow.
    shrink = _SHADOW_SIDE / SIDE
    left, _, right, bottom = (edge * shrink for edge in box)
    shadow = Image.new("L", (_SHADOW_SIDE, _SHADOW_SIDE))
    fall = (left + 1, bottom - 4, min(right + 2, _SHADOW_SIDE - 2), bottom + 2.5)
    ImageDraw.Draw(shadow).ellipse(fall, fill=95)
    soft = shadow.filter(ImageFilter.GaussianBlur(1.9)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    picture.paste((58, 48, 40), mask=soft)


def _mask(part: Part) -> Image.Image:
    fine = Image.new("L", (SIDE * _FINE, SIDE * _FINE))
    pen = ImageDraw.Draw(fine)
    scale = SIDE * _FINE / 100
    if "oval" in part:
        pen.ellipse([edge * scale for edge in part["oval"]], fill=255)
    elif "box" in part:
        pen.rounded_rectangle([edge * scale for edge in part["box"]], part["r"] * scale, fill=255)
    elif "outline" in part:
        box = [edge * scale for edge in part["outline"]]
        pen.rounded_rectangle(box, part["r"] * scale, outline=255, width=round(part["w"] * scale))
    elif "line" in part:
        _stroke(pen, [(x * scale, y * scale) for x, y in _smooth(part["line"])], part["w"] * scale)
    else:
        pen.polygon([(x * scale, y * scale) for x, y in _outline(part)], fill=255)
    return fine.reduce(_FINE)


def _stroke(pen: ImageDraw.ImageDraw, points: Sequence[Point], width: float) -> None:
    pen.line(points, fill=255, width=round(width))
    # Round ends, and no notches where short pieces of a thick line meet.
    for x, y in points:
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)


def _outline(part: Part) -> list[Point]:
    if "poly" in part:
        return [(x, y) for x, y in part["poly"]]
    if "blob" in part:
        points = part["blob"]
        return _smooth([points[-1], *points, points[0], points[1]])[_STEPS : -_STEPS - 1]
    profile = part["lathe"] if part.get("straight") else _smooth(part["lathe"])
    axis = part.get("cx", 50)
    return [(axis - half, y) for y, half in profile] + [(axis + half, y) for y, half in reversed(profile)]


def _smooth(points: Sequence[Sequence[float]]) -> list[Point]:
    """Run a Catmull-Rom spline through the points (Catmull and Rom, 1974), ends included."""
    padded = [points[0], *points, points[-1]]
    found: list[Point] = []
    for n, (b, c) in enumerate(pairwise(points)):
        a, d = padded[n], padded[n + 3]
        for step in range(_STEPS):
            t = step / _STEPS
            x, y = (
                0.5
                * (
                    2 * b[axis]
                    + (c[axis] - a[axis]) * t
                    + (2 * a[axis] - 5 * b[axis] + 4 * c[axis] - d[axis]) * t**2
                    + (3 * b[axis] - a[axis] - 3 * c[axis] + d[axis]) * t**3
                )
                for axis in (0, 1)
            )
            found.append((x, y))
    return [*found, (points[-1][0], points[-1][1])]


def _paint(part: Part, colour: str, box: Box) -> Image.Image:
    """The part's colour with light from the left."""
    left, top, right, bottom = box
    base = part.get("paint", colour)
    tone = part.get("tone", 1.0)
    light = _light().resize((right - left, bottom - top))
    return ImageOps.colorize(light, _shade(base, tone * 0.78), _shade(base, tone * 1.1))


@lru_cache(maxsize=1)
def _light() -> Image.Image:
    return Image.linear_gradient("L").rotate(-90)


def _shade(colour: str, tone: float) -> Rgb:
    """Darken by a factor below 1, move towards white by one above."""
    red, green, blue = (
        round(value * tone) if tone <= 1 else round(value + (255 - value) * min(tone - 1, 1) * 1.4)
        for value in ImageColor.getrgb(colour)[:3]
    )
    return min(red, 255), min(green, 255), min(blue, 255)
