"""The writing desk."""

from __future__ import annotations

import numpy as np
from forms import (
    curve,
    disc,
    extrude,
    fillet,
    hoop,
    join,
    lathe,
    move,
    slab,
    sweep,
    thrown,
    turned,
    vessel,
)
from stuff import Stuff, glass, glaze, leather, matt, metal, paper, plastic, shade, wood

from models import Parts, product


def _book(colour: str, band: str) -> list[tuple[object, Stuff]]:
    """A notebook lying with its back to the left, 1.45 by 2.1."""
    w, d, h = 1.45, 2.10, 0.20
    cover = join(
        move(slab(w, d, 0.035, 0.10, 0.014), z=h - 0.035),
        slab(w, d, 0.035, 0.10, 0.014),
        move(slab(0.07, d, h, 0.035, 0.03), x=-w / 2 + 0.02),
    )
    pages = [
        move(
            slab(w - 0.10, d - 0.07, 0.0085, 0.08, 0.001, steps=2),
            x=0.03 + 0.0012 * ((k * 7) % 5),
            z=0.036 + k * 0.0095,
        )
        for k in range(14)
    ]
    strap = move(slab(0.055, d + 0.012, h + 0.012, 0.006, 0.006), x=w / 2 - 0.22, z=-0.006)
    ribbon = move(slab(0.05, 0.36, 0.006, 0.01, 0.002), x=-0.15, y=-d / 2 - 0.13, z=h * 0.5, rx=-14)
    return [
        (cover, leather(colour)),
        (join(*pages), paper("#f4efe1")),
        (join(strap, ribbon), Stuff(band, rough=0.8)),
    ]


@product("notebook", azimuth=-34, elevation=34)
def notebook(colour: str) -> Parts:
    band = shade(colour, 0.6) if colour != "ink" else "#b0512f"
    parts = [(move(m, rz=4), s) for m, s in _book(colour, band)]
    top = [(move(m, rz=-13, z=0.212, x=0.05), s) for m, s in _book(colour, band)]
    plate = move(slab(0.52, 0.16, 0.004, 0.02, 0.001), x=0.02, y=0.5, z=0.4115, rz=-13)
    return [*parts, *top, (plate, metal("brass", 0.3))]


@product("pen", azimuth=-30, elevation=38, fill=0.78)
def pen(colour: str) -> Parts:
    body_stuff = Stuff(colour, rough=0.15, coat=1.0) if colour == "ink" else metal("brass", 0.24)
    trim = metal("brass", 0.2) if colour == "ink" else Stuff("#2c2f33", rough=0.2, coat=1.0)
    barrel = turned(
        (0, 0.40),
        (0.045, 0.40),
        (0.052, 0.46, 0.01),
        (0.062, 0.9, 0.2),
        (0.066, 1.25, 0.1),
        (0.05, 1.62, 0.05),
        (0.03, 1.66, 0.02),
        (0, 1.665),
        sections=48,
    )
    grip = turned((0, 0.20), (0.034, 0.20, 0.005), (0.042, 0.30, 0.05), (0.046, 0.41), (0, 0.41), sections=48)
    ring = join(move(hoop(0.056, 0.008, sections=64), z=0.42), move(hoop(0.064, 0.006, sections=64), z=1.30))
    nib_path = np.linspace((0, 0, 0.22), (0, 0, 0.0), 20)
    nib = sweep(
        nib_path,
        np.interp(np.linspace(0, 1, 20), [0, 0.35, 0.9, 1], [0.030, 0.036, 0.008, 0.003]),
        squash=0.45,
        up=(1, 0, 0),
    )
    cap = turned(
        (0, 0),
        (0.072, 0, 0.01),
        (0.075, 0.08, 0.01),
        (0.070, 0.52, 0.05),
        (0.045, 0.62, 0.03),
        (0, 0.63),
        sections=48,
    )
    clip = sweep(
        curve([(0.05, 0, 0.57), (0.105, 0, 0.56), (0.10, 0, 0.30), (0.082, 0, 0.13)], 8),
        np.interp(np.linspace(0, 1, 25), [0, 1], [0.022, 0.014]),
        squash=0.5,
        up=(1, 0, 0),
        sides=14,
    )
    cap_ring = join(
        move(hoop(0.075, 0.006, sections=64), z=0.03), move(hoop(0.075, 0.004, sections=64), z=0.07)
    )
    lie = {"ry": 88.5, "rz": 22, "z": 0.068, "x": -0.85, "y": -0.18}
    cap_lie = {"ry": 90, "rz": 52, "z": 0.077, "x": -0.1, "y": -0.52}
    pad = move(slab(1.95, 1.15, 0.03, 0.05, 0.01), x=0.02, y=0.02, z=-0.03, rz=8)
    return [
        (move(barrel, **lie), body_stuff),
        (move(grip, **lie), Stuff("#26282c", rough=0.25, coat=0.8)),
        (move(join(ring, nib), **lie), trim if colour == "ink" else metal("steel", 0.2)),
        (move(cap, **cap_lie), body_stuff),
        (move(join(clip, cap_ring), **cap_lie), trim),
        (pad, paper("#efe7d5")),
    ]


