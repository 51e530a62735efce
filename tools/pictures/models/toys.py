"""Toys."""

from __future__ import annotations

import numpy as np
from forms import (
    ball,
    curve,
    disc,
    extrude,
    fillet,
    join,
    lathe,
    move,
    skin,
    slab,
    sweep,
    thrown,
    turned,
)
from shapely.geometry import Point, Polygon
from stuff import Stuff, gloss, matt, metal, rubber, wood

from models import Parts, product


def _paint(colour: str) -> Stuff:
    return Stuff(colour, rough=0.38, specular=0.5, coat=0.3)


@product("blocks", azimuth=-30, elevation=22)
def blocks(colour: str) -> Parts:
    main = _paint(colour)
    second = _paint("mustard" if colour == "coral" else "rose")
    third = _paint("teal" if colour == "coral" else "indigo")
    plain = wood("bamboo", "x", 1.2)
    cube = slab(0.62, 0.62, 0.62, 0.05, 0.045)
    long = slab(1.9, 0.62, 0.42, 0.05, 0.045)
    arch = (
        Polygon(fillet([(-0.8, 0), (-0.8, 0.75, 0.06), (0.8, 0.75, 0.06), (0.8, 0)], 6))
        .buffer(0)
        .difference(Point(0, 0).buffer(0.42, 48))
    )
    bridge = move(move(extrude(list(arch.exterior.coords), 0.60), rx=90), y=0.30)
    roof_outline = Polygon([(-0.66, 0), (0, 0.62), (0.66, 0)]).buffer(-0.04).buffer(0.04, quad_segs=6)
    roof = move(move(extrude(list(roof_outline.exterior.coords), 0.60), rx=90), y=0.30)
    cylinder = turned((0, 0), (0.29, 0, 0.03), (0.29, 1.0, 0.03), (0, 1.0))
    return [
        (move(cube, x=-0.64), main), (move(cube, x=0.66, rz=4), third), (move(long, z=0.625, rz=1), plain), (move(bridge, z=1.05), second),
        (move(roof, z=1.805, x=0.02), main), (move(cylinder, x=1.38, y=0.25), plain),
        (move(turned((0, 0), (0.30, 0, 0.03), (0.02, 0.56, 0.03), (0, 0.57)), x=1.38, y=0.25, z=1.0), third),
        (move(cube, x=-1.5, y=-0.2, rz=24), plain), (move(cylinder, x=0.45, y=-0.95, z=0.29, ry=90, rz=-22, scale=(1, 1, 0.85)), second),
        (move(join(move(slab(0.05, 0.3, 0.006, 0.02, 0.002)), move(slab(0.3, 0.05, 0.006, 0.02, 0.002))), x=-1.5, y=-0.2, z=0.62, rz=24), main),
    ]  # fmt: skip


@product("spinning-top", azimuth=-24, elevation=24)
def spinning_top(colour: str) -> Parts:
    body = [
        (0, 0.0),
        (0.03, 0.015),
        (0.05, 0.08),
        (0.20, 0.22),
        (0.58, 0.46),
        (0.66, 0.56),
        (0.62, 0.66),
        (0.34, 0.74),
        (0.12, 0.80),
        (0.09, 0.86),
    ]
    shape = thrown(*body, (0.085, 1.10), (0.10, 1.18), (0.07, 1.24), (0, 1.25))
    bands = []
    for z0, z1, tone in ((0.47, 0.535, "mustard"), (0.575, 0.605, "white")):
        outline = curve(body, 40)
        part = outline[(outline[:, 1] >= z0) & (outline[:, 1] <= z1)].copy()
        part[:, 0] += 0.004
        bands.append((lathe(part), _paint(tone)))
    stem = [(0.0865, 0.95), (0.0905, 0.955), (0.0905, 1.02), (0.0865, 1.025)]
    tip = thrown((0, -0.035), (0.02, -0.03), (0.034, 0.01), (0.05, 0.07), (0, 0.08))
    lean = {"ry": 13, "rx": -8, "z": 0.05}
    other = {"ry": 63, "rz": 200, "x": 1.15, "y": -0.30, "z": 0.37, "scale": 0.8}
    main = _paint(colour)
    first = [(shape, main), *bands, (lathe(stem), _paint("mustard")), (tip, metal("brass", 0.2))]
    second = [(shape, _paint("teal" if colour == "brick" else "coral")), *bands, (tip, metal("brass", 0.2))]
    return [(move(m, **lean), s) for m, s in first] + [(move(m, **other), s) for m, s in second]


