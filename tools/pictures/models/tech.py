"""Small electronics."""

from __future__ import annotations

import numpy as np
from forms import (
    curve,
    disc,
    fillet,
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
    turned,
)
from stuff import Stuff, cloth, gloss, leather, light, matt, metal, plastic, rubber, shade

from models import Parts, product


@product("headphones", azimuth=-38, elevation=16, fill=0.74)
def headphones(colour: str) -> Parts:
    shell = Stuff(colour, rough=0.38, specular=0.5, coat=0.25)
    soft = leather("#2a2827" if colour != "oat" else "#5b4636")
    trim = metal("brass" if colour == "oat" else "steel", 0.22)
    t = np.radians(np.linspace(2, 178, 70))
    band = np.c_[0.80 * np.cos(t), np.zeros(70), 1.08 + 0.84 * np.sin(t) ** 0.92]
    bow = sweep(band, 0.105, squash=0.42, up=(1, 0, 0.02))
    inner = np.c_[0.745 * np.cos(t[12:-12]), np.zeros(46), 1.04 + 0.80 * np.sin(t[12:-12]) ** 0.92]
    pad = sweep(inner, 0.125, squash=0.45, up=(1, 0, 0.02))
    parts: list[tuple[object, Stuff]] = [(bow, shell), (pad, soft)]
    for s in (-1, 1):
        arm = sweep(
            curve([(s * 0.80, 0, 1.12), (s * 0.845, 0, 0.98), (s * 0.90, 0, 0.80), (s * 0.93, 0, 0.62)], 8),
            0.042,
            squash=0.8,
        )
        fork = sweep(
            np.c_[
                np.full(30, s * 0.90),
                0.40 * np.cos(np.radians(np.linspace(20, 160, 30))),
                0.45 + 0.40 * np.sin(np.radians(np.linspace(20, 160, 30))),
            ],
            0.035,
        )
        cup = lathe(
            fillet(
                [
                    (0, 0.0),
                    (0.36, 0.0, 0.03),
                    (0.385, 0.10, 0.04),
                    (0.33, 0.21, 0.06),
                    (0.10, 0.235, 0.05),
                    (0, 0.235),
                ],
                8,
            )
        )
        face = lathe(fillet([(0.0, 0.232), (0.235, 0.222, 0.005), (0.235, 0.228, 0.004), (0, 0.242)], 4))
        ring = move(hoop(0.245, 0.010), z=0.224)
        ear = move(hoop(0.255, 0.125, squash=0.8), z=-0.075)
        mesh = disc(0.2, 0.01, 0.002)
        place = {"x": s * 0.80, "z": 0.45, "ry": s * 84, "scale": (1.0, 1.0, 1.0)}
        parts += [
            (arm, trim), (fork, trim), (move(cup, **place), shell), (move(face, **place), Stuff(shade(colour, 0.85), rough=0.3, metal=0.4)),
            (move(ring, **place), trim), (move(ear, **place), soft), (move(mesh, **place), cloth("#1f1f20", 0.1)),
        ]  # fmt: skip
    return parts


