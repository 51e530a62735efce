"""The larder."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from forms import (
    ball,
    curve,
    disc,
    hoop,
    join,
    lathe,
    move,
    patch,
    ring_of,
    skin,
    slab,
    sweep,
    thrown,
    turned,
)
from stuff import Stuff, glass, matt, metal, paper, plastic, shade, wood

from models import Parts, product


def _label(radius: float, low: float, high: float, angle: float, turn: float) -> object:
    """A label on a cylinder, its middle towards the camera's usual side at `turn`."""
    return move(
        lathe([(radius, low), (radius + 0.0015, low), (radius + 0.0015, high), (radius, high)], 48, angle),
        rz=turn - angle / 2,
    )


def _print(radius: float, turn: float, *lines: tuple[float, float, float]) -> object:
    """Printed bars: (height above the floor, thickness, angle)."""
    return join(*(_label(radius, z, z + h, a, turn) for z, h, a in lines))


@product("honey-jar", azimuth=-24, elevation=16)
def honey_jar(colour: str) -> Parts:
    outer = turned(
        (0, 0), (0.46, 0, 0.06), (0.50, 0.08, 0.05), (0.50, 0.72, 0.10), (0.40, 0.86, 0.05), (0.40, 0.98)
    )
    honey = turned((0, 0.04), (0.455, 0.04, 0.06), (0.462, 0.72, 0.10), (0.37, 0.83, 0.03), (0, 0.84))
    lid = turned((0, 0.95), (0.43, 0.95, 0.01), (0.43, 1.14, 0.03), (0, 1.15))
    n = 160
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    rings = []
    for r, z in (
        (0.02, 1.165),
        (0.30, 1.168),
        (0.435, 1.15),
        (0.455, 1.08),
        (0.47, 0.97),
        (0.56, 0.86),
        (0.62, 0.82),
    ):
        wave = 1 + (0.06 * np.sin(16 * t) + 0.02 * np.sin(7 * t)) * np.clip((1.1 - z) / 0.25, 0, 1)
        rings.append(
            np.c_[
                r * wave * np.cos(t),
                r * wave * np.sin(t),
                z + 0.02 * np.sin(16 * t + 1) * np.clip((1.0 - z) / 0.2, 0, 1),
            ]
        )
    cap = skin(rings, caps=False)
    string = join(move(hoop(0.468, 0.016), z=0.985), move(hoop(0.468, 0.016), z=1.01))
    front = -100.0
    label = _label(0.502, 0.20, 0.62, 88, front)
    ink = _print(0.5045, front, (0.49, 0.05, 40), (0.42, 0.016, 54), (0.28, 0.014, 30))
    comb = join(*(move(_label(0.5045, 0.34, 0.36, 8, front + d), z=0) for d in (-12, 0, 12)))
    stick = sweep(np.linspace((0, 0, 0), (0, 0, 1.05), 10), 0.028)
    dipper = thrown((0, -0.26), (0.06, -0.24), (0.12, -0.12), (0.10, 0.02), (0, 0.06))
    grooves = join(
        *(
            move(hoop(0.055 + 0.075 * np.sin(np.pi * (0.15 + 0.7 * k / 5)), 0.018), z=-0.22 + 0.046 * k)
            for k in range(6)
        )
    )
    lie = {"ry": 82, "rz": 24, "x": 0.55, "y": -0.62, "z": 0.14}
    return [
        (outer, glass("#fffdf8")), (honey, Stuff("#d98a1c" if colour == "mustard" else "#b8501f", rough=0.15, specular=0.6, coat=0.5)), (lid, metal("brass", 0.3)),
        (cap, Stuff("#ece3cf" if colour == "mustard" else colour, rough=0.95, texture="weave", scale=0.3, bump=0.01)), (string, Stuff("#b08a54", rough=0.9)), (label, paper()), (join(ink, comb), matt("#6a4a1e")),
        (move(join(stick, dipper, grooves), **lie), wood("bamboo", "x", 0.9)),
    ]  # fmt: skip


