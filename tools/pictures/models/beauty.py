"""Care and scent."""

from __future__ import annotations

import numpy as np
import trimesh
from forms import (
    ball,
    curve,
    extrude,
    fillet,
    hoop,
    join,
    lathe,
    move,
    slab,
    sweep,
    turned,
    vessel,
)
from shapely.geometry import Polygon
from shapely.ops import unary_union
from stuff import Stuff, glass, gloss, matt, metal, paper, plastic, shade, wood

from models import Parts, product


@product("lipstick", azimuth=-26, elevation=17, fill=0.72)
def lipstick(colour: str) -> Parts:
    tone = {"brick": "#a2352a", "rose": "#c9707a", "plum": "#6d2b4d"}[colour]
    case = gloss("#1c1b1e")
    gold = metal("brass", 0.2)
    base = turned((0, 0), (0.185, 0, 0.012), (0.19, 0.02, 0.01), (0.19, 0.62, 0.012), (0, 0.62))
    band = turned((0.188, 0.56), (0.194, 0.56, 0.004), (0.194, 0.61, 0.004), (0.188, 0.61))
    tube = turned((0, 0.60), (0.155, 0.60), (0.155, 0.86, 0.012), (0.14, 0.875), (0.13, 0.875), (0, 0.86))
    bullet = lathe(fillet([(0, 0.8), (0.125, 0.8), (0.125, 1.32, 0.05), (0, 1.34)], 8), 64)
    cut = trimesh.intersections.slice_mesh_plane(bullet, (0.62, 0, -0.78), (0.0, 0, 1.17), cap=True)
    cap = turned((0, 0), (0.20, 0, 0.012), (0.205, 0.02, 0.01), (0.205, 0.84, 0.03), (0, 0.85))
    cap_band = turned((0.203, 0.03), (0.209, 0.03, 0.004), (0.209, 0.10, 0.004), (0.203, 0.10))
    lie = {"x": 0.58, "y": -0.16}
    return [
        (base, case), (join(band, tube), gold), (move(cut, rz=200), Stuff(tone, rough=0.32, specular=0.5, coat=0.3)),
        (move(cap, **lie), case), (move(cap_band, **lie), gold),
    ]  # fmt: skip


@product("perfume", azimuth=-28, elevation=15, fill=0.72)
def perfume(colour: str) -> Parts:
    tint = {"rose": "#f3c9c4", "sky": "#c5dcea"}[colour]
    body = slab(0.80, 0.46, 0.96, 0.10, 0.05)
    hollow = move(slab(0.66, 0.33, 0.66, 0.07, 0.04), z=0.11)
    neck = move(turned((0, 0), (0.13, 0, 0.01), (0.13, 0.09, 0.01), (0, 0.09), sections=64), z=0.95)
    collar = join(move(hoop(0.13, 0.012), z=0.985), move(hoop(0.13, 0.012), z=1.02))
    cap = move(slab(0.40, 0.36, 0.38, 0.06, 0.03), z=1.04)
    label = move(slab(0.34, 0.006, 0.26, 0.003, 0.002), y=-0.235, z=0.34)
    lines = join(
        *(
            move(slab(w, 0.004, h, 0.002, 0.001), y=-0.240, z=z)
            for w, h, z in ((0.20, 0.032, 0.49), (0.24, 0.008, 0.44), (0.14, 0.008, 0.41))
        )
    )
    return [
        (body, glass("#fbfcfc")), (hollow, Stuff(tint, rough=0.12, specular=0.6)), (join(neck, collar), metal("brass", 0.2)),
        (cap, gloss("#1e1d20") if colour == "rose" else metal("steel", 0.2)), (label, paper("#fbf7f0")), (lines, matt("#6b5a45")),
    ]  # fmt: skip


