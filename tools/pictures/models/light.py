"""Lamps and candles."""

from __future__ import annotations

import numpy as np
from forms import (
    around,
    ball,
    curve,
    disc,
    fillet,
    hoop,
    join,
    lathe,
    move,
    rod,
    slab,
    sweep,
    thrown,
    turned,
    vessel,
)
from stuff import Stuff, cloth, glaze, lacquer, light, matt, metal, pane, paper, shade, wood

from models import Parts, product


def _shade(low: float, high: float, z0: float, z1: float) -> tuple[object, object]:
    """A lampshade of cloth with its two rings."""
    wall = lathe(fillet([(low, z0), (high, z1), (high - 0.02, z1), (low - 0.02, z0), (low, z0)], 2), 128)
    rings = join(move(hoop(low - 0.008, 0.022), z=z0), move(hoop(high - 0.008, 0.022), z=z1))
    return wall, rings


@product("table-lamp", azimuth=-24, elevation=12, fill=0.76)
def table_lamp(colour: str) -> Parts:
    foot = thrown(
        (0, 0.0),
        (0.62, 0.0),
        (0.66, 0.06),
        (0.62, 0.12),
        (0.60, 0.14),
        (0.92, 0.62),
        (0.94, 1.05),
        (0.66, 1.55),
        (0.30, 1.85),
        (0.20, 2.05),
        (0.19, 2.15),
    )
    neck = turned((0.19, 2.12), (0.22, 2.12, 0.02), (0.22, 2.24, 0.02), (0.09, 2.26), (0.08, 2.6), (0, 2.6))
    wall, rings = _shade(1.62, 1.12, 2.30, 3.95)
    finial = turned((0, 3.93), (0.05, 3.93), (0.05, 4.0), (0.10, 4.06, 0.04), (0.05, 4.14, 0.03), (0, 4.14))
    spider = around(rod((0.03, 0, 3.93), (1.10, 0, 3.93), 0.018), 3)
    bulb = move(ball(0.28, 3), z=2.95)
    linen = "#efe6d3" if colour != "oat" else "#f3ecdd"
    return [
        (foot, glaze(colour, speckle=True)), (join(neck, finial, spider), metal("brass", 0.25)),
        (wall, Stuff(linen, rough=0.95, specular=0.1, texture="weave", scale=0.5)), (rings, cloth(shade(linen, 0.9))),
        (bulb, light("#ffd9a0", 14)),
    ]  # fmt: skip


@product("floor-lamp", azimuth=-30, elevation=10, fill=0.82)
def floor_lamp(colour: str) -> Parts:
    frame = metal("brass", 0.25) if colour == "brass" else lacquer("ink")
    base = turned(
        (0, 0), (1.55, 0, 0.08), (1.6, 0.12, 0.08), (1.45, 0.26, 0.1), (0.2, 0.32, 0.1), (0.16, 0.45)
    )
    pole = sweep(
        curve(
            [
                (0, 0, 0.3),
                (0, 0, 6.0),
                (0, 0, 11.0),
                (0.5, 0, 13.2),
                (1.9, 0, 14.4),
                (3.4, 0, 14.2),
                (4.0, 0, 13.4),
            ],
            14,
        ),
        0.12,
    )
    cap = lathe(
        curve(
            [(1.80, 0.0), (1.68, 0.62), (1.25, 1.22), (0.55, 1.60), (0.18, 1.70), (0.12, 1.95), (0, 1.97)], 10
        )
    )
    lining = lathe(curve([(1.78, 0.01), (1.66, 0.60), (1.23, 1.19), (0.55, 1.56), (0, 1.66)], 10))
    glow = move(ball(0.55, 3), z=0.75)
    place = {"x": 4.0, "z": 11.75, "ry": 0}
    rim = move(hoop(1.79, 0.03), z=0.0)
    return [
        (join(base, pole), frame), (move(join(cap, rim), **place), frame), (move(lining, **place), matt("#f4e6c8")),
        (move(glow, **place), light("#ffdca6", 10)),
    ]  # fmt: skip


