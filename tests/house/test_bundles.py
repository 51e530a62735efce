"""What a browser has to load before it shows anything stays small, as it travels: compressed."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

ASSETS = Path(__file__).parents[2] / "daji" / "faces" / "assets"
KILO = 1000
STORE_MOST = 30 * KILO
CONSOLE_MOST = 150 * KILO
LANGUAGES = ("zh", "en")


def manifest(surface: str) -> dict[str, Any]:
    path = ASSETS / surface / "manifest.json"
    if not path.is_file():
        pytest.skip("the browser files are not built: make setup")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def closure(found: dict[str, Any], *names: str) -> set[str]:
    """Files of scripts that these modules need at once, themselves included."""
    waiting, seen = list(names), set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += found[name].get("imports", [])
    return {found[name]["file"] for name in seen}


def weight(surface: str, files: set[str]) -> int:
    """Bytes of these files, each compressed by gzip at its usual level."""
    return sum(
        len(gzip.compress((ASSETS / surface / file).read_bytes(), 6))
        for file in files
        if file.endswith(".js")
    )


def test_the_storefront_s_first_script() -> None:
    found = manifest("store")
    entry = next(name for name, chunk in found.items() if chunk.get("isEntry"))
    assert weight("store", closure(found, entry)) <= STORE_MOST


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_console_s_shell(lang: str) -> None:
    """The frame, the words of one language, and the first page."""
    found = manifest("console")
    first = ("src/main.ts", f"src/messages/{lang}.ts", "src/areas/overview/OverviewPage.vue")
    assert weight("console", closure(found, *first)) <= CONSOLE_MOST


def test_neither_charts_nor_an_area_come_with_the_shell() -> None:
    found = manifest("console")
    shell = closure(found, "src/main.ts")
    lazy = {chunk["file"] for name, chunk in found.items() if chunk.get("isDynamicEntry")}
    assert lazy
    assert shell & lazy == set()
    assert found["src/kit/Chart.vue"]["file"] in lazy
