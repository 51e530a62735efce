"""Forms that products are made of. z is up, lengths are in decimetres, angles in degrees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray

Mesh = trimesh.Trimesh
Points = NDArray[np.float64]


def join(*meshes: Mesh) -> Mesh:
    return trimesh.util.concatenate(list(meshes))


def move(
    mesh: Mesh,
    x: float = 0,
    y: float = 0,
    z: float = 0,
    *,
    rx: float = 0,
    ry: float = 0,
    rz: float = 0,
    scale: float | tuple[float, float, float] = 1,
) -> Mesh:
    """Scale, turn about x, then y, then z, and shift a copy."""
    made = mesh.copy()
    made.apply_transform(np.diag([*np.broadcast_to(scale, 3), 1.0]))
    for angle, axis in ((rx, (1, 0, 0)), (ry, (0, 1, 0)), (rz, (0, 0, 1))):
        if angle:
            made.apply_transform(trimesh.transformations.rotation_matrix(np.radians(angle), axis))
    made.apply_translation((x, y, z))
    return made


def fillet(corners: Sequence[Sequence[float]], steps: int = 8) -> Points:
    """Polyline through (x, y, radius) corners, each interior one rounded off by about its radius."""
    given = np.array([(*c, 0.0)[:3] for c in corners], float)
    out = [given[0, :2]]
    for before, here, after in zip(given[:-2], given[1:-1], given[2:], strict=True):
        to_before, to_after = before[:2] - here[:2], after[:2] - here[:2]
        back, ahead = np.linalg.norm(to_before), np.linalg.norm(to_after)
        reach = min(here[2], back * 0.49, ahead * 0.49)
        if reach <= 0:
            out.append(here[:2])
            continue
        start, end = here[:2] + to_before / back * reach, here[:2] + to_after / ahead * reach
        out += [
            (1 - t) ** 2 * start + 2 * t * (1 - t) * here[:2] + t * t * end for t in np.linspace(0, 1, steps)
        ]
    out.append(given[-1, :2])
    return np.array(out)


def curve(points: Sequence[Sequence[float]], steps: int = 10) -> Points:
    """Catmull-Rom curve through points of any dimension."""
    p = np.array(points, float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    out = []
    for i in range(1, len(p) - 2):
        a, b, c, d = p[i - 1 : i + 3]
        out += [
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
            for t in np.linspace(0, 1, steps, endpoint=False)
        ]
    out.append(p[-2])
    return np.array(out)


def lathe(profile: Any, sections: int = 96, angle: float | None = None) -> Mesh:
    """Turn (radius, height) points, given from the bottom's middle over the outside, about z."""
    points = np.array(profile, float)
    points[:, 0] = np.maximum(points[:, 0], 0)
    return trimesh.creation.revolve(
        points, angle=None if angle is None else np.radians(angle), sections=sections
    )


def turned(*corners: Sequence[float], sections: int = 96) -> Mesh:
    """Lathe of rounded corners."""
    return lathe(fillet(corners), sections)


def thrown(*points: Sequence[float], sections: int = 96, steps: int = 10) -> Mesh:
    """Lathe of a soft curve, as on a potter's wheel."""
    return lathe(curve(points, steps), sections)


def vessel(outside: Any, thickness: float, floor: float, sections: int = 96) -> Mesh:
    """An open vessel: the outer profile from the foot up, a rounded lip, and the inner wall down to the floor."""
    outer = np.array(outside, float)
    top = outer[-1]
    lip = [
        (top[0] - thickness / 2 + thickness / 2 * np.cos(a), top[1] + thickness / 2 * np.sin(a))
        for a in np.linspace(0, np.pi, 9)
    ]
    inner = outer[::-1].copy()
    inner[:, 0] -= thickness
    inner = inner[(inner[:, 1] > floor) & (inner[:, 0] > 0)]
    return lathe([*outer, *lip, *inner, (max(inner[-1][0] * 0.9, 0.001), floor), (0, floor)], sections)


