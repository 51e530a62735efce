"""Tea things."""

from __future__ import annotations

import numpy as np
from forms import (
    ball,
    curve,
    disc,
    hoop,
    join,
    lathe,
    move,
    skin,
    slab,
    sweep,
    thrown,
    turned,
    vessel,
)
from stuff import Stuff, glaze, lacquer, matt, metal, paper, shade, wood

from models import Parts, product


@product("teapot", azimuth=-24, elevation=21)
def teapot(colour: str) -> Parts:
    clay = glaze(colour)
    body = thrown(
        (0, 0.02),
        (0.36, 0.02),
        (0.44, 0),
        (0.46, 0.05),
        (0.66, 0.32),
        (0.68, 0.55),
        (0.54, 0.76),
        (0.34, 0.85),
    )
    rim = move(hoop(0.335, 0.022), z=0.855)
    lid = thrown(
        (0.32, 0.87),
        (0.30, 0.895),
        (0.18, 0.95),
        (0.06, 0.975),
        (0.04, 1.0),
        (0.065, 1.05),
        (0.085, 1.09),
        (0.06, 1.135),
        (0, 1.145),
    )
    spout = curve([(0.50, 0, 0.26), (0.70, 0, 0.36), (0.82, 0, 0.56), (0.90, 0, 0.74), (1.02, 0, 0.84)], 14)
    neck = sweep(
        spout,
        np.linspace(0.15, 0.055, len(spout)) + 0.03 * np.linspace(1, 0, len(spout)) ** 3,
        round_ends=False,
    )
    mouth = move(hoop(0.05, 0.014), x=1.02, z=0.84, ry=52)
    loop = curve(
        [
            (-0.60, 0, 0.66),
            (-0.82, 0, 0.76),
            (-1.00, 0, 0.62),
            (-0.97, 0, 0.38),
            (-0.80, 0, 0.24),
            (-0.60, 0, 0.22),
        ],
        14,
    )
    handle = sweep(
        loop, np.interp(np.linspace(0, 1, len(loop)), [0, 0.5, 1], [0.07, 0.055, 0.065]), squash=0.75
    )
    return [(join(body, rim, lid, neck, mouth, handle), clay)]


@product("gaiwan", elevation=24)
def gaiwan(colour: str) -> Parts:
    china = glaze(colour)
    saucer = thrown(
        (0, 0.02),
        (0.2, 0.0),
        (0.24, 0.03),
        (0.42, 0.07),
        (0.60, 0.15),
        (0.605, 0.165),
        (0.58, 0.16),
        (0.40, 0.095),
        (0.2, 0.075),
        (0, 0.07),
    )
    cup = vessel(
        curve(
            [(0.0, 0.09), (0.19, 0.09), (0.20, 0.14), (0.26, 0.22), (0.38, 0.40), (0.46, 0.58), (0.52, 0.66)],
            8,
        ),
        0.02,
        0.16,
    )
    lid = thrown((0.445, 0.61), (0.43, 0.635), (0.30, 0.72), (0.12, 0.765), (0.085, 0.775))
    knob = vessel(curve([(0.075, 0.765), (0.085, 0.80), (0.13, 0.85), (0.145, 0.87)], 6), 0.014, 0.79)
    gold = metal("brass", 0.25)
    rims = join(move(hoop(0.603, 0.007), z=0.16), move(hoop(0.514, 0.007), z=0.668))
    return [(join(saucer, cup, lid, knob), china), (rims, gold)]


@product("teacup", elevation=26)
def teacup(colour: str) -> Parts:
    def cup() -> tuple[object, object, object]:
        wall = vessel(
            curve([(0, 0), (0.20, 0), (0.21, 0.05), (0.28, 0.12), (0.37, 0.30), (0.40, 0.50)], 8), 0.026, 0.07
        )
        foot = move(hoop(0.19, 0.02, squash=1.5), z=0.01)
        tea = move(disc(0.355, 0.004, 0.001), z=0.395)
        return wall, foot, tea

    china, brew = glaze(colour), Stuff("#8a4a1c", rough=0.08, specular=0.6)
    one = cup()
    two = [move(m, x=0.92, y=-0.36) for m in cup()]
    return [(join(one[0], one[1], two[0], two[1]), china), (join(one[2], two[2]), brew)]