@product("ink-bottle", azimuth=-30, elevation=20)
def ink_bottle(colour: str) -> Parts:
    body = slab(0.72, 0.72, 0.50, 0.16, 0.07)
    ink = move(slab(0.62, 0.62, 0.36, 0.12, 0.05), z=0.06)
    neck = move(turned((0, 0), (0.22, 0), (0.22, 0.10), (0, 0.10)), z=0.49)
    cap = move(turned((0, 0), (0.27, 0, 0.015), (0.27, 0.22, 0.03), (0, 0.23)), z=0.57)
    ribs = join(
        *(
            move(slab(0.012, 0.012, 0.17, 0.004, 0.003), x=0.27 * np.cos(a), y=0.27 * np.sin(a), z=0.59)
            for a in np.linspace(0, 2 * np.pi, 40, endpoint=False)
        )
    )
    label = move(slab(0.44, 0.004, 0.24, 0.001, 0.001), y=-0.364, z=0.12)
    lines = join(
        move(slab(0.24, 0.003, 0.035, 0.001, 0.001), y=-0.367, z=0.24),
        move(slab(0.32, 0.003, 0.014, 0.001, 0.001), y=-0.367, z=0.19),
    )
    box = move(slab(0.84, 0.84, 0.98, 0.02, 0.012), x=0.88, y=0.5, rz=14)
    wrap = move(slab(0.848, 0.848, 0.34, 0.02, 0.006), x=0.88, y=0.5, z=0.30, rz=14)
    return [
        (body, glass()), (ink, Stuff(colour, rough=0.2)), (neck, glass()),
        (join(cap, ribs), plastic("#222428", 0.3)), (label, paper()), (lines, matt("#3a3b3f")),
        (box, paper("#e9e2d2")), (wrap, paper(colour)),
    ]  # fmt: skip


@product("brush", azimuth=-30, elevation=26, fill=0.78)
def brush(colour: str) -> Parts:
    def one(length: float) -> tuple[object, object, object, object]:
        stick = turned(
            (0, 0),
            (0.048, 0, 0.01),
            (0.05, length, 0.02),
            (0.035, length + 0.03, 0.02),
            (0, length + 0.03),
            sections=32,
        )
        ferrule = turned(
            (0, -0.16), (0.075, -0.16), (0.075, -0.02, 0.01), (0.052, 0.04), (0, 0.04), sections=32
        )
        hair = thrown(
            (0, -0.66),
            (0.012, -0.60),
            (0.06, -0.42),
            (0.085, -0.28),
            (0.072, -0.16),
            (0, -0.15),
            sections=40,
            steps=6,
        )
        tip = thrown((0, -0.665), (0.014, -0.605), (0.05, -0.46), (0, -0.45), sections=40, steps=6)
        return stick, ferrule, hair, tip

    parts: list[tuple[object, Stuff]] = []
    for lie, length in (
        ({"ry": 90, "rz": 24, "x": -0.55, "y": -0.25, "z": 0.30}, 1.7),
        ({"ry": 90, "rz": 17, "x": -0.45, "y": 0.28, "z": 0.30}, 1.55),
    ):
        stick, ferrule, hair, tip = one(length)
        parts += [
            (move(stick, **lie), wood(colour, "x", 0.8)),
            (move(ferrule, **lie), Stuff("#2a1d16", rough=0.25, coat=0.8)),
            (move(hair, **lie), Stuff("#e9dfcb", rough=0.9)),
            (move(tip, **lie), Stuff("#2a2723", rough=0.6)),
        ]
    rest = move(slab(0.34, 1.25, 0.26, 0.1, 0.08), x=-0.55, y=0.02, rz=10)
    stone = slab(1.5, 1.0, 0.16, 0.08, 0.04)
    well = move(thrown((0, 0.012), (0.28, 0.01), (0.33, 0.03), (0.36, 0.0), (0, 0.0), sections=64), z=0.158)
    ink = move(disc(0.30, 0.012, 0.002), z=0.158)
    away = {"x": 0.95, "y": 0.95, "rz": 12}
    return [
        *parts,
        (rest, glaze("white")),
        (join(move(stone, **away), move(well, **away)), Stuff("#3d3f42", rough=0.6)),
        (move(ink, **away), Stuff("#0d0e10", rough=0.1)),
    ]


