"""Who may call whom: the contracts hold, and each one bites when it is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]

WINGS = ("shop", "trade", "fulfil", "care", "grow", "reach", "base")
ANYBODY = (
    "daji.base.",
    "daji.shop.",
    "daji.trade.",
    "daji.fulfil.",
    "daji.care.",
    "daji.grow.",
    "daji.reach.",
)
DOORS = {
    "api": (*ANYBODY, "daji.flows.", "daji.views.", "daji.faces.", "daji.boot"),
    "ports": ("daji.adapters.", "daji.flows.", "daji.boot"),
    "events": ("daji.boot",),
    "reactions": ("daji.boot",),
    "tables": ("daji.migrations",),
}
"""Modules of a room that others may import, and who they are; a `reactions` module may hear any room's `events`."""

VIOLATIONS = [
    ("kit/ids.py", "from daji.algorithms import allocation", "kit imports nothing of ours"),
    ("kit/ids.py", "import daji.trade.orders.api", "kit imports nothing of ours"),
    ("algorithms/allocation/geo.py", "from daji.kit import ids", "algorithms import nothing of ours"),
    ("base/identity/rules.py", "import daji.trade.orders.api", "base imports kit only"),
    ("trade/orders/rules.py", "import daji.fulfil.inventory.api", "no wing imports another wing"),
    (
        "trade/orders/rules.py",
        "def f():\n    import daji.fulfil.inventory.api",
        "no wing imports another wing",
    ),
    ("grow/flash/rules.py", "import daji.trade.cart.api", "no wing imports another wing"),
    ("grow/flash/rules.py", "import daji.flows.context", "rooms know no flow, view, face, adapter or wiring"),
    ("trade/cart/rules.py", "import daji.flows.context", "rooms know no flow, view, face, adapter or wiring"),
    ("flows/context.py", "import daji.boot", "flows know no view, face, adapter or wiring"),
    ("flows/context.py", "import daji.views", "only faces import views"),
    ("views/__init__.py", "import daji.flows.context", "views know no flow, face, adapter or wiring"),
    ("faces/worker.py", "import daji.adapters.payment", "nobody imports an adapter but boot"),
    ("boot.py", "import daji.faces.worker", "nobody imports a face but the entry point"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).with_name("lint-imports")),
        "--no-cache",
        "--config",
        str(ROOT / ".importlinter"),
    ]
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder), "PATH": ""},
    )


def test_the_house_keeps_its_contracts() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("file", "line", "contract"), VIOLATIONS)
def test_a_seeded_violation_is_caught(tmp_path: Path, file: str, line: str, contract: str) -> None:
    shutil.copytree(
        ROOT / "daji", tmp_path / "daji", ignore=shutil.ignore_patterns("__pycache__", "static", "*.webp")
    )
    broken = tmp_path / "daji" / file
    broken.write_text(broken.read_text() + "\n" + line + "\n")
    result = lint(tmp_path)
    assert result.returncode != 0
    assert f"{contract} BROKEN" in result.stdout


def room_of(module: str) -> str | None:
    parts = module.split(".")
    if len(parts) > 2 and parts[1] in WINGS:
        return ".".join(parts[:3])
    return None


def breaks_a_door(importer: str, imported: str) -> bool:
    """Whether `importer` comes into a room by a window."""
    room = room_of(imported)
    if room is None or imported == room or room_of(importer) == room:
        return False
    door = imported.split(".")[3]
    if door not in DOORS:
        return True
    return not importer.startswith(DOORS[door]) and not (door == "events" and importer.endswith(".reactions"))


def room_cycles(graph: grimp.ImportGraph) -> list[tuple[str, str]]:
    """Pairs of rooms that import each other, directly or round a corner."""
    edges: dict[str, set[str]] = {}
    for importer in graph.modules:
        here = room_of(importer)
        if here is None:
            continue
        for imported in graph.find_modules_directly_imported_by(importer):
            there = room_of(imported)
            if there is not None and there != here:
                edges.setdefault(here, set()).add(there)

    def reaches(start: str) -> set[str]:
        seen: set[str] = set()
        todo = [start]
        while todo:
            for there in edges.get(todo.pop(), ()):
                if there not in seen:
                    seen.add(there)
                    todo.append(there)
        return seen

    return sorted((a, b) for a in edges for b in reaches(a) if a in reaches(b) and a <= b)


def windows(graph: grimp.ImportGraph) -> list[tuple[str, str]]:
    return sorted(
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if breaks_a_door(importer, imported)
    )


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("daji", cache_dir=None)


def test_rooms_are_entered_by_their_doors_only(graph: grimp.ImportGraph) -> None:
    assert windows(graph) == []


def test_rooms_form_no_cycle(graph: grimp.ImportGraph) -> None:
    assert room_cycles(graph) == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("daji.trade.orders.queries", "daji.trade.cart.store"),
        ("daji.flows.place_order", "daji.trade.orders.commands"),
        ("daji.faces.worker", "daji.fulfil.inventory.store"),
        ("daji.flows.place_order", "daji.trade.orders.events"),
        ("daji.faces.worker", "daji.trade.payments.ports"),
        ("daji.adapters.payment.sandbox.port", "daji.trade.payments.api"),
    ],
)
def test_a_window_is_noticed(importer: str, imported: str) -> None:
    assert breaks_a_door(importer, imported)


def test_a_cycle_is_noticed() -> None:
    graph = grimp.ImportGraph()
    for module in ("daji.trade.cart.api", "daji.trade.orders.api", "daji.trade.payments.api"):
        graph.add_module(module)
    graph.add_import(importer="daji.trade.cart.api", imported="daji.trade.orders.api")
    graph.add_import(importer="daji.trade.orders.api", imported="daji.trade.payments.api")
    graph.add_import(importer="daji.trade.payments.api", imported="daji.trade.cart.api")
    assert room_cycles(graph)