@product("cream-jar", azimuth=-26, elevation=25)
def cream_jar(colour: str) -> Parts:
    tone = Stuff(colour, rough=0.3, specular=0.5, coat=0.4)
    jar = vessel(
        fillet(
            [
                (0.001, 0),
                (0.46, 0, 0.08),
                (0.50, 0.10, 0.06),
                (0.50, 0.42, 0.05),
                (0.44, 0.46, 0.01),
                (0.44, 0.55),
            ],
            8,
        ),
        0.05,
        0.12,
    )
    threads = join(*(move(hoop(0.44, 0.008), z=z) for z in (0.49, 0.525)))
    t = np.linspace(0, 1, 90)
    swirl_r, swirl_a = 0.32 * (1 - t), t * 4.2 * np.pi
    swirl = sweep(
        np.c_[swirl_r * np.cos(swirl_a), swirl_r * np.sin(swirl_a), 0.46 + 0.14 * t**1.4],
        np.interp(t, [0, 0.85, 1], [0.085, 0.07, 0.012]),
        sides=20,
    )
    cream = turned((0, 0.43), (0.385, 0.43), (0.385, 0.47, 0.02), (0, 0.49))
    lid = turned((0.48, 0), (0.52, 0, 0.015), (0.52, 0.26, 0.04), (0.30, 0.275, 0.02), (0, 0.275))
    ring = move(hoop(0.52, 0.010), z=0.03)
    label = move(lathe([(0.501, 0.16), (0.502, 0.16), (0.502, 0.20), (0.501, 0.20)], 40, 40), rz=-138)
    label2 = move(lathe([(0.501, 0.25), (0.502, 0.25), (0.502, 0.30), (0.501, 0.30)], 40, 28), rz=-132)
    lean = {"rx": 0, "x": 0.95, "y": -0.42}
    return [
        (join(jar, threads), tone), (join(swirl, cream), Stuff("#fdf8ef", rough=0.35, specular=0.4)), (move(lid, **lean), wood("bamboo", "x", 1.0)),
        (move(ring, **lean), metal("brass", 0.25)), (join(label, label2), matt("#6a6459")),
    ]  # fmt: skip


@product("soap", azimuth=-32, elevation=26)
def soap(colour: str) -> Parts:
    def bar() -> object:
        return slab(0.86, 0.58, 0.27, 0.16, 0.10, steps=9)

    dish = move(slab(1.25, 0.85, 0.16, 0.16, 0.05), z=0.0)
    grooves = [move(slab(0.06, 0.74, 0.03, 0.02, 0.012), x=x, z=0.145) for x in np.linspace(-0.5, 0.5, 8)]
    stamp = join(
        move(slab(0.34, 0.03, 0.008, 0.01, 0.003), y=0.05),
        move(slab(0.22, 0.02, 0.008, 0.008, 0.003), y=-0.05),
    )
    lower = {"z": 0.175, "rz": 6}
    upper = {"z": 0.445, "rz": -14, "x": 0.03}
    milk = Stuff(colour, rough=0.4, specular=0.45, coat=0.15)
    wrap = move(slab(0.30, 0.592, 0.282, 0.10, 0.10, steps=9), z=0.169, rz=6)
    return [
        (join(dish, *grooves), wood("walnut", "x", 1.2)), (move(bar(), **lower), milk.but(colour=shade(colour, 1.2))), (wrap, paper("#ece2cd")),
        (move(bar(), **upper), milk), (move(stamp, z=0.712, rz=-14, x=0.03), milk.but(colour=shade(colour, 0.8))),
    ]  # fmt: skip


