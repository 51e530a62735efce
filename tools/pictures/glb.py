"""Write the heroes as binary glTF: y up, metres, one physically based material a part."""

from __future__ import annotations

import argparse
from pathlib import Path

import fast_simplification
import models
import numpy as np
import stuff
import trimesh
from shoot import programme
from trimesh.visual.material import PBRMaterial

MOST_BYTES = 350_000
# Faces to begin with, and those below which a product is no longer itself.
_FACES, _COARSEST = 13_000, 3_000
_SHARP = np.radians(38)


def material(one: stuff.Stuff) -> PBRMaterial:
    red, green, blue = stuff.screen(one.colour)
    see_through = one.kind in {"glass", "pane"}
    glow = stuff.screen(one.colour) if one.kind == "light" else (0.0, 0.0, 0.0)
    return PBRMaterial(
        name=one.kind if one.kind != "solid" else (one.texture or "solid"),
        baseColorFactor=[red, green, blue, 0.22 if see_through else 1.0],
        metallicFactor=one.metal,
        roughnessFactor=0.08 if see_through else max(0.1, one.rough),
        emissiveFactor=list(glow),
        alphaMode="BLEND" if see_through else "OPAQUE",
        doubleSided=True,
    )


def simplify(mesh: trimesh.Trimesh, most: int) -> trimesh.Trimesh:
    """A copy of at most about so many faces, with a normal at each corner that large faces say more of."""
    mesh = mesh.copy()
    mesh.merge_vertices(merge_norm=True, merge_tex=True)
    if most < len(mesh.faces):
        points, faces = fast_simplification.simplify(
            np.array(mesh.vertices, np.float32), np.array(mesh.faces, np.int32), 1 - most / len(mesh.faces)
        )
        mesh = trimesh.Trimesh(points, faces, process=True)
    mesh = trimesh.graph.smooth_shade(mesh, angle=_SHARP)
    normals = np.zeros_like(mesh.vertices)
    for corner in range(3):
        np.add.at(normals, mesh.faces[:, corner], mesh.triangles_cross)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.divide(normals, length, out=np.tile([0.0, 0.0, 1.0], (len(normals), 1)), where=length > 0)
    return trimesh.Trimesh(mesh.vertices, mesh.faces, vertex_normals=normals, process=False)


def shares(parts: list[tuple[trimesh.Trimesh, stuff.Stuff]], budget: int) -> list[int]:
    """Faces that each part may have: what is seen more of may have more, and none gets more than it has."""
    have = np.array([len(mesh.faces) for mesh, _ in parts], float)
    sizes = np.sqrt(have * np.sqrt([mesh.area for mesh, _ in parts]))
    given = np.zeros(len(parts))
    for _ in parts:
        wanting = given < have
        left = budget - given.sum()
        if left <= 0 or not wanting.any():
            break
        given[wanting] += left * sizes[wanting] / sizes[wanting].sum()
        given = np.minimum(given, have)
    return [max(60, int(one)) for one in given]


def build(name: str, colour: str) -> bytes:
    """The model's file, made coarser until it is small enough to be sent to a telephone."""
    parts = list(models.ALL[name](colour))
    corners = np.vstack([mesh.bounds for mesh, _ in parts])
    low, high = corners.min(0), corners.max(0)
    budget = _FACES
    while True:
        scene = trimesh.Scene()
        for number, ((mesh, one), most) in enumerate(zip(parts, shares(parts, budget), strict=True)):
            made = simplify(mesh, most)
            made.apply_translation((-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -low[2]))
            made.apply_scale(0.1)
            made.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, (1, 0, 0)))
            made.visual = trimesh.visual.TextureVisuals(material=material(one))
            scene.add_geometry(made, node_name=f"{name}-{number}", geom_name=f"{name}-{number}")
        content: bytes = scene.export(file_type="glb", include_normals=True)
        if len(content) < MOST_BYTES:
            return content
        if budget < _COARSEST:
            raise SystemExit(
                f"{name}: {len(content)} bytes however coarse it is made; draw it with fewer faces"
            )
        budget = int(budget * min(0.9, MOST_BYTES / len(content)))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--to", type=Path, required=True, help="folder of the demo shop's models")
    asked.add_argument("names", nargs="*", help="heroes; all when none is named")
    given = asked.parse_args()
    models.load()
    given.to.mkdir(parents=True, exist_ok=True)
    for name, told in programme().items():
        if told.get("hero") and (not given.names or name in given.names):
            content = build(name, told["colours"][0])
            (given.to / f"{name}.glb").write_bytes(content)
            print(name, len(content), flush=True)


if __name__ == "__main__":
    main()
