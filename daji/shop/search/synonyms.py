"""Words that mean the same to a shopper, as data: one line a group, read from `synonyms.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from daji.shop.search import text

_FILE = Path(__file__).with_name("synonyms.toml")


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Folded word → the other words of its group."""
    with _FILE.open("rb") as file:
        return build(tomllib.load(file)["groups"])


def build(lines: Iterable[Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """A word may stand in several groups; English words are found by their stems, too."""
    found: dict[str, dict[str, None]] = {}
    for line in lines:
        words = [text.fold(word) for word in line]
        for word in words:
            for key in {word, text.stem(word)}:
                others = found.setdefault(key, {})
                others.update({other: None for other in words if other != word})
    return {word: tuple(others) for word, others in found.items()}
