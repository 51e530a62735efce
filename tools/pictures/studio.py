"""The studio: a curved backdrop, three soft boxes, a camera that fills the frame with what stands there."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import denoise
import mitsuba as mi
import numpy as np
import stuff
import textures
import trimesh
from forms import patch
from numpy.typing import NDArray

mi.set_variant("scalar_rgb")

Part = tuple[trimesh.Trimesh, stuff.Stuff]
Vector = NDArray[np.float64]
Image = NDArray[np.float32]

FOV = 22.0
SMOOTH_BELOW = np.radians(38)
# Where tones begin to bend towards white, in linear light.
_SHOULDER = 0.66

SETS = {
    "tea": "#e3e6dc",
    "table": "#ece4d9",
    "kitchen": "#e6e3de",
    "textile": "#efe6dc",
    "desk": "#e4e5e3",
    "outdoor": "#dfe6e2",
    "furniture": "#ebe5da",
    "light": "#ddd5c9",
    "tech": "#e0e4ea",
    "beauty": "#f0e2df",
    "toys": "#e9e7da",
    "pantry": "#efe5d3",
}


@dataclass(frozen=True)
class View:
    """From where to look: degrees about the product and above the floor; `fill` is the frame's share it takes."""

    azimuth: float = -28
    elevation: float = 20
    fill: float = 0.70


def _rgb(colour: Sequence[float]) -> dict[str, Any]:
    return {"type": "rgb", "value": [float(c) for c in colour]}


def _coloured(one: stuff.Stuff) -> dict[str, Any]:
    base = stuff.linear(one.colour)
    if not one.texture:
        return _rgb(base)
    image = textures.texture(one.texture)[:, :, None] * np.array(base, np.float32)
    bitmap = mi.Bitmap(np.clip(image, 0, 0.98).astype(np.float32))
    return {"type": "bitmap", "bitmap": bitmap, "raw": True, "wrap_mode": "repeat"}


def bsdf(one: stuff.Stuff) -> dict[str, Any]:
    if one.kind == "glass":
        tint = _rgb(stuff.linear(one.colour))
        if one.rough:
            return {"type": "roughdielectric", "alpha": one.rough, "specular_transmittance": tint}
        return {"type": "dielectric", "int_ior": 1.5, "specular_transmittance": tint}
    if one.kind == "pane":
        return {"type": "thindielectric", "specular_transmittance": _rgb(stuff.linear(one.colour))}
    if one.kind == "light":
        return {"type": "diffuse", "reflectance": _rgb((0.8, 0.8, 0.8))}
    made: dict[str, Any] = {
        "type": "principled",
        "base_color": _coloured(one),
        "roughness": max(one.rough, 0.05),
        "metallic": one.metal,
        "specular": one.specular,
    }
    if one.coat:
        made |= {"clearcoat": one.coat, "clearcoat_gloss": 0.92}
    if one.sheen:
        made |= {"sheen": one.sheen, "sheen_tint": 0.5}
    if one.bump and one.texture:
        relief = mi.Bitmap(np.repeat(textures.texture(one.texture)[:, :, None], 1, 2))
        made = {
            "type": "bumpmap",
            "relief": {"type": "bitmap", "bitmap": relief, "raw": True, "wrap_mode": "repeat"},
            "scale": one.bump,
            "nested": made,
        }
    return {"type": "twosided", "nested": made}


def _mapped(mesh: trimesh.Trimesh, one: stuff.Stuff) -> tuple[Vector, Vector, Vector, NDArray[np.int64]]:
    """Vertices, normals, texture coordinates and faces, split where the surface turns sharply."""
    mesh = mesh.copy()
    mesh.merge_vertices(merge_norm=True, merge_tex=True)
    mesh = trimesh.graph.smooth_shade(mesh, angle=SMOOTH_BELOW)
    p, n, faces = np.array(mesh.vertices), np.array(mesh.vertex_normals), np.array(mesh.faces)
    if one.texture == "wood":
        g = "xyz".index(one.grain)
        a, b = [i for i in range(3) if i != g]
        uv = np.c_[p[:, g] * 0.5 + 0.13 * p[:, a], p[:, a] + 0.61 * p[:, b]]
        return p, n, uv / one.scale, faces
    if one.texture:
        # Each face takes its texture from the side that it looks to most.
        side = np.abs(mesh.face_normals + 1e-6).argmax(1)
        keys = faces * 3 + side[:, None]
        unique, faces_flat = np.unique(keys.ravel(), return_inverse=True)
        source, axis = unique // 3, unique % 3
        p, n = p[source], n[source]
        pairs = np.array([(1, 2), (0, 2), (0, 1)])[axis]
        rows = np.arange(len(p))
        uv = np.c_[p[rows, pairs[:, 0]], p[rows, pairs[:, 1]]]
        return p, n, uv / one.scale, faces_flat.reshape(-1, 3)
    return p, n, np.zeros((len(p), 2)), faces