@product("pencil-cup", azimuth=-26, elevation=18, fill=0.74)
def pencil_cup(colour: str) -> Parts:
    cup = vessel(fillet([(0.001, 0), (0.44, 0, 0.05), (0.44, 1.02, 0.01), (0.44, 1.03)], 8), 0.035, 0.06)
    band = move(hoop(0.442, 0.01, squash=2), z=0.16)
    parts: list[tuple[object, Stuff]] = [(cup, matt(colour, speckle=True)), (band, metal("brass", 0.3))]
    tones = ("#d29a2c", "#b04f35", "#34547f", "#66794a", "#6e4a30")
    for k, tone in enumerate(tones):
        a = 2 * np.pi * k / 5 + 0.5
        lean, length = 9.0, 1.72 - 0.07 * k
        hexagon = np.array(
            [(0.038 * np.cos(t), 0.038 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 7)[:-1]]
        )
        shaft = extrude(hexagon, length)
        cone = lathe([(0.038, 0), (0.012, 0.12), (0.012, 0.121)], 24)
        lead = lathe([(0.012, 0.118), (0.002, 0.16), (0, 0.162)], 16)
        place = {
            "rx": float(lean * np.sin(a + np.pi)),
            "ry": float(lean * np.cos(a)),
            "x": 0.16 * np.cos(a),
            "y": 0.16 * np.sin(a),
            "z": 0.08,
        }
        parts += [
            (move(shaft, **place), Stuff(tone, rough=0.3, coat=0.6)),
            (move(move(cone, z=length), **place), wood("#d9b98c", "z", 0.6)),
            (move(move(lead, z=length), **place), Stuff("#2e2f33", rough=0.5)),
        ]
    rule = move(slab(0.16, 0.016, 1.95, 0.004, 0.003), x=-0.05, y=0.26, z=0.08, ry=-6, rx=-4)
    parts.append((rule, wood("bamboo", "z", 1.0)))
    return parts


@product("calendar", azimuth=-28, elevation=16)
def calendar(colour: str) -> Parts:
    w, h, lean = 2.1, 1.5, 17
    base_front = move(slab(w, 0.03, h, 0.01, 0.008), y=-0.45, rx=-lean)
    base_back = move(slab(w, 0.03, h, 0.01, 0.008), y=0.45, rx=lean)
    foot = move(slab(w, 0.93, 0.03, 0.02, 0.008), z=0.0)
    sheet = move(slab(w - 0.06, 0.012, h - 0.06, 0.006, 0.004), y=-0.476, z=0.035, rx=-lean)

    def on_front(x: float, z: float, wide: float, high: float) -> object:
        return move(_tilted(slab(wide, 0.004, high, 0.001, 0.001), x, z, lean), y=-0.476, z=0.035)

    days, red = [], []
    for week in range(5):
        for day in range(7):
            if (week, day) in {(0, 0), (0, 1), (4, 5), (4, 6)}:
                continue
            cell = on_front(-0.80 + day * 0.265, 0.72 - week * 0.155, 0.075, 0.07)
            (red if day in {0, 6} else days).append(cell)
    head = on_front(-0.62, 1.08, 0.46, 0.16)
    year = on_front(0.66, 1.10, 0.26, 0.07)
    rule = on_front(0, 0.90, 1.75, 0.008)
    rings = []
    for x in np.linspace(-0.85, 0.85, 14):
        a = np.radians(np.linspace(-60, 240, 26))
        rings.append(
            sweep(
                np.c_[
                    np.full(26, x), 0.085 * np.cos(a), h * np.cos(np.radians(lean)) - 0.01 + 0.085 * np.sin(a)
                ],
                0.013,
                sides=10,
            )
        )
    return [
        (join(base_front, base_back, foot), paper(colour)),
        (sheet, paper("#fbf8f1")),
        (join(*days, year, rule), matt("#4a4b4f")),
        (join(*red, head), matt("brick" if colour != "brick" else "#8d3520")),
        (join(*rings), metal("#7f8286", 0.25)),
    ]


def _tilted(mesh: object, x: float, z: float, lean: float) -> object:
    return move(move(mesh, x=x, y=-0.0075, z=z), rx=-lean)
