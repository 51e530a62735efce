"""Write web/console/src/api/schema.d.ts: the console API's types, from the contract that the routes declare.

Usage: ``.venv/bin/python tools/console_types.py [--check]``. It needs no database; writing needs Node and web/node_modules.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

from daji.boot import MESSAGES, House, HouseSettings
from daji.faces import app
from daji.kit.clock import SystemClock
from daji.kit.i18n import Catalogue

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
TARGET = WEB / "console" / "src" / "api" / "schema.d.ts"
PATHS = "/console/v1"


class _Closed:
    """Stands where an open house has its parts: describing routes touches none of them."""


def contract() -> dict[str, Any]:
    """The console's part of the OpenAPI file, with the components that it names."""
    closed = cast("Any", _Closed())
    house = House(
        settings=HouseSettings(),
        db=closed,
        clock=SystemClock(),
        ctx=closed,
        catalogue=Catalogue(MESSAGES),
        secret=b"",
        timers={},
        carrier=closed,
        storage=closed,
    )
    document = app.describe(app.create_app(house))
    paths = {path: doors for path, doors in document["paths"].items() if path.startswith(PATHS)}
    schemas = document["components"]["schemas"]
    needed: dict[str, Any] = {}
    waiting = [paths]
    while waiting:
        for name in _named(waiting.pop()):
            if name not in needed:
                needed[name] = schemas[name]
                waiting.append(schemas[name])
    for schema in needed.values():
        _plain(schema)
    return {
        "openapi": document["openapi"],
        "info": document["info"] | {"version": "1"},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(needed.items()))},
    }


def _named(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [str(part["$ref"]).rpartition("/")[2]] if isinstance(part.get("$ref"), str) else []
        return own + [name for inner in part.values() for name in _named(inner)]
    return [name for inner in part for name in _named(inner)] if isinstance(part, list) else []


def _plain(part: Any) -> None:
    """Say tuples as arrays: the client's types know no tuples, and the two would not fit each other."""
    if isinstance(part, dict):
        if "prefixItems" in part:
            part["items"] = part.pop("prefixItems")[0]
            part.pop("minItems", None)
            part.pop("maxItems", None)
        for inner in part.values():
            _plain(inner)
    elif isinstance(part, list):
        for inner in part:
            _plain(inner)


def mark(document: dict[str, Any]) -> str:
    """First line of the types: it tells which contract they were made from."""
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    return f"// contract {digest[:32]}; made by tools/console_types.py"


def is_current() -> bool:
    return TARGET.is_file() and TARGET.read_text().partition("\n")[0] == mark(contract())


def write() -> None:
    document = contract()
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        source.write_text(json.dumps(document, ensure_ascii=False))
        subprocess.run(["npx", "openapi-typescript", str(source), "-o", str(made)], cwd=WEB, check=True)
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        TARGET.write_text(mark(document) + "\n" + made.read_text())


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if is_current() else f"{TARGET.relative_to(ROOT)} is not what the routes say: npm run api")
    write()
