"""Cloth and basketry for the home."""

from __future__ import annotations

import numpy as np
from forms import arc, curve, fillet, join, move, patch, skin, sweep, vessel
from stuff import Stuff, cloth, plush, shade

from models import Parts, product


def _pillow(width: float, depth: float, height: float, n: int = 90) -> object:
    """A stuffed square: pulled in between its corners, wrinkled towards them."""
    u, v = np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n))
    lift = np.clip((1 - np.abs(u) ** 2.6) * (1 - np.abs(v) ** 2.6), 0, 1) ** 0.52
    x = u * width / 2 * (1 - 0.075 * (1 - v**2))
    y = v * depth / 2 * (1 - 0.075 * (1 - u**2))
    corner = np.exp(-((np.abs(u) - 1) ** 2 + (np.abs(v) - 1) ** 2) * 3.2)
    fold = 0.035 * corner * np.sin(18 * np.arctan2(np.abs(v) - 0.4, np.abs(u) - 0.4))
    top = np.dstack([x, y, height / 2 * lift + fold * lift])
    bottom = np.dstack([x, y, -height / 2 * lift])
    return join(patch(top), patch(bottom[:, ::-1]))


def _edge(width: float, depth: float) -> np.ndarray:
    t = np.linspace(-1, 1, 40)
    pull = 1 - 0.075 * (1 - t**2)
    a, b = width / 2, depth / 2
    return np.vstack(
        [
            np.c_[t * a, -b * pull, 0 * t],
            np.c_[a * pull, t * b, 0 * t][1:],
            np.c_[-t * a, b * pull, 0 * t][1:],
            np.c_[-a * pull, -t * b, 0 * t][1:-1],
        ]
    )


@product("cushion", azimuth=-26, elevation=16)
def cushion(colour: str) -> Parts:
    pillow = _pillow(4.4, 4.4, 1.7)
    piping = sweep(_edge(4.4, 4.4), 0.055, closed=True, sides=14)
    place = {"rx": 70, "z": 2.05, "y": 0.55}
    small = {"rx": 64, "rz": -20, "z": 1.28, "y": -1.0, "x": 1.15, "scale": 0.62}
    return [
        (move(pillow, **place), cloth(colour, 0.8, 0.03)),
        (move(piping, **place), cloth(shade(colour, 0.75), 0.5)),
        (move(pillow, **small), cloth("#e7dcc6" if colour != "oat" else "#a8713f", 0.8, 0.03)),
        (move(piping, **small), cloth("#c9b893" if colour != "oat" else "#8d5c30", 0.5)),
    ]


def _folded(width: float, depth: float, height: float, layers: int) -> object:
    """Cloth folded over and over: each layer a soft strip whose front is a bend."""
    strips = []
    each = height / layers
    for k in range(layers):
        wobble = 0.012 * np.sin(k * 2.1)
        flat = fillet(
            [
                (depth / 2 + wobble, k * each),
                (-depth / 2 + wobble, k * each, each * 0.5),
                (-depth / 2 + wobble, (k + 1) * each * 0.985, each * 0.5),
                (depth / 2 + wobble, (k + 1) * each * 0.985),
            ],
            9,
        )
        xs = np.r_[
            -width / 2 + 0.0,
            -width / 2 + 0.02,
            np.linspace(-width / 2 + 0.05, width / 2 - 0.05, 24),
            width / 2 - 0.02,
            width / 2,
        ]
        rings = []
        for x in xs:
            inset = 0.045 * np.exp(-(width / 2 - abs(x)) / 0.03)
            ring = np.c_[np.full(len(flat), x), flat]
            middle = (k + 0.5) * each
            ring[:, 2] = middle + (ring[:, 2] - middle) * (1 - inset * 5) + 0.012 * np.sin(x * 2.3 + k * 1.7)
            ring[:, 1] += inset + 0.01 * np.sin(x * 3.1 + k)
            rings.append(ring)
        strips.append(skin(rings))
    return join(*strips)