@product("sauce-bottle", azimuth=-24, elevation=12, fill=0.76)
def sauce_bottle(colour: str) -> Parts:
    sauce = {"brick": "#8e2a17", "ink": "#24130d"}[colour]
    body = turned(
        (0, 0),
        (0.32, 0, 0.04),
        (0.34, 0.06, 0.03),
        (0.34, 1.10, 0.20),
        (0.13, 1.52, 0.16),
        (0.125, 1.90),
        (0, 1.90),
    )
    ring = join(move(hoop(0.14, 0.016), z=1.80), move(hoop(0.135, 0.012), z=1.72))
    cap = turned((0, 1.84), (0.165, 1.84, 0.012), (0.165, 2.10, 0.03), (0, 2.11))
    ribs = join(
        *(
            move(slab(0.008, 0.01, 0.20, 0.003, 0.003), x=0.165 * np.cos(a), y=0.165 * np.sin(a), z=1.87)
            for a in np.linspace(0, 2 * np.pi, 40, endpoint=False)
        )
    )
    front = -104.0
    label = _label(0.3405, 0.24, 0.98, 150, front)
    band = _label(0.3425, 0.24, 0.38, 150, front)
    seal = move(
        lathe([(0.3425, 0.66), (0.3432, 0.66), (0.3432, 0.90), (0.3425, 0.90)], 24, 40), rz=front - 20
    )
    ink = _print(0.3435, front, (0.52, 0.05, 64), (0.46, 0.016, 80))
    ink2 = _print(0.3442, front, (0.72, 0.03, 16), (0.78, 0.03, 22), (0.84, 0.02, 16))
    neck = _label(0.1405, 1.54, 1.64, 359, front)
    return [
        (body, Stuff(sauce, rough=0.08, specular=0.7, coat=1.0)), (join(cap, ribs), plastic("#b3291f" if colour == "brick" else "#c79a4f", 0.3)), (ring, Stuff(sauce, rough=0.1, coat=1.0)),
        (label, paper("#f3e9d2")), (band, matt("#b3291f" if colour == "brick" else "#2d2a28")), (seal, matt("#b3291f")), (ink, matt("#2d2a28")), (ink2, matt("#f6ecd6")), (neck, matt("#d9b25a")),
    ]  # fmt: skip