@product("toy-car", azimuth=-38, elevation=19)
def toy_car(colour: str) -> Parts:
    outline = fillet(
        [
            (-1.0, 0.26),
            (-1.02, 0.62, 0.14),
            (-0.62, 0.70, 0.08),
            (-0.40, 1.10, 0.20),
            (0.42, 1.12, 0.22),
            (0.66, 0.72, 0.12),
            (1.06, 0.62, 0.16),
            (1.08, 0.26, 0.1),
            (-1.0, 0.26),
        ],
        10,
    )
    shape = Polygon(outline).buffer(0)
    for x in (-0.60, 0.62):
        shape = shape.difference(Point(x, 0.24).buffer(0.285, 32))
    layers = []
    for off, wide in ((0.0, 0.92), (0.025, 0.97), (0.05, 0.99)):
        flat = shape.buffer(-off, quad_segs=8)
        layers.append(move(move(extrude(list(flat.exterior.coords), wide), rx=90), y=wide / 2))
    glass_shape = Polygon(
        fillet([(-0.56, 0.74), (-0.36, 1.03, 0.10), (0.36, 1.04, 0.12), (0.56, 0.74), (-0.56, 0.74)], 8)
    ).buffer(0)
    pillar = Polygon([(-0.04, 0.6), (0.04, 0.6), (0.04, 1.2), (-0.04, 1.2)])
    panes = []
    for one in glass_shape.difference(pillar).geoms:
        rounded = one.buffer(-0.03).buffer(0.03, quad_segs=6)
        panes.append(move(move(extrude(list(rounded.exterior.coords), 1.0), rx=90), y=0.50))
    wheels, hubs = [], []
    tyre = turned(
        (0, -0.11),
        (0.20, -0.11, 0.03),
        (0.245, -0.09, 0.03),
        (0.245, 0.09, 0.03),
        (0.20, 0.11, 0.03),
        (0, 0.11),
    )
    hub = turned(
        (0, 0.10),
        (0.13, 0.115, 0.02),
        (0.13, 0.13, 0.01),
        (0.05, 0.135, 0.01),
        (0.04, 0.16, 0.01),
        (0, 0.165),
    )
    for x in (-0.60, 0.62):
        for sy in (-1, 1):
            wheels.append(move(tyre, x=x, y=sy * 0.40, z=0.245, rx=90))
            hubs.append(move(hub, x=x, y=sy * 0.40, z=0.245, rx=90 * sy * -1))
    lamps = [move(disc(0.085, 0.03, 0.012, 40), x=1.055, y=sy * 0.30, z=0.47, ry=84) for sy in (-1, 1)]
    bumper = [move(slab(0.10, 0.96, 0.10, 0.045, 0.045), x=sx * 1.05, z=0.25) for sx in (-1, 1)]
    return [
        (join(*layers), _paint(colour)), (join(*panes), Stuff("#2a3238", rough=0.12, coat=1.0)), (join(*wheels), rubber("#2a2a2c")),
        (join(*hubs), wood("bamboo", "x", 0.8)), (join(*lamps), gloss("#fff3d0")), (join(*bumper), metal("steel", 0.3)),
    ]  # fmt: skip


@product("stacking-rings", azimuth=-24, elevation=18)
def stacking_rings(_colour: str) -> Parts:
    tones = ("#3f7f7a", "#7fa06a", "#e0b03a", "#e08a4a", "#d65c48")
    parts: list[tuple[object, Stuff]] = [
        (turned((0, 0), (0.80, 0, 0.05), (0.84, 0.12, 0.06), (0, 0.15)), wood("bamboo", "x", 1.4))
    ]
    z = 0.14
    for k, tone in enumerate(tones):
        outer, high = 0.72 - 0.085 * k, 0.30 - 0.012 * k
        ring = turned(
            (0.16, z),
            (outer, z, high * 0.5),
            (outer, z + high, high * 0.5),
            (0.16, z + high, 0.03),
            (0.16, z),
            sections=96,
        )
        parts.append((ring, _paint(tone)))
        z += high
    parts.append(
        (
            thrown(
                (0, z), (0.11, z + 0.005), (0.20, z + 0.12), (0.20, z + 0.24), (0.10, z + 0.36), (0, z + 0.38)
            ),
            _paint("#c8493c"),
        )
    )
    extra = move(
        turned((0.16, 0), (0.52, 0, 0.14), (0.52, 0.27, 0.14), (0.16, 0.27, 0.03), (0.16, 0)), x=1.15, y=-0.35
    )
    parts.append((extra, _paint("#5f86b5")))
    return parts


