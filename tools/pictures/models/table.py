"""Ceramics for the table."""

from __future__ import annotations

import numpy as np
from forms import curve, disc, hoop, join, move, sweep, thrown, turned, vessel
from stuff import Stuff, glaze, matt

from models import Parts, product


@product("bowl", elevation=26)
def bowl(colour: str) -> Parts:
    wall = vessel(
        curve(
            [
                (0.0, 0.03),
                (0.27, 0.03),
                (0.28, 0.0),
                (0.32, 0.0),
                (0.34, 0.08),
                (0.52, 0.20),
                (0.70, 0.42),
                (0.78, 0.66),
            ],
            8,
        ),
        0.035,
        0.13,
    )
    band = move(hoop(0.763, 0.012, squash=1.4), z=0.635)
    trim = Stuff("#8b6a45", rough=0.35) if colour != "indigo" else Stuff("#e9e4d8", rough=0.35)
    return [(wall, glaze(colour, speckle=colour != "white")), (band, trim)]


def _dish(radius: float, deep: float) -> object:
    r = radius
    return thrown(
        (0, 0.035), (r * 0.55, 0.035), (r * 0.57, 0.0), (r * 0.62, 0.0), (r * 0.66, 0.03), (r * 0.86, deep * 0.6),
        (r * 0.97, deep), (r, deep + 0.02), (r * 0.985, deep + 0.035), (r * 0.95, deep + 0.025),
        (r * 0.83, deep * 0.62 + 0.03), (r * 0.64, 0.075), (r * 0.3, 0.07), (0, 0.07),
    )  # fmt: skip


@product("plate", elevation=30)
def plate(colour: str) -> Parts:
    big = _dish(1.3, 0.15)
    small = move(_dish(0.92, 0.13), z=0.085)
    edge = join(move(hoop(1.297, 0.012), z=0.172), move(hoop(0.917, 0.011), z=0.236))
    rim = Stuff("#7a5a3a", rough=0.4) if colour != "ink" else Stuff("#8d7355", rough=0.4)
    return [(join(big, small), glaze(colour, speckle=True)), (edge, rim)]


@product("mug", azimuth=-32, elevation=20)
def mug(colour: str) -> Parts:
    wall = vessel(
        curve(
            [
                (0, 0.03),
                (0.28, 0.03),
                (0.31, 0.0),
                (0.36, 0.01),
                (0.41, 0.08),
                (0.435, 0.28),
                (0.43, 0.60),
                (0.42, 0.92),
            ],
            8,
        ),
        0.04,
        0.09,
    )
    loop = curve(
        [
            (0.46, 0, 0.775),
            (0.58, 0, 0.82),
            (0.74, 0, 0.70),
            (0.76, 0, 0.48),
            (0.66, 0, 0.28),
            (0.46, 0, 0.225),
        ],
        12,
    )
    handle = sweep(
        loop, np.interp(np.linspace(0, 1, len(loop)), [0, 0.5, 1], [0.075, 0.058, 0.07]), squash=0.7
    )
    foot = turned((0.30, 0.0), (0.36, -0.004, 0.01), (0.415, 0.075, 0.02), (0.4385, 0.20), (0.43, 0.205))
    coffee = move(disc(0.385, 0.004, 0.001), z=0.80)
    return [
        (join(wall, handle), glaze(colour, speckle=True)),
        (foot, matt("#b08a63", speckle=True)),
        (coffee, Stuff("#3b1f10", rough=0.08, specular=0.6)),
    ]