def _write_ply(path: Path, mesh: trimesh.Trimesh, one: stuff.Stuff) -> None:
    p, n, uv, faces = _mapped(mesh, one)
    names = ("x", "y", "z", "nx", "ny", "nz", "u", "v")
    head = [
        "ply",
        "format binary_little_endian 1.0",
        f"element vertex {len(p)}",
        *(f"property float {name}" for name in names),
        f"element face {len(faces)}",
        "property list uchar int vertex_indices",
        "end_header",
    ]
    rows = np.zeros(len(faces), dtype=[("n", "u1"), ("v", "<i4", 3)])
    rows["n"], rows["v"] = 3, faces
    body = np.hstack([p, n, uv]).astype("<f4").tobytes() + rows.tobytes()
    path.write_bytes("\n".join(head).encode() + b"\n" + body)


def _axes(view: View) -> tuple[Vector, Vector, Vector]:
    """Towards the camera, to its right, and up as it sees it."""
    a, e = np.radians(view.azimuth - 90), np.radians(view.elevation)
    back = np.array([np.cos(a) * np.cos(e), np.sin(a) * np.cos(e), np.sin(e)])
    right = np.cross([0, 0, 1], back)
    right /= np.linalg.norm(right)
    return back, right, np.cross(back, right)


def frame(points: Vector, view: View) -> tuple[Vector, Vector]:
    """Eye and target such that the points fill `view.fill` of the frame, a little below its middle."""
    back, right, up = _axes(view)
    target = (points.min(0) + points.max(0)) / 2
    reach = np.tan(np.radians(FOV / 2))
    distance = float(np.linalg.norm(np.ptp(points, axis=0))) / 2 / reach
    for _ in range(8):
        off = points - target
        depth = distance - off @ back
        x, y = off @ right / depth / reach, off @ up / depth / reach
        middle = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2 + 0.02
        target = target + (right * middle[0] + up * middle[1]) * distance * reach
        # A flat thing may be wider than a tall one is high, and still leave air around it.
        distance *= max(np.ptp(x) / 1.1, np.ptp(y)) / 2 / view.fill
    return target + back * distance, target


def _backdrop(floor: float, size: float, view: View, centre: Vector) -> trimesh.Trimesh:
    """A sheet that lies on the floor and curves up behind."""
    flat = View(view.azimuth, 0)
    back, right, _ = _axes(flat)
    reach, bend = size * 3.2, size * 3.0
    bow = np.radians(np.linspace(0, 90, 24))
    line = [(size * 30, 0.0), (size * 6, 0.0), (-reach, 0.0)]
    line += [(-reach - bend * np.sin(b), bend * (1 - np.cos(b))) for b in bow[1:]]
    line += [(-reach - bend, size * 40)]
    ground = np.array([centre[0], centre[1], floor])
    rows = [
        [ground + back * d + right * w + np.array([0, 0, h]) for w in np.linspace(-40, 40, 9) * size]
        for d, h in line
    ]
    return patch(np.array(rows))


def _lights(size: float, view: View, centre: Vector) -> dict[str, Any]:
    back, right, _ = _axes(View(view.azimuth, 0))
    up = np.array([0, 0, 1.0])

    def box(ahead: float, side: float, high: float, large: float, power: float, tint: Any = (1, 1, 1)) -> Any:
        place = centre + size * (back * ahead + right * side + up * high)
        return {
            "type": "rectangle",
            "to_world": mi.ScalarTransform4f()
            .look_at(origin=list(map(float, place)), target=list(map(float, centre)), up=[0, 0, 1])
            .scale(float(size * large)),
            "emitter": {"type": "area", "radiance": _rgb(np.array(tint) * power)},
        }

    return {
        "key": box(1.5, -2.9, 3.0, 1.35, 7.0, (1.0, 0.975, 0.94)),
        "fill": box(2.0, 3.4, 1.4, 1.3, 1.5, (0.94, 0.97, 1.0)),
        "rim": box(-2.4, 1.4, 3.2, 0.9, 4.5),
        "top": box(-0.4, -0.2, 4.6, 1.5, 1.6),
    }