@product("rice-bag", azimuth=-28, elevation=18)
def rice_bag(colour: str) -> Parts:
    n_corner = 18
    rings = []
    for z, w, d, r in (
        (0.0, 1.5, 0.95, 0.30),
        (0.05, 1.75, 1.15, 0.42),
        (0.25, 1.92, 1.28, 0.52),
        (0.9, 2.0, 1.34, 0.58),
        (1.6, 1.94, 1.22, 0.54),
        (2.1, 1.82, 0.90, 0.42),
        (2.35, 1.78, 0.52, 0.25),
        (2.52, 1.80, 0.26, 0.12),
    ):
        flat = ring_of(w, d, r, n_corner)
        a = np.arctan2(flat[:, 1] * 1.5, flat[:, 0])
        wrinkle = 1 + 0.016 * np.sin(11 * a + 3 * z) * (0.4 + 0.6 * z / 2.5)
        rings.append(np.c_[flat * wrinkle[:, None], z + 0.02 * np.sin(3 * a + z)])
    dense = []
    for a_ring, b_ring in pairwise(rings):
        dense += [a_ring * (1 - t) + b_ring * t for t in np.linspace(0, 1, 6, endpoint=False)]
    bag = skin([*dense, rings[-1]])
    fold = move(slab(1.84, 0.30, 0.34, 0.08, 0.07), z=2.42)
    stitch = join(
        *(
            move(slab(0.07, 0.02, 0.018, 0.008, 0.006), x=x, y=-0.155, z=2.58)
            for x in np.linspace(-0.82, 0.82, 15)
        )
    )
    label = _bulged(1.25, 1.15, 0.90, -0.625)
    seal = _bulged(0.34, 0.34, 1.28, -0.640, x=-0.30)
    lines = [
        _bulged(w, h, z, -0.640, x=x)
        for w, h, z, x in (
            (0.42, 0.09, 1.32, 0.24),
            (0.42, 0.05, 1.17, 0.24),
            (0.95, 0.03, 0.82, 0),
            (0.8, 0.03, 0.73, 0),
            (0.95, 0.16, 0.54, 0),
        )
    ]
    rng = np.random.default_rng(9)
    grains = []
    for _ in range(150):
        r, a = abs(rng.normal(0, 0.30)), rng.uniform(0, 2 * np.pi)
        grain = move(ball(0.5, 1), scale=(0.075, 0.028, 0.026))
        grains.append(
            move(
                grain,
                x=1.15 + r * np.cos(a),
                y=-0.72 + r * 0.6 * np.sin(a),
                z=0.016 + 0.10 * np.exp(-((r / 0.16) ** 2)) * rng.uniform(0, 1),
                rz=float(rng.uniform(0, 360)),
            )
        )
    kraft = Stuff(colour, rough=0.9, specular=0.15, texture="weave", scale=0.35, bump=0.012)
    return [
        (join(bag), kraft), (fold, kraft.but(colour=shade(colour, 0.86))), (stitch, matt("#b04f35")), (label, paper("#faf5e8")),
        (seal, matt("brick")), (join(*lines), matt("#4f5a3c")), (join(*grains), Stuff("#f7f3e8", rough=0.5)),
    ]  # fmt: skip


def _bulged(width: float, height: float, middle: float, y: float, x: float = 0.0) -> object:
    """A label that follows the belly of the bag."""
    grid = []
    for v in np.linspace(-0.5, 0.5, 14):
        z = middle + v * height
        belly = float(np.interp(z, [0.05, 0.25, 0.9, 1.6, 2.1], [-0.575, -0.64, -0.67, -0.61, -0.45]))
        row = []
        for u in np.linspace(-0.5, 0.5, 20):
            here = x + u * width
            edge = max(0.0, abs(here) - 0.42)
            row.append((here, belly - 0.012 + (y + 0.625) + 0.30 * edge**2, z))
        grid.append(row)
    return patch(np.array(grid))


@product("can", azimuth=-24, elevation=19)
def can(colour: str) -> Parts:
    def one() -> tuple[object, object]:
        wall = turned(
            (0, 0.02),
            (0.30, 0.02),
            (0.315, 0, 0.01),
            (0.33, 0.03, 0.02),
            (0.33, 1.14, 0.05),
            (0.27, 1.22, 0.02),
            (0.268, 1.24),
        )
        rims = join(
            move(hoop(0.270, 0.014), z=1.245),
            turned((0.255, 1.235), (0.24, 1.20, 0.01), (0, 1.205)),
            turned((0.0, 0.015), (0.29, 0.015), (0.318, -0.002, 0.01), (0.333, 0.035), (0.331, 0.04)),
        )
        tab = join(
            move(
                sweep(
                    np.array(
                        [
                            (0.085 * np.cos(t), 0.055 * np.sin(t), 0)
                            for t in np.linspace(0, 2 * np.pi, 40, endpoint=False)
                        ]
                    ),
                    0.016,
                    closed=True,
                    squash=0.5,
                ),
                x=0.07,
                z=1.222,
            ),
            move(disc(0.035, 0.02, 0.006, 24), x=-0.02, z=1.208),
        )
        return wall, join(rims, tab)

    front = -112.0
    wall, tin = one()
    second = {"x": 0.78, "y": 0.34}
    sun = _label(0.3308, 0.52, 0.94, 62, front)
    waves = []
    for k in range(3):
        zs = 0.20 + 0.09 * k
        a = np.radians(np.linspace(front - 70, front + 70, 90))
        waves.append(
            sweep(np.c_[0.331 * np.cos(a), 0.331 * np.sin(a), zs + 0.022 * np.sin(9 * a + k)], 0.010, sides=8)
        )
    ink = _print(0.3325, front, (0.70, 0.07, 40), (0.63, 0.018, 46), (0.59, 0.018, 34))
    parts: list[tuple[object, Stuff]] = []
    for place, tone in (
        ({"x": 0.0}, colour),
        (second, {"coral": "mustard", "teal": "sky"}.get(colour, "celadon")),
    ):
        paint = Stuff(tone, rough=0.28, metal=0.35, specular=0.6, coat=0.3)
        parts += [
            (move(wall, **place), paint), (move(tin, **place), metal("#c4c7ca", 0.22)), (move(sun, **place), paper("#f7efdf")),
            (move(join(*waves), **place), Stuff("#f7efdf", rough=0.4)), (move(ink, **place), matt(shade(tone, 0.7))),
        ]  # fmt: skip
    return parts


