"""What products are made of, and the colours they come in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

Rgb = tuple[float, float, float]

_PALER, _DARKER = 0.16, 0.82

COLOURS = {
    "celadon": "#84a594",
    "ink": "#33383e",
    "sand": "#cba678",
    "white": "#eceae4",
    "indigo": "#34547f",
    "brick": "#b04f35",
    "moss": "#66794a",
    "oat": "#d9c9ab",
    "mustard": "#d29a2c",
    "teal": "#1f6f6c",
    "coral": "#e0654d",
    "rose": "#dba0a0",
    "sky": "#8db4d2",
    "plum": "#6d3b58",
    "steel": "#b9bcc0",
    "brass": "#c79a4f",
    "walnut": "#6e4a30",
    "bamboo": "#d2aa6c",
}


def screen(colour: str) -> Rgb:
    """Linear light of a colour by name or of `#rrggbb` (IEC 61966-2-1)."""
    text = COLOURS.get(colour, colour).lstrip("#")
    parts = [int(text[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return r, g, b


def linear(colour: str) -> Rgb:
    """What a surface of a colour gives back in the studio.

    Under its light and exposure a surface comes out lighter and stronger than its colour on the screen; so it is made
    darker and paler by as much.
    """
    r, g, b = screen(colour)
    grey = 0.2126 * r + 0.7152 * g + 0.0722 * b
    # White cannot come out stronger than white.
    darker = _DARKER + (1 - _DARKER) * grey**2
    return tuple((c + (grey - c) * _PALER) * darker for c in (r, g, b))  # type: ignore[return-value]


def shade(colour: str, by: float) -> str:
    """Lighten (above 1) or darken a colour."""
    text = COLOURS.get(colour, colour).lstrip("#")
    parts = [int(text[i : i + 2], 16) for i in (0, 2, 4)]
    made = [c * by if by <= 1 else 255 - (255 - c) / by for c in parts]
    return "#" + "".join(f"{min(255, max(0, round(c))):02x}" for c in made)


@dataclass(frozen=True)
class Stuff:
    """A material. `grain` is the axis along which a texture runs; `scale` its size in decimetres."""

    colour: str
    rough: float = 0.45
    metal: float = 0.0
    coat: float = 0.0
    specular: float = 0.5
    sheen: float = 0.0
    kind: str = "solid"
    texture: str = ""
    grain: str = "x"
    scale: float = 1.0
    bump: float = 0.0
    glow: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)

    def but(self, **changes: Any) -> Stuff:
        return replace(self, **changes)


def glaze(colour: str, *, speckle: bool = False) -> Stuff:
    return Stuff(colour, rough=0.22, specular=0.6, coat=0.6, texture="speckle" if speckle else "", scale=0.9)


def matt(colour: str, *, speckle: bool = False) -> Stuff:
    return Stuff(colour, rough=0.6, specular=0.35, texture="speckle" if speckle else "", scale=0.9)


def plastic(colour: str, rough: float = 0.35) -> Stuff:
    return Stuff(colour, rough=rough, specular=0.5)


def gloss(colour: str) -> Stuff:
    return Stuff(colour, rough=0.15, specular=0.6, coat=1.0)


def lacquer(colour: str) -> Stuff:
    """Powder-coated metal."""
    return Stuff(colour, rough=0.42, specular=0.55, coat=0.15)


def rubber(colour: str = "#232529") -> Stuff:
    return Stuff(colour, rough=0.75, specular=0.3)


def metal(colour: str = "steel", rough: float = 0.22) -> Stuff:
    return Stuff(colour, rough=rough, metal=1.0, specular=0.6)


def wood(colour: str = "walnut", grain: str = "x", scale: float = 2.2) -> Stuff:
    return Stuff(colour, rough=0.5, specular=0.35, texture="wood", grain=grain, scale=scale)


def cloth(colour: str, scale: float = 0.5, bump: float = 0.012) -> Stuff:
    return Stuff(colour, rough=0.95, specular=0.1, sheen=0.6, texture="weave", scale=scale, bump=bump)


def plush(colour: str, scale: float = 0.7, bump: float = 0.03) -> Stuff:
    return Stuff(colour, rough=1.0, specular=0.05, sheen=0.8, texture="plush", scale=scale, bump=bump)


def paper(colour: str = "#f3efe4") -> Stuff:
    return Stuff(colour, rough=0.9, specular=0.15)


def leather(colour: str) -> Stuff:
    return Stuff(colour, rough=0.55, specular=0.4, texture="hide", scale=0.8, bump=0.006)


def glass(tint: str = "#ffffff") -> Stuff:
    return Stuff(tint, kind="glass", rough=0.0)


def pane(tint: str = "#ffffff") -> Stuff:
    """Thin glass that does not bend light."""
    return Stuff(tint, kind="pane", rough=0.0)


def light(colour: str, glow: float) -> Stuff:
    return Stuff(colour, kind="light", glow=glow)
