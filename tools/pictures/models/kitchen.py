"""Pots, tools and jars of the kitchen."""

from __future__ import annotations

import numpy as np
from forms import (
    around,
    ball,
    curve,
    disc,
    extrude,
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
from shapely.geometry import Polygon
from stuff import Stuff, glaze, lacquer, metal, pane, paper, wood

from models import Parts, product


def _pan_metal(colour: str) -> Stuff:
    if colour == "steel":
        return metal("steel", 0.24)
    return Stuff("#2b2d30", rough=0.48, metal=0.35, specular=0.5)


@product("wok", azimuth=-38, elevation=27)
def wok(colour: str) -> Parts:
    shell = vessel(
        curve([(0, 0), (0.45, 0.01), (0.80, 0.10), (1.20, 0.34), (1.50, 0.66), (1.68, 0.98)], 9),
        0.035,
        0.04,
        128,
    )
    rim = move(hoop(1.665, 0.028), z=1.0)
    grip_path = curve([(1.62, 0, 0.90), (1.95, 0, 1.06), (2.5, 0, 1.22), (3.15, 0, 1.36)], 14)
    n = len(grip_path)
    handle = sweep(
        grip_path[n // 3 :],
        np.interp(np.linspace(0, 1, n - n // 3), [0, 0.15, 0.8, 1], [0.10, 0.085, 0.12, 0.10]),
        squash=0.8,
    )
    neck = sweep(grip_path[: n // 3 + 4], 0.07, squash=0.6)
    ring = move(hoop(0.075, 0.02), x=3.27, z=1.385, ry=-8)
    ear_path = curve(
        [
            (-1.60, -0.34, 0.90),
            (-1.92, -0.30, 1.06),
            (-2.02, 0, 1.12),
            (-1.92, 0.30, 1.06),
            (-1.60, 0.34, 0.90),
        ],
        12,
    )
    ear = sweep(ear_path, 0.055)
    rivets = join(
        *(move(ball(0.045, 2), x=1.62 + 0.06 * k, y=y, z=0.93 + 0.05 * k) for k, y in ((0, 0.05), (0, -0.05)))
    )
    return [
        (join(shell, rim), _pan_metal(colour)),
        (join(neck, rivets, ring), metal("#8f9296", 0.3)),
        (join(handle, ear), wood("walnut", "x")),
    ]


@product("saucepan", azimuth=-36, elevation=22)
def saucepan(colour: str) -> Parts:
    steel = metal("steel", 0.22)
    outside = steel if colour == "steel" else lacquer(colour)
    body = turned((0, 0), (0.86, 0, 0.06), (0.90, 0.10, 0.05), (0.90, 0.92, 0.01), (0.925, 0.95))
    band = join(move(hoop(0.912, 0.022), z=0.95), move(hoop(0.86, 0.015), z=0.03))
    lid = turned((0.90, 0.965), (0.92, 0.975, 0.02), (0.86, 1.03, 0.05), (0.25, 1.14, 0.1), (0, 1.15))
    knob = turned(
        (0, 1.14), (0.06, 1.14), (0.055, 1.22, 0.02), (0.15, 1.27, 0.04), (0.14, 1.34, 0.04), (0, 1.35)
    )
    neck = join(
        rod((0.85, 0.0, 0.74), (1.25, 0, 0.82), 0.06),
        move(slab(0.05, 0.30, 0.22, 0.02, 0.02), x=0.905, z=0.63),
    )
    grip = sweep(
        curve([(1.2, 0, 0.81), (1.7, 0, 0.90), (2.45, 0, 0.98)], 14),
        np.interp(np.linspace(0, 1, 29), [0, 0.1, 0.75, 1], [0.075, 0.085, 0.115, 0.10]),
        squash=0.75,
    )
    return [(body, outside), (join(band, neck, lid), steel), (join(knob, grip), wood("walnut", "x"))]


@product("knife", azimuth=-20, elevation=48, fill=0.80)
def knife(colour: str) -> Parts:
    edge = [(0, 0.02), (0.1, -0.19), (0.4, -0.22), (1.0, -0.20), (1.5, -0.10), (1.85, 0.06), (1.98, 0.20)]
    back = [(1.98, 0.20), (1.7, 0.235), (1.0, 0.27), (0.0, 0.27)]
    outline = np.vstack([curve(edge, 10), curve(back, 8)])
    blade = Polygon(outline).buffer(0)
    core = extrude(list(blade.exterior.coords), 0.026)
    bolster = move(slab(0.16, 0.30, 0.10, 0.04, 0.03), x=-0.06, y=0.135, z=-0.037)
    handle = sweep(
        curve([(-0.12, 0.13, 0), (-0.5, 0.15, 0), (-0.9, 0.13, 0), (-1.28, 0.08, 0)], 12),
        np.interp(np.linspace(0, 1, 37), [0, 0.3, 0.7, 1], [0.115, 0.135, 0.125, 0.15]),
        squash=0.5,
        up=(0, 0, 1),
    )
    pins = join(*(move(disc(0.032, 0.15, 0.01, 24), x=x, y=0.14, z=-0.062) for x in (-0.4, -0.72, -1.02)))
    board = move(slab(3.9, 2.2, 0.22, 0.14, 0.06), z=0)
    lay = {"rz": 18, "z": 0.30, "x": -0.3, "y": -0.15}
    return [
        (move(core, **lay), metal("#c9ccd0", 0.17)),
        (move(bolster, **lay), metal("#b4b7bb", 0.2)),
        (move(pins, **lay), metal("brass", 0.25)),
        (move(handle, **lay), wood("#4a2f20" if colour == "steel" else "#8a5a38", "x")),
        (board, wood("bamboo" if colour == "steel" else "walnut", "x", 2.0)),
    ]


@product("cutting-board", azimuth=-30, elevation=28)
def cutting_board(colour: str) -> Parts:
    outline = fillet(
        [
            (-1.5, 0),
            (-1.5, -1.0, 0.25),
            (1.5, -1.0, 0.25),
            (1.7, -0.3, 0.3),
            (2.55, -0.16, 0.15),
            (2.55, 0.16, 0.15),
            (1.7, 0.3, 0.3),
            (1.5, 1.0, 0.25),
            (-1.5, 1.0, 0.25),
            (-1.5, 0),
        ],
        12,
    )
    t = np.linspace(0, 2 * np.pi, 32)
    hole = np.c_[2.3 + 0.085 * np.cos(t), 0.085 * np.sin(t)]
    shape = Polygon(outline).buffer(0)
    layers = []
    for z, off in ((0, 0.02), (0.015, 0.0), (0.185, 0.0)):
        ring = shape.buffer(-off)
        layers.append(move(extrude(list(ring.exterior.coords), 0.015 if z != 0.015 else 0.17, [hole]), z=z))
    inlay = move(
        extrude(
            list(Polygon([(-1.48, -0.36), (1.5, -0.36), (1.5, -0.30), (-1.48, -0.30)]).exterior.coords), 0.004
        ),
        z=0.199,
    )
    leaf = []
    for k in range(5):
        path = curve([(0, 0, 0.02), (0.2, 0.04, 0.12), (0.42, 0.02, 0.05)], 8)
        leaf.append(
            move(
                sweep(path, np.interp(np.linspace(0, 1, 17), [0, 0.5, 1], [0.01, 0.085, 0.005]), squash=0.16),
                rz=k * 70 + 20,
                x=-0.75,
                y=0.32,
                z=0.21,
            )
        )
    lemon = move(
        thrown((0, -0.36), (0.06, -0.33), (0.22, -0.2), (0.28, 0), (0.22, 0.2), (0.07, 0.33), (0, 0.37)),
        ry=84,
        rz=30,
        x=-0.15,
        y=0.3,
        z=0.47,
    )
    return [
        (join(*layers), wood(colour, "x", 1.8)),
        (inlay, wood("bamboo" if colour == "walnut" else "walnut", "x")),
        (lemon, Stuff("#e6b92e", rough=0.5, texture="hide", scale=0.5, bump=0.02)),
        (join(*leaf), Stuff("#4d6b3c", rough=0.6)),
    ]


@product("spice-jar", azimuth=-24, elevation=18)
def spice_jar(colour: str) -> Parts:
    spices = ("#a8442a", "#5e6b34", "#c58b2a")
    parts: list[tuple[object, Stuff]] = []
    for k, (x, y, spice) in enumerate(zip((-0.66, 0.0, 0.62), (0.1, -0.14, 0.22), spices, strict=True)):
        jar = vessel(fillet([(0, 0), (0.27, 0, 0.04), (0.27, 0.62, 0.05), (0.235, 0.70)], 8), 0.018, 0.03)
        fill = turned((0, 0.035), (0.248, 0.035, 0.03), (0.248, 0.46 - 0.06 * k, 0.01), (0, 0.47 - 0.06 * k))
        lid = turned((0.2, 0.68), (0.262, 0.68, 0.01), (0.262, 0.87, 0.03), (0, 0.87))
        label = move(lathe([(0.2712, 0.2), (0.2722, 0.2), (0.2722, 0.42), (0.2712, 0.42)], 40, 75), rz=-155)
        parts += [
            (move(jar, x=x, y=y), pane("#fbfdfc")),
            (move(fill, x=x, y=y), Stuff(spice, rough=0.95, texture="plush", scale=0.25, bump=0.02)),
            (move(lid, x=x, y=y), wood(colour, "x", 1.0)),
            (move(label, x=x, y=y), paper()),
        ]
    return parts


@product("steamer", azimuth=-26, elevation=24)
def steamer(colour: str) -> Parts:
    tiers = []
    bands = []
    for z in (0.0, 0.62):
        tiers.append(
            vessel(
                fillet([(0.001, z), (1.06, z, 0.02), (1.06, z + 0.56, 0.02), (1.055, z + 0.57)], 6),
                0.05,
                z + 0.1,
            )
        )
        bands.append(
            lathe(
                fillet(
                    [(1.06, z + 0.40), (1.085, z + 0.40, 0.01), (1.085, z + 0.55, 0.01), (1.06, z + 0.55)], 5
                )
            )
        )
        bands.append(
            lathe(
                fillet(
                    [(1.06, z + 0.02), (1.085, z + 0.02, 0.01), (1.085, z + 0.14, 0.01), (1.06, z + 0.14)], 5
                )
            )
        )
    lid = thrown((1.06, 1.26), (0.98, 1.34), (0.6, 1.46), (0.2, 1.52), (0, 1.53))
    rim = lathe(fillet([(1.05, 1.19), (1.10, 1.19, 0.01), (1.10, 1.36, 0.02), (1.02, 1.37), (1.02, 1.33)], 5))
    handle = sweep(
        curve([(-0.26, 0, 1.50), (-0.14, 0, 1.66), (0.14, 0, 1.66), (0.26, 0, 1.50)], 10), 0.04, squash=0.5
    )
    weave = Stuff("#dcbd84", rough=0.7, texture="rattan", scale=0.8, bump=0.03)
    ties = around(move(slab(0.02, 0.05, 0.16, 0.01, 0.005), x=1.088, z=1.2), 2, start=-70)
    return [
        (join(*tiers), wood(colour, "x", 2.2)),
        (join(*bands, rim, handle), wood("#c3955a", "x", 2.0)),
        (lid, weave),
        (ties, Stuff("#7a5a34", rough=0.8)),
    ]


@product("casserole", azimuth=-26, elevation=21)
def casserole(colour: str) -> Parts:
    enamel = glaze(colour)
    pot = turned((0, 0), (0.86, 0, 0.10), (1.02, 0.14, 0.10), (1.08, 0.80, 0.03), (1.10, 0.83))
    rim = turned((1.085, 0.82), (1.115, 0.83, 0.01), (1.115, 0.87, 0.01), (1.08, 0.88))
    lid = turned(
        (1.10, 0.885),
        (1.12, 0.90, 0.015),
        (1.06, 0.97, 0.06),
        (0.5, 1.14, 0.3),
        (0.14, 1.18, 0.03),
        (0, 1.18),
    )
    ribs = join(move(hoop(0.86, 0.012), z=1.025), move(hoop(0.66, 0.012), z=1.088))
    knob = turned(
        (0, 1.17), (0.07, 1.17), (0.065, 1.23, 0.02), (0.17, 1.27, 0.04), (0.17, 1.33, 0.04), (0, 1.345)
    )
    ears = join(
        *(
            move(
                sweep(
                    curve(
                        [
                            (1.02, -0.32, 0.68),
                            (1.26, -0.27, 0.74),
                            (1.34, 0, 0.76),
                            (1.26, 0.27, 0.74),
                            (1.02, 0.32, 0.68),
                        ],
                        10,
                    ),
                    0.065,
                    squash=0.75,
                ),
                rz=turn,
            )
            for turn in (0, 180)
        )
    )
    return [
        (join(pot, lid, ears, ribs), enamel),
        (rim, Stuff("#2a2c2e", rough=0.5)),
        (knob, metal("brass", 0.22)),
    ]


@product("chopsticks", azimuth=-30, elevation=42, fill=0.8)
def chopsticks(colour: str) -> Parts:
    sticks, caps = [], []
    for pair, (y, turn) in enumerate(((-0.42, 8), (0.30, 4))):
        for k in (-1, 1):
            path = np.linspace((-1.2, 0, 0.06), (1.15, 0, 0.17), 30)
            stick = sweep(path, np.linspace(0.028, 0.045, 30), sides=20)
            cap = sweep(path[25:], 0.0465, sides=20)
            place = {"rz": turn + k * 1.6, "y": y + 0.075 * k, "x": 0.1 * pair, "z": 0.04}
            sticks.append(move(stick, **place))
            caps.append(move(cap, **place))
    rests = join(
        *(
            move(slab(0.20, 0.42, 0.14, 0.07, 0.05), x=0.56 + 0.1 * p, y=y + 0.08 - 0.04 * p, rz=6)
            for p, y in ((0, -0.42), (1, 0.30))
        )
    )
    return [
        (join(*sticks), wood(colour, "x", 1.6)),
        (join(*caps), metal("brass", 0.25)),
        (rests, glaze("celadon")),
    ]
