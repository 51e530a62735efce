"""What browsers load: the built files of `web/`, by the names of their sources."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec

Surface = Literal["store", "console"]
FOLDER = Path(__file__).parent / "assets"
MANIFEST = "manifest.json"


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of one entry: its module, its style sheets, and the modules it always imports, to load beside it."""

    js: str
    css: tuple[str, ...]
    imports: tuple[str, ...]


class NotBuilt(RuntimeError):
    """The browser files are missing; the message says how to make them."""


def folder(surface: Surface) -> Path:
    return FOLDER / surface


def asset(surface: Surface, entry: str) -> Built:
    """Addresses of what `entry`, a path below the surface's source folder, was built into.

    Raises
    ------
    NotBuilt
        When the files are missing or were built from other sources.
    """
    try:
        # The addresses of an older build lead nowhere once the files are built again beside a running process.
        built_at = (folder(surface) / MANIFEST).stat().st_mtime_ns
    except OSError:
        built_at = 0
    return _built(surface, entry, built_at)


@lru_cache(maxsize=8)
def _built(surface: Surface, entry: str, built_at: int) -> Built:  # noqa: ARG001 - a part of the cache's key
    try:
        manifest: dict[str, dict[str, Any]] = msgspec.json.decode((folder(surface) / MANIFEST).read_bytes())
        root = manifest[entry]
    except (OSError, msgspec.DecodeError, KeyError) as error:
        raise NotBuilt(
            f"the browser files of the {surface} are not built: run `make setup` (it needs Node 20 or newer)"
        ) from error
    base = f"/static/{surface}/"
    chunks = [root, *(manifest[name] for name in _imported(manifest, root))]
    return Built(
        js=base + root["file"],
        css=tuple(dict.fromkeys(base + css for chunk in chunks for css in chunk.get("css", ()))),
        imports=tuple(base + chunk["file"] for chunk in chunks[1:]),
    )


def _imported(manifest: dict[str, dict[str, Any]], root: dict[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting = list(root.get("imports", ()))
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting.extend(manifest[name].get("imports", ()))
    return tuple(found)