@product("tea-tin", elevation=18)
def tea_tin(colour: str) -> Parts:
    body = turned((0, 0), (0.42, 0, 0.03), (0.42, 0.86, 0.01), (0.41, 0.87))
    lid = turned((0.428, 0.80), (0.430, 0.80, 0.01), (0.430, 1.06, 0.05), (0.36, 1.075, 0.02), (0, 1.075))
    bead = join(move(hoop(0.43, 0.008), z=0.81), move(hoop(0.42, 0.008), z=0.04))
    label = lathe([(0.4225, 0.18), (0.4235, 0.18), (0.4235, 0.66), (0.4225, 0.66)], sections=64, angle=100)
    seal = move(
        lathe([(0.4245, 0.46), (0.4255, 0.46), (0.4255, 0.57), (0.4245, 0.57)], sections=24, angle=17), rz=62
    )
    lines = [
        move(
            lathe([(0.4245, z), (0.4252, z), (0.4252, z + 0.018), (0.4245, z + 0.018)], sections=40, angle=a),
            rz=15,
        )
        for z, a in ((0.52, 32), (0.46, 26), (0.29, 70), (0.25, 60))
    ]
    knob = move(ball(0.055), z=1.10)
    turn = -172
    return [
        (join(body), lacquer(colour)),
        (lid, lacquer(shade(colour, 0.8))),
        (join(bead, knob), metal("brass", 0.25)),
        (move(label, rz=turn), paper()),
        (move(seal, rz=turn), matt("brick")),
        (move(join(*lines), rz=turn), matt("#4b4a45")),
    ]


@product("tea-cake", azimuth=-20, elevation=26, fill=0.74)
def tea_cake(colour: str) -> Parts:
    bare = Stuff("#6b5238", rough=0.9, specular=0.15, texture="plush", scale=0.5, bump=0.05)
    outline = [
        (0, 0.12),
        (0.28, 0.06),
        (0.5, 0.0),
        (0.80, 0.0),
        (0.95, 0.06),
        (0.98, 0.14),
        (0.90, 0.22),
        (0.6, 0.27),
        (0.3, 0.29),
        (0, 0.295),
    ]
    cake = thrown(*outline)
    rng = np.random.default_rng(11)
    leaves = []
    for _ in range(420):
        r, a = 0.93 * np.sqrt(rng.uniform()), rng.uniform(0, 2 * np.pi)
        z = np.interp(r, [0, 0.3, 0.6, 0.9, 0.95], [0.295, 0.29, 0.27, 0.22, 0.19])
        long = rng.uniform(0.05, 0.11)
        bent = curve([(-long, 0, 0), (0, rng.normal(0, 0.02), 0.008), (long, 0, 0)], 4)
        leaf = sweep(bent, np.array([0.004, *([0.013] * (len(bent) - 2)), 0.004]), sides=6)
        leaves.append(
            move(
                leaf,
                x=float(r * np.cos(a)),
                y=float(r * np.sin(a)),
                z=float(z) + 0.002,
                rz=float(rng.uniform(0, 360)),
            )
        )
    third = [join(*leaves[k::3]) for k in range(3)]
    pleats = [
        move(
            sweep(curve([(0.10, 0, 0.296), (0.4, 0.02, 0.289), (0.72, 0.0, 0.250)], 6), 0.008, sides=6),
            rz=15 * k,
        )
        for k in range(24)
    ]
    wrap = thrown(*((r * 1.012, z * 1.012) for r, z in outline))
    label = thrown((0.0, 0.306), (0.3, 0.301), (0.56, 0.284), (0.56, 0.281), (0, 0.296))
    rings = join(move(hoop(0.54, 0.010, squash=0.4), z=0.288), move(hoop(0.30, 0.006, squash=0.4), z=0.303))
    seal = move(slab(0.2, 0.2, 0.004, 0.02, 0.001), z=0.306)
    strokes = join(
        *(
            move(slab(0.030, 0.16, 0.003, 0.01, 0.001), x=x, y=y, z=0.300 - 0.02 * (y / 0.42) ** 2, rz=r)
            for x, y, r in (
                (0.0, 0.42, 0),
                (-0.05, 0.42, 20),
                (0.06, 0.40, -30),
                (0.0, -0.42, 90),
                (0.02, -0.36, 10),
                (-0.06, -0.44, -25),
            )
        )
    )
    leaning = {"rx": 70, "y": 0.72, "z": 0.93, "x": 0.25}
    flat = {"x": -0.72, "y": -0.55, "rz": 20}
    pale = colour == "white"
    tones = ("#7f7a5c", "#c9c3a4", "#99967a") if pale else ("#4a3626", "#8a6d4a", "#5d5136")
    bare = bare.but(colour="#8d8768") if pale else bare
    mark = matt("indigo" if pale else "brick")
    return [
        (move(wrap, **leaning), paper("#ebe4d2" if pale else "#dcc8a0")), (move(join(*pleats), **leaning), paper("#dcd3bd" if pale else "#cdb78c")), (move(label, **leaning), paper("#f4ecd8")),
        (move(rings, **leaning), mark), (move(seal, **leaning), mark), (move(strokes, **leaning), matt("#2c2a28")),
        (move(cake, **flat), bare), *((move(m, **flat), Stuff(tone, rough=0.85, specular=0.2)) for m, tone in zip(third, tones, strict=True)),
    ]  # fmt: skip