@product("pump-bottle", azimuth=-26, elevation=14, fill=0.74)
def pump_bottle(colour: str) -> Parts:
    body = turned(
        (0, 0), (0.40, 0, 0.05), (0.42, 0.08, 0.04), (0.42, 1.22, 0.14), (0.18, 1.40, 0.05), (0.16, 1.48)
    )
    collar = turned((0, 1.46), (0.20, 1.46, 0.012), (0.20, 1.64, 0.03), (0.10, 1.68, 0.01), (0, 1.68))
    ribs = join(
        *(
            move(slab(0.010, 0.012, 0.13, 0.003, 0.003), x=0.20 * np.cos(a), y=0.20 * np.sin(a), z=1.48)
            for a in np.linspace(0, 2 * np.pi, 44, endpoint=False)
        )
    )
    stem = turned((0, 1.66), (0.055, 1.66), (0.055, 1.84), (0, 1.84))
    head = sweep(
        curve([(0.12, 0, 1.90), (-0.05, 0, 1.92), (-0.25, 0, 1.915), (-0.44, 0, 1.86), (-0.47, 0, 1.80)], 10),
        np.interp(np.linspace(0, 1, 41), [0, 0.3, 1], [0.095, 0.09, 0.042]),
        squash=0.72,
    )
    top = turned((0, 1.83), (0.11, 1.83, 0.02), (0.12, 1.95, 0.03), (0, 1.97))
    label = move(lathe([(0.4205, 0.34), (0.4215, 0.34), (0.4215, 0.98), (0.4205, 0.98)], 48, 84), rz=-158)
    lines = move(
        join(
            *(
                move(
                    lathe([(0.4225, z), (0.4230, z), (0.4230, z + h), (0.4225, z + h)], 32, a),
                    rz=(84 - a) / 2,
                )
                for z, h, a in (
                    (0.80, 0.055, 40),
                    (0.70, 0.014, 52),
                    (0.66, 0.014, 46),
                    (0.44, 0.012, 30),
                    (0.48, 0.012, 36),
                )
            )
        ),
        rz=-158,
    )
    dark = plastic("#222427", 0.35)
    return [
        (body, Stuff(colour, rough=0.35, specular=0.5, coat=0.3)), (join(collar, ribs, stem, head, top), dark),
        (label, paper("#f6f1e6") if colour != "ink" else paper("#d9c9ab")), (lines, matt("#4a463f")),
    ]  # fmt: skip


@product("comb", azimuth=-34, elevation=44, fill=0.78)
def comb(colour: str) -> Parts:
    length, n = 1.9, 34
    spine = Polygon(
        np.vstack(
            [
                curve(
                    [
                        (-length / 2, 0.0),
                        (-length / 2 + 0.03, 0.22),
                        (-0.5, 0.335),
                        (0.2, 0.355),
                        (length / 2 - 0.06, 0.26),
                        (length / 2, 0.0),
                    ],
                    12,
                ),
                [(-length / 2, 0.0)],
            ]
        )
    )
    teeth = []
    for k, x in enumerate(np.linspace(-length / 2 + 0.08, length / 2 - 0.06, n)):
        wide = 0.017 if k > 0 and k < n - 1 else 0.03
        teeth.append(
            Polygon(
                [
                    (x - wide, 0.02),
                    (x - wide * 0.8, -0.36),
                    (x, -0.42),
                    (x + wide * 0.8, -0.36),
                    (x + wide, 0.02),
                ]
            )
        )
    shape = unary_union([spine.buffer(0), *teeth])
    layers = []
    for z, off, thick in ((0.0, 0.010, 0.012), (0.012, 0.0, 0.066), (0.078, 0.010, 0.012)):
        flat = shape.buffer(-off, join_style=1)
        layers += [
            move(extrude(list(one.exterior.coords), thick), z=z) for one in getattr(flat, "geoms", [flat])
        ]
    knot = move(slab(0.075, 0.075, 0.004, 0.02, 0.001), x=0.62, y=0.16, z=0.091, rz=45)
    tassel_cord = sweep(
        curve([(0.88, 0.12, 0.06), (1.05, 0.20, 0.05), (1.16, 0.02, 0.03), (1.12, -0.16, 0.03)], 10),
        0.014,
        sides=10,
    )
    bead = move(ball(0.045, 3), x=1.12, y=-0.19, z=0.045)
    rng = np.random.default_rng(2)
    threads = [
        sweep(
            curve(
                [
                    (1.12, -0.22, 0.05),
                    (1.12 + rng.normal(0, 0.025), -0.36, 0.045),
                    (1.12 + rng.normal(0, 0.06), -0.62 + rng.normal(0, 0.02), 0.02),
                ],
                6,
            ),
            0.010,
            sides=6,
        )
        for _ in range(26)
    ]
    lie = {"rz": 14}
    return [
        (move(join(*layers), **lie), wood(colour, "x", 0.9)), (move(knot, **lie), metal("brass", 0.3)),
        (move(join(tassel_cord, *threads), **lie), Stuff("#a2352a", rough=0.85)), (move(bead, **lie), Stuff("#5c8a78", rough=0.2, coat=0.8)),
    ]  # fmt: skip