@product("speaker", azimuth=-26, elevation=17)
def speaker(colour: str) -> Parts:
    body = turned(
        (0, 0.05), (0.60, 0.05, 0.05), (0.66, 0.16, 0.10), (0.66, 1.20, 0.10), (0.58, 1.32, 0.05), (0, 1.32)
    )
    foot = turned((0, 0), (0.54, 0, 0.02), (0.56, 0.06), (0, 0.06))
    top = turned((0, 1.315), (0.555, 1.315, 0.01), (0.54, 1.345, 0.015), (0.50, 1.335, 0.03), (0, 1.325))
    ring = move(hoop(0.56, 0.014), z=1.325)
    plus = join(
        *(
            move(slab(0.14, 0.018, 0.006, 0.006, 0.002), z=1.329, rz=r, x=x, y=y)
            for r, x, y in ((0, 0.27, 0), (90, 0.27, 0), (0, -0.27, 0))
        )
    )
    dots = join(*(move(disc(0.016, 0.006, 0.002, 20), x=0.0, y=y, z=1.328) for y in (-0.27, 0.27)))
    strap = sweep(
        curve(
            [
                (0.655, -0.05, 1.06),
                (0.76, -0.10, 1.02),
                (0.83, -0.14, 0.80),
                (0.80, -0.14, 0.52),
                (0.73, -0.10, 0.44),
                (0.655, -0.05, 0.47),
            ],
            12,
        ),
        0.05,
        squash=0.3,
        up=(0.2, 1, 0),
    )
    badge = move(lathe([(0.662, 0.26), (0.668, 0.26), (0.668, 0.36), (0.662, 0.36)], 24, 20), rz=-128)
    knit = Stuff(colour, rough=0.9, specular=0.15, sheen=0.3, texture="weave", scale=0.55, bump=0.03)
    return [
        (body, knit), (foot, rubber()), (top, gloss("#1d1f22")), (ring, metal("brass", 0.25)),
        (join(plus, dots), Stuff("#d8d8d6", rough=0.5)), (strap, leather("#7a5134")), (badge, metal("brass", 0.25)),
    ]  # fmt: skip


def _digit(number: int) -> object:
    """A figure of bars, as old clocks show it."""
    bars = {
        "top": (0, 0.06, 0.062, 0.014), "middle": (0, 0, 0.062, 0.014), "bottom": (0, -0.06, 0.062, 0.014),
        "up-left": (-0.026, 0.03, 0.014, 0.06), "up-right": (0.026, 0.03, 0.014, 0.06),
        "low-left": (-0.026, -0.03, 0.014, 0.06), "low-right": (0.026, -0.03, 0.014, 0.06),
    }  # fmt: skip
    lit = {
        0: "top bottom up-left up-right low-left low-right", 1: "up-right low-right",
        2: "top middle bottom up-right low-left", 4: "middle up-left up-right low-right",
    }  # fmt: skip
    return join(
        *(
            move(slab(w, d, 0.0004, 0.004, 0.0001), x=x, y=y)
            for x, y, w, d in (bars[b] for b in lit[number].split())
        )
    )


def _screen() -> list[tuple[object, Stuff]]:
    """What a telephone shows: a wallpaper of hills and a clock."""
    w, h = 0.735, 1.575
    base = move(slab(w, h, 0.004, 0.09, 0.001), z=0.0)
    tones = ("#f0c9a4", "#e79c78", "#b76a66", "#6f4a66", "#3b3355")
    layers: list[tuple[object, Stuff]] = [(base, Stuff("#f3dcc0", rough=0.08, specular=0.6, coat=1.0))]
    x = np.linspace(-w / 2 + 0.002, w / 2 - 0.002, 40)
    for k, tone in enumerate(tones):
        ridge = 0.30 - 0.24 * k + 0.07 * np.sin(x * (7 + 2 * k) + k * 1.9) + 0.03 * np.sin(x * 17 + k)
        low = np.full(40, -h / 2 + 0.075 if k < 4 else -h / 2 + 0.02)
        inset = np.where(np.abs(x) > w / 2 - 0.08, 0.0, 0.0)
        grid = np.array(
            [
                [(x[j], (low[j] + inset[j]) * (1 - s) + ridge[j] * s, 0.0045 + 0.0006 * k) for j in range(40)]
                for s in (0, 1)
            ]
        )
        layers.append((patch(grid), Stuff(tone, rough=0.08, specular=0.6, coat=1.0)))
    sun = move(disc(0.12, 0.0003, 0.0001), x=0.13, y=0.36, z=0.0042)
    digits = [
        move(_digit(n), x=dx, y=0.60, z=0.0044) for n, dx in ((1, -0.19), (0, -0.09), (2, 0.09), (4, 0.19))
    ]
    digits += [
        move(slab(0.018, 0.018, 0.0004, 0.008, 0.0001), x=0, y=0.60 + dy, z=0.0044) for dy in (-0.03, 0.03)
    ]
    layers += [
        (sun, Stuff("#fff3df", rough=0.08, coat=1.0)),
        (join(*digits), Stuff("#ffffff", rough=0.08, coat=1.0)),
    ]
    return layers


