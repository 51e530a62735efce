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
_COARSEST = 0.02


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


def simplify(mesh: trimesh.Trimesh, share: float) -> trimesh.Trimesh:
    mesh = mesh.copy()
    mesh.merge_vertices(merge_norm=True, merge_tex=True)
    if share < 1:
        points, faces = fast_simplification.simplify(
            np.array(mesh.vertices, np.float32), np.array(mesh.faces, np.int32), 1 - share
        )
        mesh = trimesh.Trimesh(points, faces, process=True)
    return trimesh.graph.smooth_shade(mesh, angle=_SHARP)


def build(name: str, colour: str) -> bytes:
    """The model's file, made coarser until it is small enough to be sent to a telephone."""
    parts = list(models.ALL[name](colour))
    floor = min(float(mesh.bounds[0][2]) for mesh, _ in parts)
    middle = np.mean(
        [np.vstack([m.vertices for m, _ in parts]).min(0), np.vstack([m.vertices for m, _ in parts]).max(0)],
        axis=0,
    )
    share = 1.0
    while True:
        scene = trimesh.Scene()
        for number, (mesh, one) in enumerate(parts):
            made = simplify(mesh, share)
            made.apply_translation((-middle[0], -middle[1], -floor))
            made.apply_scale(0.1)
            made.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, (1, 0, 0)))
            made.visual = trimesh.visual.TextureVisuals(material=material(one))
            scene.add_geometry(made, node_name=f"{name}-{number}", geom_name=f"{name}-{number}")
        content: bytes = scene.export(file_type="glb", include_normals=True)
        if len(content) < MOST_BYTES:
            return content
        if share < _COARSEST:
            raise SystemExit(
                f"{name}: {len(content)} bytes however coarse it is made; draw it with fewer faces"
            )
        share *= min(0.85, MOST_BYTES / len(content))


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