@product("vase", elevation=14, fill=0.76)
def vase(colour: str) -> Parts:
    body = vessel(
        curve(
            [
                (0, 0.02),
                (0.30, 0.02),
                (0.33, 0.0),
                (0.38, 0.04),
                (0.58, 0.42),
                (0.64, 0.80),
                (0.52, 1.16),
                (0.26, 1.42),
                (0.19, 1.62),
                (0.20, 1.82),
                (0.27, 1.94),
            ],
            9,
        ),
        0.03,
        0.1,
    )
    rng = np.random.default_rng(8)
    stems, heads = [], []
    for dx, dy, h in (
        (0.55, 0.1, 1.35),
        (-0.42, 0.15, 1.55),
        (0.12, -0.12, 1.85),
        (0.32, -0.25, 1.05),
        (-0.2, 0.3, 1.2),
    ):
        path = curve(
            [
                (0, 0, 0.4),
                (0.04 * dx, 0.04 * dy, 1.6),
                (0.4 * dx, 0.4 * dy, 1.9 + h * 0.4),
                (dx, dy, 1.9 + h),
            ],
            10,
        )
        stems.append(sweep(path, 0.014, sides=10))
        for _ in range(17):
            t = rng.uniform(0.62, 1.0)
            p = path[min(len(path) - 1, int(t * len(path)))]
            tip = p + rng.normal(0, 0.075, 3) + np.array([0, 0, 0.05])
            stems.append(sweep(np.linspace(p, tip, 4), 0.006, sides=6))
            bud = thrown(
                (0, -0.06), (0.03, -0.03), (0.042, 0.0), (0.03, 0.045), (0, 0.075), sections=14, steps=3
            )
            heads.append(
                move(
                    bud,
                    *tip,
                    rx=float(rng.normal(0, 25)),
                    ry=float(rng.normal(0, 25)),
                    scale=float(rng.uniform(0.7, 1.25)),
                )
            )
    flower = {"white": "#c98a5a", "brick": "#e6d3b0", "celadon": "#e9dccb"}[colour]
    return [
        (body, matt(colour, speckle=True)),
        (join(*stems), Stuff("#7b6a43", rough=0.9)),
        (join(*heads), Stuff(flower, rough=0.95, specular=0.1)),
    ]


@product("pitcher", azimuth=-24, elevation=18)
def pitcher(colour: str) -> Parts:
    outline = curve(
        [
            (0, 0.02),
            (0.38, 0.02),
            (0.40, 0.0),
            (0.46, 0.05),
            (0.56, 0.36),
            (0.56, 0.66),
            (0.44, 1.05),
            (0.36, 1.30),
            (0.40, 1.58),
        ],
        9,
    )
    wall = vessel(outline, 0.035, 0.12)
    p = np.array(wall.vertices)
    angle = np.arctan2(p[:, 1], p[:, 0])
    pull = np.clip((p[:, 2] - 1.22) / 0.4, 0, 1) ** 2 * np.exp(-((angle / 0.42) ** 2))
    p[:, 0] += pull * 0.26
    p[:, 1] *= 1 - pull * 0.35
    p[:, 2] += pull * 0.05
    wall.vertices = p
    loop = curve(
        [
            (-0.36, 0, 1.36),
            (-0.62, 0, 1.50),
            (-0.86, 0, 1.30),
            (-0.88, 0, 0.92),
            (-0.72, 0, 0.55),
            (-0.52, 0, 0.42),
        ],
        12,
    )
    handle = sweep(
        loop, np.interp(np.linspace(0, 1, len(loop)), [0, 0.5, 1], [0.08, 0.06, 0.08]), squash=0.65
    )
    return [(join(wall, handle), glaze(colour, speckle=True))]


@product("platter", azimuth=-24, elevation=34)
def platter(colour: str) -> Parts:
    dish = move(_dish(1.0, 0.14), scale=(1.75, 1.1, 1.15))
    t = np.linspace(0, 2 * np.pi, 140, endpoint=False)

    def line(r: float, z: float, thick: float) -> object:
        return sweep(
            np.c_[1.75 * r * np.cos(t), 1.1 * r * np.sin(t), np.full(140, z)], thick, closed=True, sides=12
        )

    rings = join(line(0.80, 0.162, 0.010), line(0.76, 0.145, 0.006), line(0.985, 0.197, 0.014))
    mark = "white" if colour == "indigo" else "#7d5a38"
    return [(dish, glaze(colour, speckle=True)), (rings, matt(mark))]