@product("phone", azimuth=-30, elevation=18, fill=0.74)
def phone(colour: str) -> Parts:
    body = slab(0.78, 1.62, 0.085, 0.125, 0.03)
    frame_stuff = Stuff(colour, rough=0.28, metal=0.75, specular=0.6)
    back_stuff = Stuff(colour, rough=0.32, specular=0.5, coat=0.5)
    bezel = move(slab(0.762, 1.602, 0.004, 0.115, 0.001), z=0.0825)
    island = move(slab(0.34, 0.34, 0.025, 0.09, 0.012), x=0.17, y=0.58, z=-0.022)
    lenses = [
        move(
            turned(
                (0, 0),
                (0.058, 0, 0.004),
                (0.058, 0.016, 0.004),
                (0.045, 0.016),
                (0.045, 0.010),
                (0, 0.010),
                sections=48,
            ),
            x=0.17 + dx,
            y=0.58 + dy,
            z=-0.022,
            rx=180,
        )
        for dx, dy in ((-0.075, 0.075), (-0.075, -0.075), (0.075, 0.0))
    ]
    glassy = [
        move(disc(0.045, 0.004, 0.001, 40), x=0.17 + dx, y=0.58 + dy, z=-0.034)
        for dx, dy in ((-0.075, 0.075), (-0.075, -0.075), (0.075, 0.0))
    ]
    flash = move(disc(0.022, 0.004, 0.001, 24), x=0.17 + 0.085, y=0.58 + 0.10, z=-0.025)
    buttons = join(
        *(
            move(slab(0.016, ln, 0.03, 0.008, 0.006), x=0.39, y=y, z=0.027)
            for y, ln in ((0.30, 0.20), (0.05, 0.13))
        )
    )
    front = {"rx": 76, "z": 0.80, "y": 0.05, "x": -0.20, "rz": -8}
    rear = {"ry": 180, "rz": 0}
    parts: list[tuple[object, Stuff]] = [
        (move(body, **front), frame_stuff), (move(bezel, **front), gloss("#0c0d0f")), (move(buttons, **front), frame_stuff),
    ]  # fmt: skip
    parts += [(move(move(m, z=0.0868), **front), s) for m, s in _screen()]
    second = {"rx": 79, "z": 0.81, "y": 0.50, "x": 0.44, "rz": 6}
    for m, s in (
        (body, frame_stuff), (move(slab(0.765, 1.605, 0.004, 0.118, 0.001), z=-0.002), back_stuff), (island, back_stuff.but(colour=shade(colour, 0.9))),
        (join(*lenses), metal("#6d7074", 0.25)), (join(*glassy), gloss("#0a0c12")), (flash, Stuff("#f4ecd8", rough=0.3)), (buttons, frame_stuff),
    ):  # fmt: skip
        parts.append((move(move(m, **rear), **second), s))
    return parts