@product("towels", azimuth=-32, elevation=21)
def towels(colour: str) -> Parts:
    stack: list[tuple[object, Stuff]] = []
    white = colour == "white"
    tones = ("#fffefa", "#efebe2", "#d8c9af") if white else (colour, shade(colour, 0.84), shade(colour, 1.25))
    z = 0.0
    for k, tone in enumerate(tones):
        wide, deep, high = 3.2 - 0.12 * k, 2.3 - 0.08 * k, 0.66 - 0.05 * k
        towel = move(_folded(wide, deep, high, 3), z=z, rz=(-1.5, 2.0, -2.5)[k])
        stack.append((towel, plush(tone, 0.55, 0.05)))
        z += high
    roll_path = np.linspace((-1.25, 0, 0), (1.25, 0, 0), 30)
    roll = sweep(roll_path, 0.40, sides=48, round_ends=False)
    spiral_t = np.linspace(0, 5.2 * np.pi, 160)
    spiral = np.c_[
        np.full(160, 0.0),
        (0.05 + 0.34 * spiral_t / spiral_t[-1]) * np.cos(spiral_t),
        (0.05 + 0.34 * spiral_t / spiral_t[-1]) * np.sin(spiral_t),
    ]
    seam = join(*(move(sweep(spiral, 0.022, sides=8), x=x) for x in (-1.25, 1.25)))
    stack.append((move(roll, z=z + 0.37, rz=-4), plush(tones[0], 0.55, 0.05)))
    stack.append((move(seam, z=z + 0.37, rz=-4), plush(shade(tones[0], 0.75), 0.5)))
    return stack


@product("blanket", azimuth=-30, elevation=24)
def blanket(colour: str) -> Parts:
    knit = Stuff(colour, rough=1.0, specular=0.05, sheen=0.7, texture="knit", scale=2.6, bump=0.07)
    body = _folded(3.6, 2.7, 1.5, 4)
    fringe = []
    rng = np.random.default_rng(3)
    for x in np.linspace(-1.72, 1.72, 40):
        z = 1.1
        tip = (x + rng.normal(0, 0.03), -1.46 + rng.normal(0, 0.02), z - 0.62 + rng.normal(0, 0.03))
        fringe.append(sweep(curve([(x, -1.30, z), (x, -1.44, z - 0.12), tip], 6), 0.032, sides=8))
    flap = move(_folded(3.62, 2.66, 0.12, 1), z=1.48, y=-0.03)
    front = patch(
        np.array(
            [
                [(x, -1.37 - 0.05 * np.sin(x * 2.2) * s, 1.58 - 0.52 * s) for x in np.linspace(-1.8, 1.8, 40)]
                for s in np.linspace(0, 1, 14)
            ]
        )
    )
    bend = patch(
        np.array(
            [
                [(x, -1.33 - 0.05 * np.sin(a), 1.54 + 0.06 * np.cos(a)) for x in np.linspace(-1.8, 1.8, 40)]
                for a in np.linspace(0, np.pi / 2, 8)
            ]
        )
    )
    return [
        (body, knit),
        (join(flap, front, bend), knit.but(colour=shade(colour, 0.9))),
        (join(*fringe), cloth(shade(colour, 0.9))),
    ]


