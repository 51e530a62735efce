"""When a file passes 400 lines it is split by verb the same day; the number is a test, not a wish."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST = 400
# Generated from the rooms' tables, read once.
GENERATED = "migrations/versions"


def too_long(files: dict[str, str]) -> list[str]:
    return sorted(name for name, text in files.items() if text.count("\n") > MOST)


def test_no_module_is_longer_than_it_should_be() -> None:
    files = {
        str(path.relative_to(ROOT)): path.read_text()
        for path in (ROOT / "daji").rglob("*.py")
        if GENERATED not in str(path)
    }
    assert too_long(files) == []


def test_a_long_file_is_noticed() -> None:
    assert too_long({"seeded": "\n" * (MOST + 1)})
