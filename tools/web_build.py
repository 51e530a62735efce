"""Build what browsers load: `web/` into `daji/faces/assets/` (standard library only; needs Node and npm).

Used by set-up and by the wheel's build hook. Nothing happens when the sources are those of the last build.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
ASSETS = ROOT / "daji" / "faces" / "assets"
STAMP = ASSETS / ".stamp"
INSTALLED = WEB / "node_modules" / ".daji-lock"
SURFACES = ("store", "console")
MINIMUM_NODE = 20
_SKIPPED = {"node_modules", "coverage", "components.d.ts"}
# Tailwind writes only the classes that templates use, so they are sources too.
_TEMPLATES = ROOT / "daji" / "faces" / "store" / "templates"

Run = Callable[[list[str], Path], None]


class WebError(Exception):
    """The browser files cannot be built; the message names the fix."""


def is_current() -> bool:
    """Tell whether the built files are there and come from the sources as they are."""
    return is_built() and STAMP.is_file() and STAMP.read_text() == digest()


def is_built() -> bool:
    return all((ASSETS / surface / "manifest.json").is_file() for surface in SURFACES)


def digest() -> str:
    total = hashlib.sha256()
    for path in _sources():
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def needs_install() -> bool:
    return not INSTALLED.is_file() or INSTALLED.read_text() != _lock_digest()


def find_npm() -> str:
    """Where npm is.

    Raises
    ------
    WebError
        When Node or npm is missing or too old.
    """
    npm, node = shutil.which("npm"), shutil.which("node")
    fix = f"install Node {MINIMUM_NODE} or newer, which brings npm, then run the same command again."
    if npm is None or node is None:
        raise WebError(f"Node is not on PATH, and the shop's pages are built with it: {fix}")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", said)
    if found is None or int(found[1]) < MINIMUM_NODE:
        raise WebError(f"Node {said.strip() or 'of an unknown version'} is too old: {fix}")
    return npm


def install(npm: str, run: Run) -> None:
    """Install what `web/package-lock.json` pins, each file checked against its hash."""
    INSTALLED.unlink(missing_ok=True)
    run([npm, "ci", "--no-audit", "--no-fund", "--loglevel", "error"], WEB)
    INSTALLED.write_text(_lock_digest())


def build(npm: str, run: Run) -> None:
    wanted = digest()
    STAMP.unlink(missing_ok=True)
    run([npm, "run", "--silent", "build"], WEB)
    STAMP.write_text(wanted)


def _lock_digest() -> str:
    return hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()


def _sources() -> Iterator[Path]:
    for folder in (WEB, _TEMPLATES):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not _SKIPPED.intersection(path.relative_to(ROOT).parts):
                yield path
