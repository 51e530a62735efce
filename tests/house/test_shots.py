"""The demo shop's pictures and models: all there, as large as they say, and together small enough to be kept in git."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from daji.base.media import api as media
from daji.base.media.models import check_model
from daji.faces.cli.demoshop import shots
from daji.faces.cli.demoshop.goods import sold_here

ROOT = Path(__file__).parents[2] / "daji/faces/cli/demoshop"
MOST_BYTES = 6_000_000
MOST_MODEL_BYTES = 350_000
HEROES = 12


def index(folder: Path = ROOT) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((folder / "shots/index.json").read_text())
    return found


def wrong(folder: Path, entries: dict[str, dict[str, Any]]) -> list[str]:
    """Names of files that are missing, left over, or of another size than they should be."""
    found = []
    expected = {f"{name}-{width}.webp": width for name in entries for width in media.PREPARED_WIDTHS}
    kept = {path.name for path in (folder / "shots").glob("*.webp")}
    found += sorted(kept ^ set(expected))
    for name in sorted(kept & set(expected)):
        entry = entries[name.rpartition("-")[0]]
        wanted = expected[name], round(entry["height"] * expected[name] / entry["width"])
        with Image.open(folder / "shots" / name) as image:
            if (image.format, image.size) != ("WEBP", wanted):
                found.append(name)
    return found


def test_every_picture_that_goods_name_is_there() -> None:
    named = {one for product in sold_here().products for one in shots.wanted(product)}
    assert sorted(named - set(index())) == []


def test_every_picture_has_three_files_of_the_size_they_say() -> None:
    assert wrong(ROOT, index()) == []


def test_a_missing_a_false_and_a_stray_file_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "shots").mkdir()
    for name, width in (("mug-oat-160", 160), ("mug-oat-320", 319), ("stray-640", 640)):
        Image.new("RGB", (width, width)).save(tmp_path / "shots" / f"{name}.webp", "WEBP")
    entries = {"mug-oat": {"width": 640, "height": 640}}
    assert wrong(tmp_path, entries) == ["mug-oat-640.webp", "stray-640.webp", "mug-oat-320.webp"]


def test_what_is_shown_before_a_picture_comes_is_small_and_a_picture() -> None:
    for name, entry in index().items():
        kind, _, body = entry["blur"].partition(",")
        assert kind == "data:image/webp;base64", name
        assert len(entry["blur"]) <= 300, name
        with Image.open(io.BytesIO(base64.b64decode(body, validate=True))) as image:
            assert max(image.size) <= 16, name


def test_all_pictures_together_are_small() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "shots").glob("*.webp")) < MOST_BYTES


def test_models_stand_alone_and_are_small() -> None:
    models = sorted((ROOT / "models").glob("*.glb"))
    assert len(models) == HEROES
    for path in models:
        content = path.read_bytes()
        check_model(content)
        assert len(content) < MOST_MODEL_BYTES, path.name


@pytest.mark.parametrize("angle", ["b", "c"])
def test_what_has_a_model_is_shown_from_three_sides(angle: str) -> None:
    sides = {
        name.removesuffix(f"-{angle}").rpartition("-")[0] for name in index() if name.endswith(f"-{angle}")
    }
    assert sides == {path.stem for path in (ROOT / "models").glob("*.glb")}