@product("power-bank", azimuth=-32, elevation=28)
def power_bank(colour: str) -> Parts:
    body = slab(0.72, 1.45, 0.25, 0.14, 0.10)
    dark = "#202225" if colour != "ink" else "#15171a"
    end = move(slab(0.50, 0.012, 0.11, 0.005, 0.004), y=-0.722, z=0.07)
    port = move(slab(0.13, 0.016, 0.05, 0.006, 0.005), x=-0.10, y=-0.727, z=0.10)
    port2 = move(slab(0.17, 0.016, 0.075, 0.004, 0.004), x=0.12, y=-0.727, z=0.088)
    ring = move(hoop(0.20, 0.006), z=0.2505, y=0.20)
    dots = join(*(move(disc(0.016, 0.004, 0.001, 20), x=x, y=-0.42, z=0.249) for x in (-0.12, -0.04, 0.04)))
    off = move(disc(0.016, 0.004, 0.001, 20), x=0.12, y=-0.42, z=0.249)
    cable = sweep(
        curve(
            [
                (-0.10, -0.90, 0.125),
                (-0.10, -1.10, 0.10),
                (0.12, -1.30, 0.05),
                (0.62, -1.22, 0.035),
                (0.86, -0.8, 0.035),
                (0.74, -0.2, 0.035),
                (0.82, 0.4, 0.035),
                (1.05, 0.62, 0.035),
            ],
            16,
        ),
        0.03,
    )
    plug = join(
        move(slab(0.16, 0.22, 0.085, 0.04, 0.03), x=-0.10, y=-0.84, z=0.082),
        move(slab(0.11, 0.06, 0.035, 0.015, 0.01), x=-0.10, y=-0.74, z=0.107),
    )
    plug2 = move(slab(0.16, 0.24, 0.085, 0.04, 0.03), x=1.12, y=0.70, z=0.0, rz=-48)
    return [
        (body, Stuff(colour, rough=0.5, specular=0.45)), (join(end), plastic(dark)), (join(port, port2), metal("#8c8f93", 0.3)),
        (ring, Stuff(shade(colour, 0.8), rough=0.4)), (dots, light("#dff3ff", 2.2)), (off, Stuff("#8a8d90", rough=0.5)),
        (cable, cloth("#d9dadb" if colour == "white" else "#3c3f43", 0.08)), (join(plug, plug2), plastic("#eeeeec" if colour == "white" else "#26282b")),
    ]  # fmt: skip