def sweep(
    path: Any,
    radius: float | Sequence[float] | Points,
    *,
    sides: int = 28,
    squash: float = 1.0,
    up: tuple[float, float, float] = (0, 0, 1),
    closed: bool = False,
    round_ends: bool = True,
) -> Mesh:
    """A tube along a path; `squash` flattens it across the direction that lies most along `up`."""
    p = np.array(path, float)
    r = np.broadcast_to(np.array(radius, float), len(p)).copy()
    if round_ends and not closed:
        p, r = _round_off(p, r)
    n = len(p)
    tangent = np.roll(p, -1, 0) - np.roll(p, 1, 0) if closed else np.gradient(p, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = np.array(up, float) - tangent[0] * np.dot(up, tangent[0])
    if np.linalg.norm(normal) < 1e-3:
        normal = np.cross(tangent[0], (1, 0, 0) if abs(tangent[0][0]) < 0.9 else (0, 1, 0))
    normal /= np.linalg.norm(normal)
    rings = []
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    for i in range(n):
        normal = normal - tangent[i] * np.dot(normal, tangent[i])
        normal /= np.linalg.norm(normal)
        side = np.cross(tangent[i], normal)
        rings.append(p[i] + r[i] * (np.outer(np.cos(turn), side) + squash * np.outer(np.sin(turn), normal)))
    return skin(rings, closed=closed, caps=not closed)


def _round_off(p: Points, r: Points) -> tuple[Points, Points]:
    """Add half a ball at both ends."""
    bows = np.linspace(0, np.pi / 2, 7)[1:]
    first, last = p[0] - p[1], p[-1] - p[-2]
    first, last = first / np.linalg.norm(first), last / np.linalg.norm(last)
    heads = [(p[0] + first * r[0] * np.sin(a), r[0] * np.cos(a)) for a in bows][::-1]
    tails = [(p[-1] + last * r[-1] * np.sin(a), r[-1] * np.cos(a)) for a in bows]
    path = np.vstack([[h[0] for h in heads], p, [t[0] for t in tails]])
    radii = np.concatenate([[h[1] for h in heads], r, [t[1] for t in tails]])
    return path, np.maximum(radii, 1e-4)


def skin(rings: Sequence[Any], *, closed: bool = False, caps: bool = True) -> Mesh:
    """Join rings of equally many points; `closed` joins the last with the first."""
    count, sides = len(rings), len(rings[0])
    vertices = np.vstack(rings)
    j = np.arange(sides)
    faces = []
    for i in range(count if closed else count - 1):
        a, b = i * sides, (i + 1) % count * sides
        one, two, three, four = a + j, a + (j + 1) % sides, b + (j + 1) % sides, b + j
        faces += [np.c_[one, two, three], np.c_[one, three, four]]
    if caps and not closed:
        middle = len(vertices)
        vertices = np.vstack([vertices, np.mean(rings[0], 0), np.mean(rings[-1], 0)])
        last = (count - 1) * sides
        faces += [
            np.c_[np.full(sides, middle), (j + 1) % sides, j],
            np.c_[np.full(sides, middle + 1), last + j, last + (j + 1) % sides],
        ]
    made = Mesh(vertices, np.vstack(faces), process=False)
    trimesh.repair.fix_normals(made)
    return made


def ring_of(width: float, depth: float, radius: float, corner: int = 10) -> Points:
    """Rounded rectangle in the plane, always as many points."""
    radius = min(max(radius, 1e-4), width / 2 - 1e-5, depth / 2 - 1e-5)
    out = []
    for k, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        out += [
            (sx * (width / 2 - radius) + radius * np.cos(a), sy * (depth / 2 - radius) + radius * np.sin(a))
            for a in np.linspace(0, np.pi / 2, corner) + k * np.pi / 2
        ]
    return np.array(out)


def slab(
    width: float,
    depth: float,
    height: float,
    radius: float = 0.1,
    bevel: float = 0.03,
    *,
    steps: int = 6,
    corner: int = 12,
) -> Mesh:
    """A rounded box standing on z = 0: corners of `radius`, edges of `bevel`."""
    bevel = min(bevel, height / 2, width / 2 - 1e-3, depth / 2 - 1e-3)
    bows = np.linspace(0, np.pi / 2, steps)
    layers = [(bevel * (1 - np.cos(a)), bevel * (1 - np.sin(a))) for a in bows]
    layers = [(z, off) for z, off in layers] + [(height - z, off) for z, off in layers[::-1]]
    rings = []
    for z, off in layers:
        flat = ring_of(width - 2 * off, depth - 2 * off, radius - off, corner)
        rings.append(np.c_[flat, np.full(len(flat), z)])
    return skin(rings)


def tapered(
    profile: Sequence[tuple[float, float, float, float]], *, corner: int = 10, caps: bool = True
) -> Mesh:
    """Rounded rectangles (height, width, depth, radius) joined from below to above."""
    return skin(
        [
            np.c_[flat, np.full(len(flat), z)]
            for z, w, d, r in profile
            for flat in (ring_of(w, d, r, corner),)
        ],
        caps=caps,
    )


def ball(radius: float, detail: int = 4) -> Mesh:
    return trimesh.creation.icosphere(detail, radius)


def rod(start: Sequence[float], end: Sequence[float], radius: float, end_radius: float | None = None) -> Mesh:
    """A round rod with soft ends, possibly thinner towards its end."""
    t = np.linspace(0, 1, 8)[:, None]
    path = np.array(start, float) * (1 - t) + np.array(end, float) * t
    return sweep(path, np.linspace(radius, radius if end_radius is None else end_radius, 8))


def disc(radius: float, height: float, bevel: float = 0.02, sections: int = 96) -> Mesh:
    return turned((0, 0), (radius, 0, bevel), (radius, height, bevel), (0, height), sections=sections)


def hoop(radius: float, thick: float, *, squash: float = 1.0, sides: int = 24, sections: int = 128) -> Mesh:
    """A ring lying in the plane z = 0."""
    a = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    flat = np.c_[radius + thick * np.cos(a), thick * squash * np.sin(a)]
    t = np.linspace(0, 2 * np.pi, sections, endpoint=False)
    return skin([np.c_[flat[:, 0] * np.cos(x), flat[:, 0] * np.sin(x), flat[:, 1]] for x in t], closed=True)


def arc(
    radius: float, start: float, end: float, count: int = 40, *, plane: str = "xz", height: float = 0
) -> Points:
    """Points of an arc about (0, 0, `height`) in a plane."""
    t = np.radians(np.linspace(start, end, count))
    a, b, zero = radius * np.cos(t), radius * np.sin(t), np.zeros(count)
    if plane == "xz":
        return np.c_[a, zero, b + height]
    if plane == "yz":
        return np.c_[zero, a, b + height]
    return np.c_[a, b, zero + height]


def sheet(heights: Any, width: float, depth: float) -> Mesh:
    """A surface over a grid of heights, seen from both sides."""
    z = np.array(heights, float)
    rows, columns = z.shape
    y, x = np.mgrid[-depth / 2 : depth / 2 : rows * 1j, -width / 2 : width / 2 : columns * 1j]
    return patch(np.dstack([x, y, z]))


def patch(grid: Any) -> Mesh:
    """A surface over a grid of points."""
    g = np.array(grid, float)
    rows, columns, _ = g.shape
    n = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = n[:-1, :-1].ravel(), n[:-1, 1:].ravel(), n[1:, 1:].ravel(), n[1:, :-1].ravel()
    return Mesh(g.reshape(-1, 3), np.vstack([np.c_[a, b, c], np.c_[a, c, d]]), process=False)


def extrude(outline: Any, height: float, holes: Sequence[Any] = ()) -> Mesh:
    """A flat figure given height, upwards from z = 0."""
    from shapely.geometry import Polygon  # noqa: PLC0415 - only some products need it

    return trimesh.creation.extrude_polygon(Polygon(outline, holes), height)


def around(mesh: Mesh, count: int, *, start: float = 0) -> Mesh:
    return join(*(move(mesh, rz=start + 360 * i / count) for i in range(count)))
