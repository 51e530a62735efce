"""For a day outside."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from forms import (
    around,
    curve,
    disc,
    hoop,
    join,
    lathe,
    move,
    patch,
    ring_of,
    rod,
    skin,
    slab,
    sweep,
    tapered,
    thrown,
    turned,
)
from stuff import Stuff, cloth, lacquer, light, metal, pane, plastic, rubber, shade, wood

from models import Parts, product


@product("bottle", azimuth=-26, elevation=16, fill=0.78)
def bottle(colour: str) -> Parts:
    body = turned(
        (0, 0), (0.34, 0, 0.04), (0.365, 0.05, 0.03), (0.365, 1.62, 0.25), (0.25, 1.90, 0.10), (0.235, 2.02)
    )
    boot = turned((0, -0.01), (0.35, -0.01, 0.03), (0.372, 0.03, 0.02), (0.372, 0.26, 0.01), (0.364, 0.27))
    collar = turned((0.235, 1.99), (0.262, 1.99, 0.008), (0.262, 2.05, 0.008), (0.235, 2.05))
    cap = turned((0, 2.05), (0.275, 2.05, 0.015), (0.275, 2.34, 0.05), (0.20, 2.38, 0.03), (0, 2.38))
    ribs = around(move(slab(0.010, 0.03, 0.22, 0.004, 0.004, steps=2, corner=3), x=0.275, z=2.08), 36)
    loop = sweep(
        curve(
            [
                (-0.23, 0, 2.30),
                (-0.25, 0, 2.50),
                (-0.12, 0, 2.64),
                (0.12, 0, 2.64),
                (0.25, 0, 2.50),
                (0.23, 0, 2.30),
            ],
            10,
        ),
        0.042,
        squash=1.35,
        up=(0, 1, 0),
    )
    pins = join(*(move(disc(0.05, 0.03, 0.01, 32), x=sx * 0.272, z=2.28, ry=sx * 90) for sx in (-1, 1)))
    mark = move(lathe([(0.3655, 0.86), (0.3662, 0.86), (0.3662, 1.04), (0.3655, 1.04)], 24, 16), rz=-128)
    mark2 = move(lathe([(0.3655, 0.80), (0.3662, 0.80), (0.3662, 0.822), (0.3655, 0.822)], 24, 34), rz=-137)
    steel = metal("steel", 0.2)
    dark = rubber("#25282c")
    return [
        (body, lacquer(colour)),
        (boot, rubber(shade(colour, 0.62) if colour != "white" else "#c9c6bd")),
        (collar, steel),
        (join(cap, ribs, loop), dark),
        (pins, steel),
        (join(mark, mark2), Stuff("#f3f0e8" if colour != "white" else "#4b4e52", rough=0.5)),
    ]


@product("lantern", azimuth=-24, elevation=14, fill=0.76)
def lantern(colour: str) -> Parts:
    paint = lacquer(colour)
    base = turned(
        (0, 0),
        (0.58, 0, 0.05),
        (0.60, 0.10, 0.04),
        (0.52, 0.34, 0.08),
        (0.36, 0.42, 0.03),
        (0.36, 0.47),
        (0, 0.47),
    )
    glass_body = thrown((0.30, 0.47), (0.40, 0.62), (0.45, 0.86), (0.38, 1.12), (0.30, 1.28))
    inner = thrown((0.29, 1.28), (0.37, 1.12), (0.44, 0.86), (0.39, 0.62), (0.29, 0.47))
    hood = turned(
        (0.36, 1.27),
        (0.44, 1.28, 0.02),
        (0.42, 1.36, 0.04),
        (0.24, 1.52, 0.05),
        (0.22, 1.62, 0.02),
        (0.28, 1.66, 0.02),
        (0.26, 1.74, 0.04),
        (0.10, 1.80, 0.03),
        (0, 1.80),
    )
    tubes, bars = [], []
    for sx in (-1, 1):
        path = curve(
            [
                (sx * 0.50, 0, 0.30),
                (sx * 0.66, 0, 0.46),
                (sx * 0.66, 0, 1.30),
                (sx * 0.58, 0, 1.50),
                (sx * 0.26, 0, 1.58),
            ],
            12,
        )
        tubes.append(sweep(path, 0.055))
    bars += [move(hoop(0.475, 0.012), z=z) for z in (0.74, 1.02)]
    bars += [
        rod((0.475 * np.cos(a), 0.475 * np.sin(a), 0.48), (0.475 * np.cos(a), 0.475 * np.sin(a), 1.27), 0.012)
        for a in np.radians([35, 145, 215, 325])
    ]
    bail = sweep(
        curve(
            [
                (-0.66, 0, 1.12),
                (-0.76, 0, 1.5),
                (-0.52, 0, 2.02),
                (0, 0, 2.22),
                (0.52, 0, 2.02),
                (0.76, 0, 1.5),
                (0.66, 0, 1.12),
            ],
            12,
        ),
        0.02,
    )
    grip = sweep(curve([(-0.28, 0, 2.16), (0, 0, 2.22), (0.28, 0, 2.16)], 12), 0.05)
    wick = turned((0, 0.47), (0.12, 0.47), (0.12, 0.56, 0.02), (0.05, 0.60), (0, 0.60))
    flame = thrown((0, 0.60), (0.055, 0.67), (0.065, 0.76), (0.03, 0.90), (0, 0.99), sections=40)
    knob = move(disc(0.07, 0.05, 0.012, 40), x=0.0, y=-0.36, z=0.44, rx=90)
    brass = metal("brass", 0.25)
    return [
        (join(base, hood, *tubes), paint),
        (join(glass_body, inner), pane("#fffaf0")),
        (join(*bars, bail), metal("#a9adb1", 0.25)),
        (grip, wood("walnut", "x")),
        (join(wick, knob), brass),
        (flame, light("#ffc163", 9)),
    ]


@product("stool-camp", azimuth=-34, elevation=20)
def stool_camp(colour: str) -> Parts:
    w, h = 1.75, 3.6
    legs = []
    for y in (-1.25, 1.25):
        legs += [
            rod((-w, y, 0.05), (w, y * 0.98, h), 0.075),
            rod((w, y * 0.86, 0.05), (-w, y * 0.86, h), 0.075),
        ]
    rails = [rod((sx * w, -1.32, h), (sx * w, 1.32, h), 0.085) for sx in (-1, 1)]
    feet = [rod((sx * w, -1.25, 0.09), (sx * w, 1.25, 0.09), 0.065) for sx in (-1, 1)]
    bolt = [move(disc(0.10, 2.72, 0.03, 32), y=1.36, z=h / 2 + 0.02, rx=90)]
    u = np.linspace(-1, 1, 40)
    seat = np.array(
        [
            [(x * (w + 0.09), y * 1.12, h + 0.10 - 0.42 * (1 - x**4) - 0.05 * (1 - y * y)) for x in u]
            for y in np.linspace(-1, 1, 24)
        ]
    )
    under = seat.copy()
    under[:, :, 2] -= 0.06
    wraps = [
        sweep(
            np.linspace((sx * (w + 0.02), -1.12, h), (sx * (w + 0.02), 1.12, h), 12), 0.135, round_ends=False
        )
        for sx in (-1, 1)
    ]
    seams = [
        sweep(
            np.array(
                [
                    (sx * w * 0.88, y, h + 0.11 - 0.42 * (1 - 0.88**4) - 0.05 * (1 - (y / 1.12) ** 2))
                    for y in np.linspace(-1.1, 1.1, 30)
                ]
            ),
            0.018,
            sides=8,
        )
        for sx in (-1, 1)
    ]
    return [
        (join(*legs), wood("walnut", "z", 1.6)),
        (join(*rails, *feet), wood("walnut", "y", 1.6)),
        (join(*bolt), metal("brass", 0.3)),
        (join(patch(seat), patch(under), *wraps), cloth(colour, 0.7, 0.03)),
        (join(*seams), cloth(shade(colour, 0.7))),
    ]


@product("dry-bag", azimuth=-28, elevation=16)
def dry_bag(colour: str) -> Parts:
    rings = []
    for z, w, d, r in (
        (0.0, 1.55, 1.45, 0.7),
        (0.04, 1.72, 1.62, 0.8),
        (0.15, 1.78, 1.68, 0.82),
        (1.0, 1.84, 1.70, 0.83),
        (1.9, 1.84, 1.60, 0.78),
        (2.4, 1.92, 1.15, 0.55),
        (2.7, 2.02, 0.62, 0.30),
        (2.86, 2.08, 0.30, 0.14),
        (2.95, 2.1, 0.22, 0.1),
    ):
        flat = ring_of(w, d, r, 22)
        a = np.arctan2(flat[:, 1], flat[:, 0])
        crease = 1 + 0.014 * np.sin(9 * a + z * 2.4) * np.clip(z - 0.3, 0, 1)
        rings.append(np.c_[flat * crease[:, None], np.full(len(flat), z)])
    dense = []
    for a, b in pairwise(rings):
        dense += [a * (1 - t) + b * t for t in np.linspace(0, 1, 5, endpoint=False)]
    bag = skin([*dense, rings[-1]])
    roll = sweep(np.linspace((-1.02, 0, 3.06), (1.02, 0, 3.06), 16), 0.16, squash=0.85)
    roll2 = sweep(np.linspace((-1.03, -0.13, 2.98), (1.03, -0.13, 2.98), 16), 0.07, squash=0.85)
    strap = sweep(
        curve(
            [
                (-1.04, 0, 3.06),
                (-0.98, 0, 3.42),
                (-0.5, 0, 3.74),
                (0, 0, 3.80),
                (0.5, 0, 3.74),
                (0.98, 0, 3.42),
                (1.04, 0, 3.06),
            ],
            10,
        ),
        0.085,
        squash=0.3,
        up=(0, 0, 1),
    )
    buckle = join(
        move(slab(0.34, 0.12, 0.22, 0.05, 0.03), y=-0.02, z=3.70),
        move(slab(0.12, 0.20, 0.26, 0.05, 0.03), x=-1.05, z=2.98),
        move(slab(0.12, 0.20, 0.26, 0.05, 0.03), x=1.05, z=2.98),
    )
    patch_mark = move(slab(0.62, 0.012, 0.36, 0.004, 0.004), y=-0.855, z=1.35)
    foot = tapered(
        [
            (-0.01, 1.56, 1.46, 0.7),
            (0.04, 1.75, 1.65, 0.82),
            (0.30, 1.80, 1.70, 0.83),
            (0.301, 1.78, 1.68, 0.82),
        ],
        corner=22,
    )
    tarp = Stuff(colour, rough=0.38, specular=0.55, texture="weave", scale=0.35, bump=0.006)
    return [
        (bag, tarp), (join(roll, roll2), tarp.but(colour=shade(colour, 0.85))), (foot, rubber("#2d3034")),
        (strap, cloth("#2f3237", 0.3)), (buckle, plastic("#1f2225", 0.4)), (patch_mark, Stuff("#f2efe6", rough=0.6)),
    ]  # fmt: skip


@product("tent", azimuth=-36, elevation=17, fill=0.78)
def tent(colour: str) -> Parts:
    """A small A-frame: two slopes that sag a little, an open door, poles and pegs."""
    half, long, high = 8.0, 11.5, 11.0

    def slope(sx: int) -> object:
        grid = []
        for t in np.linspace(0, 1, 30):
            y = (t - 0.5) * 2 * long
            ridge = high - 0.75 * (1 - (2 * t - 1) ** 2)
            row = []
            for s in np.linspace(0, 1, 30):
                sag = 0.55 * np.sin(np.pi * s) * (0.55 + 0.45 * np.cos(2 * np.pi * (t * 2)))
                row.append(
                    (sx * (half * s - sag * 0.8), y * (1 + 0.05 * s), ridge * (1 - s) - sag * 0.55 + 0.1)
                )
            grid.append(row)
        return patch(np.array(grid))

    def door(sx: int) -> object:
        grid = []
        for s in np.linspace(0, 1, 14):
            z = (high - 0.05) * (1 - s) + 0.12
            outer = half * s
            inner = outer * (0.18 + 0.62 * s**0.7)
            grid.append(
                [
                    (
                        sx * (inner + (outer - inner) * k),
                        -long * (1 + 0.05 * s) + 0.35 * np.sin(np.pi * k) * s,
                        z,
                    )
                    for k in np.linspace(0, 1, 10)
                ]
            )
        return patch(np.array(grid))

    back = patch(
        np.array(
            [
                [(half * s * k, long * (1 + 0.05 * s), high * (1 - s) + 0.1) for k in np.linspace(-1, 1, 20)]
                for s in np.linspace(0, 1, 14)
            ]
        )
    )
    rolls = [
        sweep(
            curve(
                [
                    (sx * 0.3, -long - 0.1, high - 1.2),
                    (sx * 2.4, -long - 0.5, high * 0.55),
                    (sx * 6.0, -long - 0.7, 0.6),
                ],
                10,
            ),
            0.38,
        )
        for sx in (-1, 1)
    ]
    floor = move(slab(half * 1.9, long * 2, 0.15, 0.3, 0.05), z=0)
    poles = [rod((0, sy * long * 1.0, 0), (0, sy * long * 1.0, high + 0.9), 0.16) for sy in (-1, 1)]
    ropes = [rod((0, sy * long, high + 0.5), (0, sy * (long + 5.0), 0.2), 0.06) for sy in (-1, 1)]
    ropes += [
        rod(
            (sx * half * 0.55, sy * long * 0.98, high * 0.45),
            (sx * (half + 3.2), sy * (long + 0.8), 0.2),
            0.05,
        )
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    mat = move(slab(6.5, 17, 0.9, 0.4, 0.3), y=1.5, z=0.2)
    pillow = move(slab(4.8, 2.8, 1.4, 0.8, 0.6), y=-5.0, z=1.1)
    seams = [
        sweep(
            np.array(
                [
                    (
                        sx * (half * s - 0.55 * np.sin(np.pi * s) * 0.9 * 0.8),
                        y * (1 + 0.05 * s),
                        high * (1 - s) + 0.15 - 0.5 * np.sin(np.pi * s) * 0.5,
                    )
                    for s in np.linspace(0.02, 1, 24)
                ]
            ),
            0.09,
            sides=8,
        )
        for sx in (-1, 1)
        for y in (-long, long)
    ]
    canvas = cloth(colour, 3.0, 0.02)
    return [
        (join(slope(1), slope(-1)), canvas), (join(door(1), door(-1), back), canvas.but(colour=shade(colour, 1.18))),
        (join(*rolls), canvas.but(colour=shade(colour, 0.8))), (floor, Stuff("#4b4a45", rough=0.8)), (join(*poles), wood("bamboo", "z", 4)),
        (join(*ropes), Stuff("#e9dfc9", rough=0.9)), (mat, cloth("#c9b48f", 2.0)), (pillow, cloth("#efe8da", 2.0)), (join(*seams), cloth(shade(colour, 0.7))),
    ]  # fmt: skip


@product("lunch-box", azimuth=-34, elevation=24)
def lunch_box(colour: str) -> Parts:
    lower = slab(2.1, 1.25, 0.52, 0.28, 0.10)
    upper = move(slab(2.06, 1.21, 0.42, 0.27, 0.05), z=0.53)
    lid = move(slab(2.16, 1.31, 0.17, 0.30, 0.06), z=0.95)
    gap = join(
        move(slab(2.07, 1.22, 0.03, 0.27, 0.005), z=0.51), move(slab(2.0, 1.15, 0.03, 0.25, 0.005), z=0.94)
    )
    clips = join(*(move(slab(0.05, 0.42, 0.36, 0.02, 0.02), x=sx * 1.065, z=0.70) for sx in (-1, 1)))
    strap = join(
        move(slab(0.30, 1.34, 0.022, 0.008, 0.008), x=0.42, z=1.12),
        *(move(slab(0.30, 0.022, 1.10, 0.008, 0.008), x=0.42, y=sy * 0.672, z=0.03) for sy in (-1, 1)),
    )
    sticks = join(
        *(
            move(
                sweep(np.linspace((-1.05, 0, 0), (1.05, 0, 0), 20), np.linspace(0.028, 0.046, 20)),
                y=-1.0 - k * 0.17,
                z=0.046,
                rz=3 + k * 2,
            )
            for k in range(2)
        )
    )
    return [
        (join(lower, upper), plastic(colour, 0.42)), (lid, wood("bamboo", "x", 1.8)), (gap, rubber("#3b3e41")),
        (clips, metal("steel", 0.25)), (strap, cloth("#3a4147", 0.3)), (sticks, wood("walnut", "x", 1.2)),
    ]  # fmt: skip
