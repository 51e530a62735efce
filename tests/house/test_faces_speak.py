"""No visible text outside the message catalogues: a Python face names what it says, and a catalogue says it.

What pages and answers are made of is looked at: the store's and the console's faces and what both stand on. The command
line speaks English to whoever runs the house, and so do the descriptions of the OpenAPI file, of metrics and of defects;
they are left out by where they stand, not by what they say.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FACES = ROOT / "daji" / "faces"
# Who runs the house reads these, and who writes programs against it.
LEFT_OUT = {"cli", "docs.py", "contract.py", "figures.py", "worker_port.py"}
SOURCES = sorted(path for path in FACES.rglob("*.py") if not LEFT_OUT & set(path.relative_to(FACES).parts))
HAN = re.compile(r"[\u4e00-\u9fff]")
# Two words beside each other, or one that begins like a sentence and ends like one.
PROSE = re.compile(r"[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}|^[A-Z][a-z]+[.!?…]$")
TAG = re.compile(r"<[^<>]*>?|^[^<>]*>")
HEADER = re.compile(r"^(public|private|inline|text/|img-src|default-src|Cookie,|Bearer |; HttpOnly|\nlocal )")
# What a library says and a face reads, and a word of schema.org's.
READ = {
    "missing required",
    "Invalid enum value",
    "Invalid value",
    "required name=search_term_string",
    "the server is away",
}
# Descriptions for programmers and whoever watches the machines.
TOLD_TO_MACHINES = {"summary", "description", "examples", "help", "operation_id", "tags", "headers"}
MAKERS = {
    "answers", "shown", "ResponseSpec", "Meta", "Parameter", "Example", "Tag", "Contact", "Gauge", "Counter",
    "Histogram", "Metric", "compile", "warn", "info", "warning", "error", "exception", "debug", "getenv", "asked",
    "RuntimeError", "ValueError", "TypeError", "ImproperlyConfiguredException",
}  # fmt: skip


def strays(source: str) -> list[str]:
    """Texts that a person would read."""
    tree = ast.parse(source)
    return [text for text in _texts(tree) if _spoken(text)]


def _spoken(text: str) -> bool:
    if text in READ or HEADER.match(text):
        return False
    return bool(HAN.search(text) or PROSE.search(TAG.sub(" ", text).strip()))


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.Raise, ast.Assert)):
        return
    if isinstance(node, ast.Assign) and any(_name(one) in {"TAG", "_TAGS", "TAGS"} for one in node.targets):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Call) and _name(node.func) in MAKERS:
        return
    if isinstance(node, ast.keyword) and node.arg in TOLD_TO_MACHINES:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def test_no_face_speaks_by_itself() -> None:
    found = {str(path.relative_to(ROOT)): strays(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "source",
    [
        'page(title="已加入购物车")',
        'return Response("Your cart is empty")',
        'flash = f"<p>Only {n} left in stock</p>"',
        'words = {"done": "Saved."}',
    ],
)
def test_the_check_bites(source: str) -> None:
    assert strays(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""Say what it is."""',
        'raise RuntimeError("run migrations first")',
        '@get("/x", summary="List of orders", opt=can(P.ORDERS_READ))\ndef f(): ...',
        'say("backoffice.orders_table.number")',
        'headers = {"Cache-Control": "public, max-age=600"}',
    ],
)
def test_the_check_lets_machines_be_spoken_to(source: str) -> None:
    assert strays(source) == []
