"""Every visible word of the console's application stands in its catalogues, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[2] / "web" / "console" / "src"
MESSAGES = SOURCE / "messages"
HOLE = re.compile(r"\{(\w+)\}")
TEMPLATE = re.compile(r"^<template>$(.*)^</template>$", re.DOTALL | re.MULTILINE)
TAGGED = re.compile(r"<!--.*?-->|<(?:\"[^\"]*\"|'[^']*'|[^'\">])*>|\{\{.*?\}\}", re.DOTALL)
SHOWN = re.compile(r"\s(?:aria-label|title|placeholder|alt|label)=\"([^\"]*)\"")
LETTERS = re.compile(r"[^\W\d_]{2,}")
KEY = re.compile(r"\bt\(\s*'([\w.]+)'")
# Names of keys, units and products: the same in every language.
NO_WORDS = {"Ctrl", "kbd", "ms", "PostgreSQL"}


def flat(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict):
        for name, inner in tree.items():
            yield from flat(inner, f"{path}.{name}" if path else name)
    else:
        yield path, tree


def words(lang: str) -> dict[str, str]:
    return {
        f"{file.stem}:{path}": text
        for file in sorted((MESSAGES / lang).glob("*.json"))
        for path, text in flat(json.loads(file.read_text()))
    }


def spoken(source: str) -> list[str]:
    """Text that a template shows by itself, between tags or in an attribute that is read out."""
    found = TEMPLATE.search(source)
    body = found[1] if found else ""
    shown = [*TAGGED.sub("\n", body).splitlines(), *SHOWN.findall(body)]
    return [
        text.strip()
        for text in shown
        if LETTERS.search(re.sub(r"&\w+;", "", text)) and not set(LETTERS.findall(text)) <= NO_WORDS
    ]


def test_both_languages_have_the_same_words_and_gaps() -> None:
    zh, en = words("zh"), words("en")
    assert sorted(zh.keys() ^ en.keys()) == []
    assert [key for key in zh if set(HOLE.findall(zh[key])) != set(HOLE.findall(en[key]))] == []
    assert [key for key, text in (zh | en).items() if not text.strip()] == []


def test_every_key_that_is_named_is_there() -> None:
    known = {key.partition(":")[2] for key in words("zh")}
    lacking = [
        f"{path.relative_to(SOURCE)}: {key}"
        for path in SOURCE.rglob("*")
        if path.suffix in {".vue", ".ts"} and path.name != "schema.d.ts"
        for key in KEY.findall(path.read_text())
        if key not in known and not key.endswith(".")
    ]
    assert lacking == []


def test_no_template_speaks_by_itself() -> None:
    assert {
        str(path.relative_to(SOURCE)): said
        for path in SOURCE.rglob("*.vue")
        if (said := spoken(path.read_text()))
    } == {}


def test_a_word_in_a_template_is_noticed() -> None:
    assert spoken("<template>\n<p :class=\"a > b ? 'x' : 'y'\">{{ t('a') }} Hello</p>\n</template>") == [
        "Hello"
    ]
    assert spoken('<template>\n<img alt="茶壶">\n</template>') == ["茶壶"]
