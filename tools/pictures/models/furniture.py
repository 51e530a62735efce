"""Furniture."""

from __future__ import annotations

import numpy as np
from forms import curve, disc, hoop, join, move, patch, rod, slab, sweep, turned, vessel
from stuff import Stuff, cloth, glaze, lacquer, metal, paper, wood

from models import Parts, product


def _shell(points: np.ndarray, thick: float) -> object:
    """A curved board: a grid of points given thickness along its normals, edges rounded by a rim."""
    du, dv = np.gradient(points, axis=1), np.gradient(points, axis=0)
    normal = np.cross(du, dv)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    top, bottom = points + normal * thick / 2, points - normal * thick / 2
    edge = np.vstack([points[0], points[1:, -1], points[-1, -2::-1], points[-2:0:-1, 0]])
    return join(patch(top), patch(bottom[:, ::-1]), sweep(edge, thick / 2, closed=True, sides=16))


def _oval(u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Map a square onto a rounded square."""
    return u * np.sqrt(1 - 0.32 * v**2), v * np.sqrt(1 - 0.32 * u**2)


@product("chair", azimuth=-34, elevation=16, fill=0.78)
def chair(colour: str) -> Parts:
    u, v = np.meshgrid(np.linspace(-1, 1, 40), np.linspace(-1, 1, 40))
    a, b = _oval(u, v)
    seat = np.dstack(
        [
            a * 2.45,
            b * 2.35,
            4.45 - 0.20 * (1 - a**2) * (1 - b**2) + 0.06 * a**2 - 0.22 * np.clip(-b, 0, 1) ** 3,
        ]
    )
    cushion_top = np.dstack([a * 2.30, b * 2.20, 4.60 + 0.30 * ((1 - a**4) * (1 - b**4)) ** 0.6 - 0.12])
    cushion_low = np.dstack([a * 2.30, b * 2.20, 4.48 + 0 * a])
    back = np.dstack([a * 2.35, 2.25 + 0.55 * (b + 1) * 0.55 - 0.62 * a**2, 6.95 + b * 1.25])
    pad = np.dstack(
        [
            a * 2.18,
            2.17 + 0.55 * (b + 1) * 0.55 - 0.62 * a**2 - 0.20 * ((1 - a**4) * (1 - b**4)) ** 0.6,
            6.95 + b * 1.12,
        ]
    )
    legs = [
        rod((sx * 1.75, sy * 1.65, 4.4), (sx * 2.15, sy * 2.1, 0.08), 0.19, 0.125)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    stretch = [rod((sx * 1.95, -1.87, 2.2), (sx * 1.95, 1.87, 2.2), 0.10) for sx in (-1, 1)]
    posts = [
        sweep(
            curve(
                [
                    (sx * 1.55, 1.75, 4.35),
                    (sx * 1.62, 2.02, 5.3),
                    (sx * 1.62, 2.30, 6.4),
                    (sx * 1.55, 2.58, 7.3),
                ],
                10,
            ),
            np.linspace(0.18, 0.13, 31),
        )
        for sx in (-1, 1)
    ]
    soft = cloth(colour, 1.6, 0.05)
    oak = wood("walnut", "z", 3.0)
    return [
        (_shell(seat, 0.16), wood("walnut", "x", 3.0)),
        (join(patch(cushion_top), patch(cushion_low[:, ::-1])), soft),
        (_shell(back, 0.17), wood("walnut", "x", 3.0)),
        (patch(pad), soft),
        (join(*legs, *posts), oak),
        (join(*stretch), wood("walnut", "y", 3.0)),
    ]


@product("stool", azimuth=-30, elevation=18, fill=0.74)
def stool(colour: str) -> Parts:
    seat = turned(
        (0, 4.28), (1.35, 4.28, 0.15), (1.62, 4.42, 0.10), (1.62, 4.60, 0.10), (1.2, 4.58, 0.4), (0, 4.50)
    )
    legs = [
        rod(
            (0.95 * np.cos(t), 0.95 * np.sin(t), 4.32), (1.55 * np.cos(t), 1.55 * np.sin(t), 0.08), 0.19, 0.14
        )
        for t in np.radians([45, 135, 225, 315])
    ]
    ring = move(hoop(1.30, 0.085), z=1.6)
    return [
        (seat, wood(colour, "x", 2.6)),
        (join(*legs), wood(colour, "z", 2.4)),
        (ring, metal("brass", 0.3)),
    ]


@product("side-table", azimuth=-30, elevation=18)
def side_table(colour: str) -> Parts:
    top_stuff = wood("walnut", "x", 3.0) if colour == "walnut" else lacquer("white")
    top = turned(
        (0, 4.9),
        (2.15, 4.9, 0.05),
        (2.25, 5.0, 0.05),
        (2.25, 5.12, 0.05),
        (2.14, 5.12),
        (2.14, 5.08, 0.02),
        (0, 5.08),
    )
    legs = [
        rod((0.7 * np.cos(t), 0.7 * np.sin(t), 4.9), (1.75 * np.cos(t), 1.75 * np.sin(t), 0.1), 0.17, 0.11)
        for t in np.radians([270, 30, 150])
    ]
    shelf = turned((0, 1.62), (1.05, 1.62, 0.05), (1.05, 1.74, 0.05), (0, 1.74))
    cup = vessel(curve([(0, 0), (0.30, 0.0), (0.36, 0.1), (0.38, 0.7)], 8), 0.035, 0.08)
    books = [
        (
            move(slab(1.35, 0.95, 0.20, 0.03, 0.02), x=-0.55, y=0.35, z=5.09 + 0.21 * k, rz=18 - 14 * k),
            paper(tone),
        )
        for k, tone in enumerate(("indigo", "brick"))
    ]
    return [
        (top, top_stuff),
        (join(*legs), wood("walnut", "z", 3.0)),
        (shelf, top_stuff),
        (move(cup, x=0.75, y=-0.55, z=5.08), glaze("celadon")),
        *books,
    ]


@product("shelf", azimuth=-30, elevation=13, fill=0.78)
def shelf(colour: str) -> Parts:
    board = wood("walnut", "x", 4.0) if colour == "walnut" else lacquer("white")
    levels = [0.7, 4.0, 7.3, 10.6]
    w, d = 7.2, 2.9
    boards = [move(slab(w, d, 0.24, 0.12, 0.05), z=z) for z in levels]
    posts = [
        rod((sx * (w / 2 - 0.2), sy * (d / 2 - 0.2), 0), (sx * (w / 2 - 0.2), sy * (d / 2 - 0.2), 11.5), 0.10)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    bars = [
        rod((sx * (w / 2 - 0.2), -d / 2 + 0.2, 11.3), (sx * (w / 2 - 0.2), d / 2 - 0.2, 11.3), 0.08)
        for sx in (-1, 1)
    ]
    cross = [
        rod((-w / 2 + 0.2, d / 2 - 0.2, 0.9), (w / 2 - 0.2, d / 2 - 0.2, 3.9), 0.05),
        rod((w / 2 - 0.2, d / 2 - 0.2, 0.9), (-w / 2 + 0.2, d / 2 - 0.2, 3.9), 0.05),
    ]
    parts: list[tuple[object, Stuff]] = [
        (join(*boards), board),
        (join(*posts, *bars, *cross), Stuff("#2b2d30", rough=0.5, metal=0.3)),
    ]
    tones = ("brick", "oat", "indigo", "moss", "mustard", "white", "teal", "sand")
    rng = np.random.default_rng(5)
    x = -2.9
    for k in range(9):
        wide, high = rng.uniform(0.28, 0.46), rng.uniform(1.8, 2.4)
        parts.append(
            (
                move(slab(wide, 1.7, high, 0.03, 0.03), x=x + wide / 2, y=-0.2, z=7.54, ry=0),
                paper(tones[k % 8]),
            )
        )
        x += wide + 0.03
    vase = vessel(
        curve([(0, 0), (0.35, 0.0), (0.62, 0.6), (0.42, 1.3), (0.22, 1.6), (0.28, 1.85)], 8), 0.04, 0.1
    )
    bowl = vessel(curve([(0, 0), (0.4, 0.0), (0.9, 0.4), (1.1, 0.8)], 8), 0.05, 0.1)
    basket = vessel(np.array([(0.001, 0), (1.05, 0.0), (1.18, 1.6), (1.18, 1.7)]), 0.07, 0.1)
    parts += [
        (
            move(
                slab(1.9, 1.4 - 0.05 * k, 0.24, 0.03, 0.03), x=-1.9, y=-0.1, z=4.24 + 0.25 * k, rz=k * 3 - 4
            ),
            paper(tones[(k * 3 + 1) % 8]),
        )
        for k in range(4)
    ]
    pot = turned((0, 0), (0.6, 0, 0.08), (0.75, 1.1, 0.04), (0.66, 1.12), (0.62, 1.0), (0, 1.0))
    leaves = []
    for k in range(16):
        a, lean = k * 2.4, rng.uniform(0.35, 1.15)
        path = curve(
            [
                (0, 0, 1.0),
                (0.35 * lean * np.cos(a), 0.35 * lean * np.sin(a), 1.7),
                (lean * np.cos(a), lean * np.sin(a), 2.15 - 0.35 * lean),
            ],
            8,
        )
        leaves.append(
            sweep(
                path,
                np.interp(np.linspace(0, 1, 17), [0, 0.55, 1], [0.03, 0.20, 0.02]),
                squash=0.12,
                sides=12,
            )
        )
    parts += [
        (move(vase, x=2.2, y=-0.1, z=7.54), glaze("celadon")), (move(bowl, x=1.7, y=-0.1, z=4.24), glaze("white", speckle=True)),
        (move(basket, x=-1.6, y=-0.1, z=0.94), Stuff("#c59a5d", rough=0.8, texture="rattan", scale=1.2, bump=0.05)),
        (move(basket, x=1.7, y=-0.1, z=0.94), Stuff("#c59a5d", rough=0.8, texture="rattan", scale=1.2, bump=0.05)),
        (move(pot, x=-2.0, z=10.84), glaze("oat", speckle=True)), (move(join(*leaves), x=-2.0, z=10.84), Stuff("#4c6b3d", rough=0.5)),
    ]  # fmt: skip
    return parts


@product("bench", azimuth=-32, elevation=19)
def bench(colour: str) -> Parts:
    oak = wood("walnut", "x", 3.4)
    w, d, h = 11.0, 3.4, 4.2
    legs = [
        rod(
            (sx * (w / 2 - 1.0), sy * (d / 2 - 0.55), h),
            (sx * (w / 2 - 0.55), sy * (d / 2 - 0.25), 0.1),
            0.24,
            0.17,
        )
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    rails = [move(slab(w - 1.6, 0.24, 0.42, 0.06, 0.05), y=sy * (d / 2 - 0.5), z=h - 0.45) for sy in (-1, 1)]
    if colour == "walnut":
        slats = [
            move(slab(w, 0.50, 0.26, 0.10, 0.06), y=y, z=h)
            for y in np.linspace(-d / 2 + 0.25, d / 2 - 0.25, 6)
        ]
        return [(join(*slats, *rails), oak), (join(*legs), wood("walnut", "z", 3.0))]
    pad = slab(w, d, 0.95, 0.45, 0.38)
    piping = [sweep(_loop(w - 0.1, d - 0.1, 0.4, h + z), 0.05, closed=True, sides=10) for z in (0.28, 0.82)]
    buttons = [
        move(disc(0.13, 0.06, 0.03, 24), x=x, y=y, z=h + 1.02)
        for x in np.linspace(-4.2, 4.2, 5)
        for y in (-0.75, 0.75)
    ]
    return [
        (move(pad, z=h + 0.08), cloth(colour, 2.0, 0.05)),
        (join(*piping, *buttons), cloth("#b9a582", 1.0)),
        (join(*rails), oak),
        (join(*legs), wood("walnut", "z", 3.0)),
    ]


def _loop(width: float, depth: float, radius: float, height: float) -> np.ndarray:
    from forms import ring_of  # noqa: PLC0415

    flat = ring_of(width, depth, radius, 12)
    return np.c_[flat, np.full(len(flat), height)]