@product("watch", azimuth=-30, elevation=26, fill=0.74)
def watch(colour: str) -> Parts:
    case_stuff = {
        "steel": metal("steel", 0.18),
        "brass": metal("brass", 0.2),
        "ink": Stuff("#2b2d30", rough=0.3, metal=0.8),
    }[colour]
    strap_stuff = leather({"steel": "#6b4329", "brass": "#2f4a40", "ink": "#26282b"}[colour])
    dial_stuff = Stuff(
        {"steel": "#1f3350", "brass": "#f0e8d6", "ink": "#17191b"}[colour], rough=0.35, specular=0.5
    )
    mark = metal("#e9e6df", 0.25) if colour != "brass" else metal("#8a6a35", 0.3)
    case = lathe(
        fillet(
            [
                (0, -0.045),
                (0.17, -0.045, 0.01),
                (0.205, -0.02, 0.02),
                (0.205, 0.03, 0.015),
                (0.19, 0.055, 0.008),
                (0.172, 0.055, 0.004),
                (0.170, 0.042),
            ],
            6,
        ),
        128,
    )
    dial = move(disc(0.172, 0.004, 0.001), z=0.034)
    marks = []
    for i in range(60):
        big, quarter = i % 5 == 0, i % 15 == 0
        if not big:
            marks.append(
                move(
                    move(slab(0.003, 0.008, 0.002, 0.001, 0.0005, steps=2, corner=3), y=0.160, z=0.038),
                    rz=-6 * i,
                )
            )
        else:
            marks.append(
                move(
                    move(
                        slab(
                            0.011 if quarter else 0.007,
                            0.036 if quarter else 0.026,
                            0.005,
                            0.002,
                            0.001,
                            steps=2,
                            corner=3,
                        ),
                        y=0.144,
                        z=0.038,
                    ),
                    rz=-6 * i,
                )
            )
    hands = [
        move(move(slab(0.013, 0.105, 0.004, 0.005, 0.001), y=0.036, z=0.044), rz=58),
        move(move(slab(0.009, 0.150, 0.004, 0.004, 0.001), y=0.058, z=0.048), rz=-62),
    ]
    second = move(move(slab(0.003, 0.17, 0.002, 0.001, 0.0005), y=0.04, z=0.053), rz=-160)
    hub = move(disc(0.011, 0.01, 0.002, 32), z=0.046)
    crown = move(
        turned((0, 0), (0.026, 0, 0.004), (0.026, 0.035, 0.006), (0, 0.037), sections=32),
        x=0.203,
        z=0.002,
        ry=90,
    )
    lugs = [
        move(slab(0.035, 0.10, 0.045, 0.014, 0.012), x=sx * 0.115, y=sy * 0.205, z=-0.034, rx=-sy * 14)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    bars = [rod((-0.11, sy * 0.235, -0.025), (0.11, sy * 0.235, -0.025), 0.008) for sy in (-1, 1)]
    # A strap closed behind: it leaves the case, falls, and meets below.
    loop = curve(
        [
            (0, -0.225, -0.02),
            (0, -0.295, -0.075),
            (0, -0.335, -0.20),
            (0, -0.30, -0.36),
            (0, -0.16, -0.455),
            (0, 0.0, -0.475),
            (0, 0.16, -0.455),
            (0, 0.30, -0.36),
            (0, 0.335, -0.20),
            (0, 0.295, -0.075),
            (0, 0.225, -0.02),
        ],
        14,
    )
    width = np.interp(np.linspace(0, 1, len(loop)), [0, 0.5, 1], [0.098, 0.082, 0.098])
    strap = _ribbon(loop, width, 0.020)
    stitches = []
    for sx in (-1, 1):
        for i in range(4, len(loop) - 4, 3):
            a, b = loop[i], loop[i + 1]
            out = np.array([0, a[1], a[2] + 0.2])
            out = out / np.linalg.norm(out) * 0.0115
            stitches.append(
                rod(
                    (sx * (width[i] - 0.014), *(a + out)[1:]),
                    (sx * (width[i] - 0.014), *(b + out)[1:]),
                    0.0028,
                )
            )
    lie = {"rx": 62, "z": 0.38}
    everything = [
        (join(case, crown, *lugs, *bars), case_stuff), (dial, dial_stuff), (join(*marks, *hands, hub), mark),
        (second, matt("#c9472f")), (strap, strap_stuff), (join(*stitches), Stuff("#d9c9ab", rough=0.8)),
    ]  # fmt: skip
    parts = [(move(m, **lie), s) for m, s in everything]
    pillow = sweep(
        np.linspace((-0.115, 0, 0), (0.115, 0, 0), 12), 0.265, sides=64, squash=0.78, round_ends=False
    )
    parts.append((move(move(pillow, z=-0.245), **lie), cloth("#d8d3c8", 0.4, 0.008)))
    return parts


def _ribbon(path: np.ndarray, width: np.ndarray, thick: float) -> object:
    """A strap along a path in the plane x = 0."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    normal = np.cross(along, (1.0, 0, 0))
    rings = []
    for p, n, w in zip(path, normal, width, strict=True):
        flat = ring_of(2 * w, thick, thick * 0.42, 5)
        rings.append(p + np.outer(flat[:, 0], (1, 0, 0)) + np.outer(flat[:, 1], n))
    return skin(rings)


@product("keyboard", azimuth=-24, elevation=32, fill=0.78)
def keyboard(colour: str) -> Parts:
    dark = colour == "ink"
    case = slab(3.3, 1.22, 0.18, 0.12, 0.05)
    plate = move(slab(3.14, 1.06, 0.02, 0.06, 0.005), z=0.17)
    rows = [
        [1.0] * 13 + [2.0], [1.5] + [1.0] * 12 + [1.5], [1.75] + [1.0] * 11 + [2.25], [2.25] + [1.0] * 10 + [2.75],
        [1.25, 1.25, 1.25, 6.25, 1.25, 1.25, 1.25, 1.25],
    ]  # fmt: skip
    unit = 0.205
    plain, accent, pop = [], [], []
    for r, row in enumerate(rows):
        x = -7.5 * unit
        for k, wide in enumerate(row):
            w = wide * unit - 0.022
            profile = [
                (0.0, w, 0.183, 0.02),
                (0.02, w, 0.183, 0.02),
                (0.10, w - 0.045, 0.138, 0.03),
                (0.118, w - 0.058, 0.125, 0.03),
                (0.124, w - 0.085, 0.10, 0.03),
            ]
            rings = [np.c_[ring_of(a, b, c, 5), np.full(20, z)] for z, a, b, c in profile]
            key = move(skin(rings), x=x + wide * unit / 2, y=0.41 - r * unit, z=0.185)
            x += wide * unit
            if (r, k) == (0, 0) or (r == 2 and k == len(row) - 1):
                pop.append(key)
            elif wide > 1.0 and wide < 6:
                accent.append(key)
            else:
                plain.append(key)
    foot = [move(slab(0.5, 0.1, 0.09, 0.03, 0.02), x=sx * 1.2, y=0.5, z=-0.08) for sx in (-1, 1)]
    lean = {"rx": 5, "z": 0.09}
    parts = [
        (case, plastic(colour, 0.45)), (plate, plastic(shade(colour, 0.7))), (join(*plain), plastic("#f0ebe0" if not dark else "#4a4f55", 0.5)),
        (join(*accent), plastic("#b9ad97" if not dark else "#2e3135", 0.5)), (join(*pop), plastic("coral", 0.5)), (join(*foot), rubber()),
    ]  # fmt: skip
    cable = sweep(
        curve([(0.9, 0.62, 0.12), (0.9, 0.8, 0.08), (1.1, 1.1, 0.035), (1.9, 1.2, 0.035)], 12), 0.03
    )
    return [*((move(m, **lean), s) for m, s in parts), (cable, cloth("#5d5f62", 0.08))]


@product("mouse", azimuth=146, elevation=27)
def mouse(colour: str) -> Parts:
    n = 70
    s = np.linspace(0, 2 * np.pi, n, endpoint=False)
    rings = []
    for t in np.linspace(0, 1, 30):
        z = t
        grow = np.sqrt(max(0.0, 1 - z**2.4)) if t < 1 else 0.0
        grow = max(grow, 0.02)
        x = 0.325 * np.sign(np.cos(s)) * np.abs(np.cos(s)) ** 0.82 * (0.94 + 0.06 * np.cos(2 * s)) * grow
        y = 0.565 * np.sign(np.sin(s)) * np.abs(np.sin(s)) ** 0.86 * (grow**0.8)
        hump = 0.39 * (1 - 0.30 * ((y + 0.12) / 0.565 - 0.15) ** 2 - 0.10 * np.clip(y / 0.565, 0, 1) ** 2)
        rings.append(np.c_[x, y, 0.03 + hump * z])
    body = skin(rings)
    skirt = move(slab(0.60, 1.08, 0.05, 0.28, 0.02), z=0.0)

    def top(y: float) -> float:
        """How high the shell is on its middle line."""
        narrow = (abs(y) / 0.565) ** 1.25
        hump = 0.39 * (1 - 0.30 * ((y + 0.12) / 0.565 - 0.15) ** 2 - 0.10 * np.clip(y / 0.565, 0, 1) ** 2)
        return float(0.03 + hump * (1 - narrow**2) ** (1 / 2.4))

    middle = top(0.31) - 0.035
    wheel = move(
        turned((0, -0.035), (0.07, -0.035, 0.012), (0.07, 0.035, 0.012), (0, 0.035), sections=64),
        y=0.31,
        z=middle,
        ry=90,
    )
    ridges = join(
        *(
            move(
                slab(0.06, 0.007, 0.010, 0.003, 0.003),
                y=0.31 + 0.07 * np.cos(a),
                z=middle + 0.07 * np.sin(a) - 0.005,
            )
            for a in np.radians(np.arange(20, 161, 14))
        )
    )
    groove = sweep(np.array([(0, y, top(y)) for y in np.linspace(0.02, 0.54, 30)]), 0.006, sides=8)
    side = sweep(
        curve([(-0.312, -0.22, 0.20), (-0.322, 0.0, 0.21), (-0.305, 0.20, 0.20)], 8), 0.026, squash=0.6
    )
    tone = Stuff(colour, rough=0.45, specular=0.5)
    lid = light("#bfe6ff", 1.6)
    led = move(disc(0.014, 0.006, 0.002, 20), y=0.10, z=top(0.10) - 0.002)
    return [
        (body, tone),
        (skirt, rubber("#3a3c40")),
        (join(wheel, ridges), rubber("#2b2d30")),
        (groove, plastic(shade(colour, 0.55))),
        (side, plastic(shade(colour, 0.7))),
        (led, lid),
    ]