@product("cube", azimuth=-36, elevation=27)
def cube(_colour: str) -> Parts:
    tones = {"U": "#f2f0ea", "F": "#c8452f", "R": "#2f7a57"}
    order = ("#f2f0ea", "#c8452f", "#2f7a57", "#e2b23a", "#2f5ea3", "#e07b35")
    size, gap = 0.30, 0.306
    rng = np.random.default_rng(21)
    bodies: list[object] = []
    stickers: dict[str, list[object]] = {}
    piece = slab(size, size, size, 0.045, 0.04)
    tile = move(slab(0.25, 0.25, 0.012, 0.05, 0.006), z=size - 0.004)
    for layer in range(3):
        turn = 28 if layer == 2 else 0
        for i in range(3):
            for j in range(3):
                at = {"x": (i - 1) * gap, "y": (j - 1) * gap, "z": layer * gap}
                bodies.append(move(move(piece, **at), rz=turn))

                def put(mesh: object, tone: str, spin: int = turn, where: dict[str, float] = at) -> None:
                    stickers.setdefault(tone, []).append(move(move(mesh, **where), rz=spin))

                def pick(home: str) -> str:
                    return home if rng.uniform() < 0.55 else str(rng.choice(order))

                middle = size / 2
                up = move(tile, z=0)
                if layer == 2:
                    put(up, pick(tones["U"]))
                if j == 0:
                    put(move(move(up, z=-middle), rx=90, z=middle), pick(tones["F"]))
                if j == 2:
                    put(move(move(up, z=-middle), rx=-90, z=middle), pick("#e07b35"))
                if i == 2:
                    put(move(move(up, z=-middle), ry=90, z=middle), pick(tones["R"]))
                if i == 0:
                    put(move(move(up, z=-middle), ry=-90, z=middle), pick("#2f5ea3"))
    return [
        (join(*bodies), Stuff("#222326", rough=0.4)),
        *((join(*meshes), Stuff(tone, rough=0.35, specular=0.5)) for tone, meshes in stickers.items()),
    ]


@product("duck", azimuth=40, elevation=17)
def duck(colour: str) -> Parts:
    yellow = Stuff("#e9b52c" if colour == "mustard" else colour, rough=0.35, specular=0.5, coat=0.25)
    n = 60
    s = np.linspace(0, 2 * np.pi, n, endpoint=False)
    rings = []
    for t in np.linspace(-1, 1, 46):
        high = np.sqrt(max(0.0, 1 - t * t)) ** 0.9 + 0.001
        tail = np.clip((t + 1) / 0.9, 0, 1)
        x = t * 0.78
        lift = 0.30 * (1 - tail) ** 1.6
        rings.append(
            np.c_[
                np.full(n, x),
                0.52 * high * np.cos(s),
                0.40 + lift + 0.40 * high * np.sin(s) * (1.0 if t > -2 else 1),
            ]
        )

    body = skin(rings)
    p = np.array(body.vertices)
    p[:, 2] = np.where(p[:, 2] < 0.10, 0.10 + (p[:, 2] - 0.10) * 0.25, p[:, 2])
    body.vertices = p
    tail = sweep(
        curve([(-0.55, 0, 0.62), (-0.78, 0, 0.78), (-0.90, 0, 1.0)], 10),
        np.linspace(0.26, 0.05, 21),
        squash=0.7,
    )
    neck = thrown((0.30, 0.50), (0.31, 0.72), (0.30, 0.90), (0.34, 1.0), sections=64)
    head = move(ball(0.42, 4), x=0.42, z=1.18)
    wings = [
        move(
            sweep(
                curve([(0.30, 0, 0), (0.0, 0, 0.05), (-0.30, 0, 0.14), (-0.46, 0, 0.28)], 10),
                np.interp(np.linspace(0, 1, 31), [0, 0.4, 1], [0.12, 0.22, 0.05]),
                squash=0.45,
                up=(0, 1, 0),
            ),
            y=sy * 0.50,
            z=0.46,
            x=-0.05,
        )
        for sy in (-1, 1)
    ]
    beak_up = move(
        sweep(
            curve([(0, 0, 0), (0.16, 0, 0.0), (0.27, 0, 0.05)], 8), np.linspace(0.17, 0.11, 17), squash=0.36
        ),
        x=0.74,
        z=1.13,
    )
    beak_low = move(
        sweep(
            curve([(0, 0, 0), (0.14, 0, -0.01), (0.20, 0, -0.01)], 8),
            np.linspace(0.14, 0.09, 17),
            squash=0.32,
        ),
        x=0.74,
        z=1.05,
    )
    eyes = [move(ball(0.062, 3), x=0.71, y=sy * 0.245, z=1.29) for sy in (-1, 1)]
    glints = [move(ball(0.02, 2), x=0.755, y=sy * 0.27, z=1.315) for sy in (-1, 1)]
    return [
        (join(body, tail, move(neck, x=0.40), head, *wings), yellow), (join(beak_up, beak_low), Stuff("#e0702c", rough=0.35, coat=0.25)),
        (join(*eyes), gloss("#17181a")), (join(*glints), matt("#ffffff")),
    ]  # fmt: skip