@product("pendant", azimuth=-24, elevation=8, fill=0.74)
def pendant(colour: str) -> Parts:
    dome = lathe(
        curve(
            [(1.75, 0.0), (1.72, 0.25), (1.45, 0.85), (0.85, 1.38), (0.34, 1.62), (0.26, 1.75), (0.24, 2.05)],
            10,
        ),
        128,
    )
    lining = lathe(curve([(1.73, 0.01), (1.69, 0.25), (1.42, 0.83), (0.82, 1.35), (0, 1.6)], 10), 128)
    rim = move(hoop(1.745, 0.025), z=0.0)
    holder = turned(
        (0.25, 2.0), (0.27, 2.0, 0.02), (0.27, 2.22, 0.06), (0.06, 2.34, 0.03), (0.04, 2.6), (0, 2.6)
    )
    cord = sweep(np.linspace((0, 0, 2.5), (0, 0, 4.6), 8), 0.035)
    rose = turned((0, 4.62), (0.10, 4.55), (0.48, 4.66, 0.06), (0.48, 4.80), (0, 4.80))
    bulb = move(ball(0.42, 3), z=0.36)
    lift = 1.5
    return [
        (move(dome, z=lift), lacquer(colour)), (move(lining, z=lift), matt("#f8efd9")), (move(join(holder, rose), z=lift), metal("brass", 0.25)),
        (move(rim, z=lift), metal("brass", 0.3)), (move(cord, z=lift), cloth("#2d2f33", 0.2)), (move(bulb, z=lift), light("#ffdfae", 5)),
        (disc(0.02, 0.004, 0.001), matt("#ddd5c9")),
    ]  # fmt: skip


@product("candle", azimuth=-24, elevation=20)
def candle(colour: str) -> Parts:
    jar = vessel(fillet([(0, 0), (0.40, 0, 0.06), (0.42, 0.88, 0.02), (0.42, 0.92)], 8), 0.022, 0.06)
    wax = turned((0, 0.065), (0.392, 0.065, 0.05), (0.395, 0.66, 0.01), (0.28, 0.65, 0.05), (0, 0.64))
    wick = sweep(np.array([(0, 0, 0.63), (0.002, 0, 0.70), (0.012, 0, 0.76)]), 0.012, sides=10)
    flame = thrown((0, 0.72), (0.030, 0.755), (0.042, 0.81), (0.02, 0.90), (0, 0.965), sections=40)
    label = move(lathe([(0.4225, 0.24), (0.4235, 0.24), (0.4235, 0.60), (0.4225, 0.60)], 48, 70), rz=-152)
    line = move(
        join(
            *(
                lathe([(0.4245, z), (0.4250, z), (0.4250, z + h), (0.4245, z + h)], 32, a)
                for z, h, a in ((0.44, 0.05, 36), (0.37, 0.016, 46), (0.32, 0.016, 30))
            )
        ),
        rz=-140,
    )
    lid = turned((0, 0), (0.44, 0, 0.01), (0.44, 0.10, 0.03), (0, 0.105))
    return [
        (jar, pane("#fdfaf6")), (wax, Stuff(colour, rough=0.5, specular=0.4)), (wick, Stuff("#241c18", rough=0.9)), (flame, light("#ffbf66", 16)),
        (label, paper()), (line, matt("#4d4a47")), (move(lid, x=0.82, y=-0.30), wood("walnut", "x", 1.2)),
        (move(move(slab(0.10, 0.04, 0.006, 0.01, 0.002), x=0), x=0.82, y=-0.30, z=0.106), matt("#cdb48b")),
    ]  # fmt: skip


@product("night-light", azimuth=-24, elevation=17)
def night_light(colour: str) -> Parts:
    base = turned((0, 0), (0.46, 0, 0.04), (0.48, 0.14, 0.04), (0.44, 0.19), (0, 0.19))
    globe = thrown((0.40, 0.18), (0.58, 0.36), (0.66, 0.66), (0.58, 0.98), (0.34, 1.20), (0, 1.27))
    ears = join(
        *(
            move(
                thrown((0, -0.2), (0.12, -0.1), (0.15, 0.1), (0.09, 0.34), (0, 0.42), sections=40),
                x=sx * 0.31,
                z=1.16,
                ry=sx * 16,
            )
            for sx in (-1, 1)
        )
    )
    eyes = join(*(move(ball(0.036, 2), x=sx * 0.19, y=-0.615, z=0.72) for sx in (-1, 1)))
    nose = move(ball(0.024, 2), x=0, y=-0.655, z=0.64)
    blush = join(
        *(
            move(disc(0.062, 0.006, 0.002, 32), x=sx * 0.33, y=-0.565, z=0.62, rx=90, rz=sx * 30)
            for sx in (-1, 1)
        )
    )
    tone = "#fff1d6" if colour == "white" else "#ffd9cf"
    knob = move(disc(0.06, 0.03, 0.01, 32), y=-0.475, z=0.10, rx=90)
    return [
        (base, wood("bamboo", "x", 1.2)), (join(globe, ears), light(tone, 0.34)), (join(eyes, nose), Stuff("#3a3230", rough=0.3, coat=0.8)),
        (blush, matt("#e9a99c")), (knob, metal("brass", 0.3)),
    ]  # fmt: skip
