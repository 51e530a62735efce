"""The console says nothing that is not in its catalogues, and says everything in both languages."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "web" / "console" / "src"
MESSAGES = SOURCES / "messages"
LANGUAGES = ("zh", "en")
# Read out or shown; a leading colon makes it an expression.
SPOKEN = {"title", "aria-label", "placeholder", "alt", "label", "aria-description"}
HAN = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z\u4e00-\u9fff]{2,}")
EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
PLACEHOLDER = re.compile(r"\{(\w+)\}")
CALL = re.compile(r"""(?<![\w$.])\$?t\(\s*'([\w.-]+)'""")
# Names that are the same in every language.
NAMES = {
    "Daji",
    "PostgreSQL",
    "ms",
    "SKU",
    "SPU",
    "CSV",
    "JSON",
    "JSONL",
    "PDF",
    "Ctrl",
    "Enter",
    "Esc",
    "Shift",
    "Tab",
    "zh",
    "en",
    "English",
    "3D",
}


class _Template(HTMLParser):
    """Collects what a component's template says by itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if name in SPOKEN and value]

    def handle_data(self, data: str) -> None:
        self.said.append(EXPRESSION.sub(" ", data))


def template_of(text: str) -> str:
    found = re.search(r"^<template>\n(.*)^</template>", text, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def spoken(template: str) -> list[str]:
    reader = _Template()
    reader.feed(template)
    words = (word for text in reader.said for word in WORD.findall(text))
    return [word for word in words if word not in NAMES]


def han_in_code(text: str) -> list[str]:
    """Lines of script with Chinese in them; comments may speak as they like."""
    code = re.sub(r"^<template>\n.*^</template>", "", text, flags=re.DOTALL | re.MULTILINE)
    lines = (re.sub(r"(^|\s)//.*|/\*.*?\*/", "", line) for line in code.splitlines())
    return [line.strip() for line in lines if HAN.search(line)]


def components() -> list[Path]:
    return sorted(SOURCES.rglob("*.vue"))


def scripts() -> list[Path]:
    found = [*SOURCES.rglob("*.vue"), *SOURCES.rglob("*.ts")]
    return sorted(path for path in found if ".test." not in path.name and path.name != "schema.d.ts")


def flat(tree: dict[str, Any], above: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in tree.items():
        found |= flat(value, f"{above}{key}.") if isinstance(value, dict) else {above + key: value}
    return found


def catalogue(lang: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((MESSAGES / lang).glob("*.json")):
        found |= flat(json.loads(path.read_text(encoding="utf-8")))
    return found


def differences(zh: dict[str, str], en: dict[str, str]) -> list[str]:
    found = [f"{key} is in one language only" for key in sorted(zh.keys() ^ en.keys())]
    for key in sorted(zh.keys() & en.keys()):
        if set(PLACEHOLDER.findall(zh[key])) != set(PLACEHOLDER.findall(en[key])):
            found.append(f"{key} has other gaps")
        if not zh[key].strip() or not en[key].strip():
            found.append(f"{key} is empty")
    return found


def test_both_catalogues_say_the_same():
    assert differences(catalogue("zh"), catalogue("en")) == []


def test_no_component_speaks_by_itself():
    found = {str(path.relative_to(SOURCES)): spoken(template_of(path.read_text())) for path in components()}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_script_holds_chinese():
    found = {str(path.relative_to(SOURCES)): han_in_code(path.read_text()) for path in scripts()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_every_key_that_is_asked_for_exists():
    known = catalogue("zh")
    missing = {
        f"{path.relative_to(SOURCES)}: {key}"
        for path in scripts()
        for key in CALL.findall(path.read_text())
        if key not in known
    }
    assert missing == set()


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>{{ t('orders.title') }}</p>", []),
        ("<p>Orders {{ n }}</p>", ["Orders"]),
        ('<input placeholder="Name">', ["Name"]),
        ('<input :placeholder="t(\'x\')" class="search field">', []),
        ("<p>订单</p>", ["订单"]),
    ],
)
def test_the_check_bites(template: str, words: list[str]):
    assert spoken(template) == words


def test_a_missing_translation_is_noticed():
    assert differences({"a": "甲", "b": "{n} 件"}, {"b": "pieces"}) == [
        "a is in one language only",
        "b has other gaps",
    ]