@product("slippers", azimuth=-38, elevation=28)
def slippers(colour: str) -> Parts:
    def sole(grow: float, thick: float, z: float) -> object:
        s = np.linspace(0, 2 * np.pi, 120, endpoint=False)
        y = 1.35 * np.cos(s)
        half = (
            (0.43 + 0.07 * np.cos(s) + 0.05 * np.sin(2 * s + 0.5))
            * np.abs(np.sin(s)) ** 0.72
            * np.sign(np.sin(s))
        )
        flat = np.c_[half * (1 + grow), y * (1 + grow * 0.35)]
        rows = [(z, 0.965), (z + thick * 0.18, 1.0), (z + thick * 0.82, 1.0), (z + thick, 0.965)]
        return skin([np.c_[flat * k, np.full(120, h)] for h, k in rows])

    def upper() -> object:
        rows = []
        for s in np.linspace(0.05, 1.0, 26):
            y = 0.02 + 1.36 * s**0.92
            wide = 0.535 * np.sqrt(max(0.0, 1 - (max(0.0, y - 0.35) / 1.07) ** 2.3)) + 0.02
            high = 0.60 * (1 - 0.62 * s**1.7)
            a = np.linspace(0, np.pi, 36)
            rows.append(np.c_[wide * np.cos(a), np.full(36, y), 0.17 + high * np.sin(a) ** 0.8])
        return patch(np.array(rows))

    def hem() -> object:
        a = np.linspace(0, np.pi, 40)
        return sweep(
            np.c_[0.56 * np.cos(a), np.full(40, 0.10), 0.17 + 0.60 * np.sin(a) ** 0.8], 0.045, sides=14
        )

    base, bed, top, edge = sole(0.03, 0.14, 0.0), sole(-0.02, 0.07, 0.13), upper(), hem()
    parts: list[tuple[object, Stuff]] = []
    for x, turn, y in ((-0.66, 7, 0.0), (0.62, -9, -0.22)):
        where = {"x": x, "rz": turn, "y": y}
        turned_round = {"rz": 180}
        parts += [
            (
                move(move(base, **turned_round), **where),
                Stuff("#b79a72", rough=0.8, texture="weave", scale=0.4, bump=0.02),
            ),
            (move(move(bed, **turned_round), **where), plush("#ece3d2", 0.5, 0.03)),
            (move(move(top, **turned_round), **where), plush(colour, 0.5, 0.05)),
            (move(move(edge, **turned_round), **where), plush(shade(colour, 1.25), 0.4, 0.05)),
        ]
    return parts


@product("basket", azimuth=-26, elevation=24)
def basket(colour: str) -> Parts:
    rattan = Stuff(colour, rough=0.7, specular=0.3)
    strands, posts = [], []
    t = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    spokes = 28
    rows = 24
    for k in range(rows):
        z = 0.06 + k * 0.082
        radius = 1.12 + 0.30 * np.sin(np.pi * (0.18 + 0.62 * k / rows))
        wave = radius + 0.035 * np.sin(spokes / 2 * 2 * t / 1 + np.pi * (k % 2))
        strands.append(
            sweep(np.c_[wave * np.cos(t), wave * np.sin(t), np.full(240, z)], 0.042, closed=True, sides=8)
        )
    for s in range(spokes * 2):
        a = 2 * np.pi * s / (spokes * 2)
        zs = np.linspace(0.02, rows * 0.082 + 0.06, 14)
        r = 1.12 + 0.30 * np.sin(np.pi * (0.18 + 0.62 * (zs - 0.06) / (rows * 0.082)))
        posts.append(sweep(np.c_[r * np.cos(a), r * np.sin(a), zs], 0.026, sides=6))
    top = rows * 0.082 + 0.08
    brim = 1.12 + 0.30 * np.sin(np.pi * 0.8)
    braid = [
        sweep(
            np.c_[
                (brim + 0.05 * np.cos(20 * t + p)) * np.cos(t),
                (brim + 0.05 * np.cos(20 * t + p)) * np.sin(t),
                top + 0.05 * np.sin(20 * t + p),
            ],
            0.05,
            closed=True,
            sides=8,
        )
        for p in (0, 2.1, 4.2)
    ]
    ears = [
        move(sweep(arc(0.30, 0, 180, 30, plane="yz", height=top + 0.02), 0.055, sides=12), x=sx * brim)
        for sx in (-1, 1)
    ]
    liner = vessel(
        np.array([(0.001, 0.08), (1.0, 0.08), (1.2, 0.9), (1.22, 1.6), (brim - 0.06, top - 0.02)]), 0.02, 0.1
    )
    cloth_in = _folded(1.5, 1.1, 0.5, 3)
    return [
        (join(*strands, *posts), rattan),
        (join(*braid, *ears), rattan.but(colour=shade(colour, 0.82))),
        (liner, cloth("#efe8da")),
        (move(cloth_in, z=1.55, rz=25, rx=6), plush("#cfd8d2", 0.5)),
    ]