@product("tea-tray", azimuth=-30, elevation=30)
def tea_tray(colour: str) -> Parts:
    board = wood(colour, "x", 1.6)
    frame = [
        move(slab(3.0, 0.16, 0.34, 0.05, 0.03), y=0.92),
        move(slab(3.0, 0.16, 0.34, 0.05, 0.03), y=-0.92),
        move(slab(0.16, 2.0, 0.34, 0.05, 0.03), x=1.42),
        move(slab(0.16, 2.0, 0.34, 0.05, 0.03), x=-1.42),
    ]
    slats = [move(slab(2.74, 0.13, 0.07, 0.03, 0.02), y=y, z=0.20) for y in np.linspace(-0.76, 0.76, 10)]
    pan = move(slab(2.7, 1.7, 0.05, 0.04, 0.01), z=0.02)
    return [(join(*frame), board), (join(*slats), wood(colour, "x", 1.1)), (pan, lacquer("ink"))]


@product("kettle", azimuth=-24, elevation=19)
def kettle(colour: str) -> Parts:
    skin_of = metal("steel", 0.2) if colour == "steel" else lacquer(colour)
    dark = Stuff("#2a2522", rough=0.5)
    body = turned(
        (0, 0), (0.74, 0, 0.07), (0.80, 0.10, 0.06), (0.62, 0.98, 0.16), (0.42, 1.10, 0.05), (0.40, 1.12)
    )
    lid = turned((0.40, 1.115), (0.40, 1.135, 0.02), (0.22, 1.19, 0.06), (0, 1.20))
    knob = turned(
        (0, 1.19), (0.04, 1.19), (0.04, 1.24, 0.01), (0.10, 1.27, 0.03), (0.10, 1.33, 0.03), (0, 1.34)
    )
    spout_path = curve(
        [
            (0.62, 0, 0.28),
            (0.86, 0, 0.36),
            (1.00, 0, 0.62),
            (1.02, 0, 0.92),
            (1.12, 0, 1.10),
            (1.26, 0, 1.12),
        ],
        14,
    )
    spout = sweep(spout_path, np.linspace(0.105, 0.045, len(spout_path)), round_ends=False)
    lip = move(hoop(0.042, 0.012), x=1.26, z=1.12, ry=84)
    loop = curve(
        [
            (-0.52, 0, 1.02),
            (-0.74, 0, 1.18),
            (-1.06, 0, 1.20),
            (-1.14, 0, 1.02),
            (-1.10, 0, 0.62),
            (-1.02, 0, 0.42),
        ],
        14,
    )
    handle = sweep(
        loop, np.interp(np.linspace(0, 1, len(loop)), [0, 0.2, 1], [0.05, 0.075, 0.065]), squash=0.7
    )
    base = turned((0, -0.14), (0.86, -0.14, 0.03), (0.84, -0.04, 0.03), (0.70, -0.01), (0, -0.01))
    grip = sweep(loop[22:62], 0.082, squash=0.72)
    trim = move(hoop(0.745, 0.012), z=0.035)
    steel = metal("steel", 0.2)
    return [
        (join(body, lid, spout), skin_of),
        (join(lip, trim), steel if colour != "steel" else metal("#8c8f94", 0.3)),
        (join(handle, base), dark),
        (join(knob, grip), wood("walnut", "x")),
    ]


@product("tea-scoop", azimuth=-34, elevation=34)
def tea_scoop(colour: str) -> Parts:
    length = 60
    rings = []
    for i in range(length):
        t = i / (length - 1)
        wide = (
            0.30 * (0.45 + 0.62 * np.sin(np.pi * min(1, 0.18 + t * 0.74)))
            if t < 0.9
            else 0.30 * (0.45 + 0.62 * np.sin(np.pi * 0.846)) * (1 - (t - 0.9) ** 2 * 22)
        )
        a = np.radians(np.linspace(200, 340, 26))
        outer = np.c_[wide * np.cos(a), 0.26 + 0.27 * np.sin(a)]
        inner = outer * np.array([0.9, 1]) + np.array([0, 0.035])
        flat = np.vstack([outer, inner[::-1]])
        rings.append(
            np.c_[np.full(len(flat), (t - 0.5) * 2.0), flat[:, 0], flat[:, 1] + 0.05 * np.sin(np.pi * t)]
        )
    scoop = skin(rings)
    rng = np.random.default_rng(4)
    leaves = []
    for _ in range(70):
        x, y = rng.normal(0.35, 0.30), rng.normal(0, 0.055)
        curl = curve([(-0.07, 0, 0), (0, 0.02 * rng.normal(), 0.012), (0.07, 0, 0.004)], 4)
        leaf = sweep(curl, np.array([0.006, *([0.013] * (len(curl) - 2)), 0.004]), sides=8)
        leaves.append(
            move(
                leaf,
                x=float(np.clip(x, -0.4, 0.85)),
                y=float(y),
                z=0.07 + float(abs(rng.normal(0, 0.035))) + 0.04,
                rz=float(rng.uniform(0, 360)),
                ry=float(rng.normal(0, 14)),
            )
        )
    tea = Stuff("#4d5a33", rough=0.8, specular=0.2)
    return [(scoop, wood(colour, "x", 1.4)), (join(*leaves), tea)]