def scene(parts: Sequence[Part], view: View, backdrop: str, pixels: int, folder: Path) -> Any:
    points = np.vstack([mesh.vertices for mesh, _ in parts])
    low, high = points.min(0), points.max(0)
    centre, size = (low + high) / 2, float(np.linalg.norm(high - low)) / 2
    eye, target = frame(points, view)
    clear = any(one.kind in {"glass", "pane"} for _, one in parts)
    depth = 12 if clear else 4
    made: dict[str, Any] = {
        "type": "scene",
        "integrator": {
            "type": "aov",
            "aovs": "albedo:albedo,normal:sh_normal",
            "inner": {"type": "path", "max_depth": depth, "rr_depth": 4},
        },
        "sensor": {
            "type": "perspective",
            "fov": FOV,
            "to_world": mi.ScalarTransform4f().look_at(
                origin=list(map(float, eye)), target=list(map(float, target)), up=[0, 0, 1]
            ),
            "film": {
                "type": "hdrfilm",
                "width": pixels,
                "height": pixels,
                "rfilter": {"type": "box"},
                "component_format": "float32",
            },
            # Samples spread evenly over a pixel leave smooth edges even when they are few.
            "sampler": {"type": "multijitter"},
        },
        "sky": {"type": "constant", "radiance": _rgb((0.42, 0.42, 0.43))},
        **_lights(size, view, centre),
    }
    sheet = stuff.Stuff(backdrop, rough=1.0, specular=0.0)
    for number, (mesh, one) in enumerate([(_backdrop(float(low[2]), size, view, centre), sheet), *parts]):
        path = folder / f"{number}.ply"
        _write_ply(path, mesh, one)
        shape: dict[str, Any] = {"type": "ply", "filename": str(path), "bsdf": bsdf(one)}
        if number == 0:
            shape["bsdf"] = {
                "type": "twosided",
                "nested": {"type": "diffuse", "reflectance": _rgb(stuff.screen(backdrop))},
            }
        if one.kind == "light":
            shape["emitter"] = {
                "type": "area",
                "radiance": _rgb(np.array(stuff.linear(one.colour)) * one.glow),
            }
        made[f"shape{number}"] = shape
    return mi.load_dict(made)


def _develop(hdr: Image, backdrop: str) -> Image:
    """Expose so that the frame's edge shows the backdrop's own tone, bend the lights, and write sRGB."""
    luma = np.array([0.2126, 0.7152, 0.0722], np.float32)
    edge = np.concatenate(
        [hdr[:24, :].reshape(-1, 3), hdr[:, :24].reshape(-1, 3), hdr[:, -24:].reshape(-1, 3)]
    )
    wanted = float(np.array(stuff.screen(backdrop)) @ luma)
    x = hdr * (wanted * 0.9 / float(np.median(edge @ luma)))
    bent = _SHOULDER + (1 - _SHOULDER) * (1 - np.exp(-(x - _SHOULDER) / (1 - _SHOULDER)))
    x = np.where(x > _SHOULDER, bent, x)
    side = len(x)
    yy, xx = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    x = x * (1 - 0.045 * (xx**2 + yy**2))[:, :, None].astype(np.float32)
    x = np.clip(x, 0, 1)
    coded = np.where(
        x <= 0.0031308, x * 12.92, 1.055 * np.power(x, 1 / 2.4, where=x > 0, out=x.copy()) - 0.055
    )
    return np.clip(coded * 255 + 0.5, 0, 255).astype(np.uint8)


def shoot(parts: Sequence[Part], view: View, place: str, *, pixels: int, samples: int) -> Image:
    """A picture of the parts as 8-bit RGB rows."""
    backdrop = SETS[place]
    with tempfile.TemporaryDirectory(prefix="studio-") as folder:
        ready = scene(parts, view, backdrop, pixels, Path(folder))
        # Light that passes glass is found by chance more seldom.
        clear = any(one.kind in {"glass", "pane"} for _, one in parts)
        raw = np.array(mi.render(ready, spp=samples * 2 if clear else samples), np.float32)
    count = raw.shape[2]
    colour, albedo, normal = raw[:, :, :3], raw[:, :, count - 6 : count - 3], raw[:, :, count - 3 :]
    return _develop(denoise.denoise(np.nan_to_num(colour), albedo, normal), backdrop)