@product("oil-bottle", azimuth=-24, elevation=12, fill=0.76)
def oil_bottle(colour: str) -> Parts:
    tone, oil = {"moss": ("#7f9a4a", "#7d8a1e"), "mustard": ("#fdf6dc", "#d8a319")}[colour]
    outer = slab(0.62, 0.62, 1.45, 0.10, 0.06)
    inner = move(slab(0.53, 0.53, 1.22, 0.07, 0.04), z=0.06)
    shoulder = move(
        turned((0.27, -0.02), (0.24, 0.06, 0.06), (0.11, 0.24, 0.10), (0.105, 0.62), (0, 0.62)), z=1.42
    )
    lip = move(hoop(0.118, 0.022, squash=1.4), z=2.0)
    spout = join(
        turned((0, 2.02), (0.09, 2.02), (0.08, 2.12, 0.02), (0.04, 2.16), (0, 2.16)),
        sweep(
            curve([(0, 0, 2.14), (0, 0, 2.32), (-0.06, 0, 2.46), (-0.17, 0, 2.56)], 8),
            np.linspace(0.036, 0.024, 25),
        ),
    )
    cork = turned((0, 1.98), (0.092, 1.98), (0.098, 2.06, 0.02), (0, 2.06))
    label = move(slab(0.44, 0.004, 0.66, 0.002, 0.001), y=-0.313, z=0.34)
    side = move(slab(0.004, 0.44, 0.66, 0.002, 0.001), x=-0.313, z=0.34)
    ink = join(
        *(
            move(slab(w, 0.003, h, 0.001, 0.001), y=-0.317, z=z)
            for w, h, z in ((0.26, 0.05, 0.66), (0.32, 0.014, 0.61), (0.22, 0.012, 0.42), (0.28, 0.012, 0.45))
        )
    )
    leaf = join(
        *(
            move(
                sweep(
                    curve([(0, 0, 0), (0.04, 0, 0.05), (0.10, 0, 0.07)], 6),
                    np.interp(np.linspace(0, 1, 13), [0, 0.5, 1], [0.004, 0.024, 0.003]),
                    squash=0.2,
                    up=(0, 1, 0),
                ),
                y=-0.318,
                z=0.80,
                x=0,
                ry=r,
            )
            for r in (0, -60, -110)
        )
    )
    return [
        (outer, glass(tone)), (inner, Stuff(oil, rough=0.12, specular=0.6, coat=0.5)), (join(shoulder, lip), Stuff(shade(oil, 0.8), rough=0.08, coat=1.0)),
        (spout, metal("steel", 0.2)), (cork, Stuff("#b98d5c", rough=0.9)), (join(label, side), paper("#f6f0e0")), (join(ink, leaf), matt("#51602f")),
    ]  # fmt: skip
