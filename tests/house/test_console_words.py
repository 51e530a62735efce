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
STORE = ROOT / "web" / "store"
LANGUAGES = ("zh", "en")
# Read out or shown; a leading colon makes it an expression.
SPOKEN = {"title", "aria-label", "placeholder", "alt", "label", "aria-description"}
HAN = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z\u4e00-\u9fff]{2,}")
EMBEDDED = re.compile(r"\$\{[^}]*\}")
EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
PLACEHOLDER = re.compile(r"\{(\w+)\}")
SHOWN_ATTRIBUTES = "|".join(sorted(SPOKEN | {"text", "act", "hint"}))
BOUND = re.compile(rf'[ \n](?::|v-bind:)(?:{SHOWN_ATTRIBUTES})="([^"]*)"')
LITERAL = re.compile(r"""'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`""")
# Two words beside each other, or one that begins like a sentence: no key, code or class is written so.
SENTENCE = re.compile(r"[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}")
TITLE = re.compile(r"^[A-Z][a-z]+[.!?…]?$")
# What is shown as it stands when a script says it.
SHOWN = re.compile(r"\b(?:text|title|label|hint|placeholder|detail)\s*[:=]\s*$|\btoast\(\s*$")
# Selectors, media queries, cookies, class names, and types written as text.
MACHINE = re.compile(
    r"[\[(#]|, |; |^(muted small|quiet icon|day ISO|Row extends object|webxr scene-viewer quick-look)$|[a-z]-[a-z]"
)
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


def in_expressions(template: str) -> list[str]:
    """What an expression of a template says without asking the catalogue."""
    shown = [*EXPRESSION.findall(template), *BOUND.findall(template)]
    texts = (next(filter(None, found), "") for one in shown for found in LITERAL.findall(one))
    return [text for text in texts if HAN.search(text) or SENTENCE.search(text) or TITLE.match(text)]


def in_scripts(text: str) -> list[str]:
    """Sentences that a script shows: every phrase, and a single word where it stands for a text."""
    code = re.sub(
        r"^<template>\n.*^</template>|^<style>.*^</style>", "", text, flags=re.DOTALL | re.MULTILINE
    )
    code = re.sub(r"/\*.*?\*/|(^|\s)//[^\n]*", "", code, flags=re.DOTALL)
    found = []
    for one in LITERAL.finditer(code):
        said = EMBEDDED.sub(" ", next(filter(None, one.groups()), ""))
        single = TITLE.match(said) and SHOWN.search(code[: one.start()])
        if single or (SENTENCE.search(said) and not MACHINE.search(said)):
            found.append(said)
    return found


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


def test_no_expression_speaks_by_itself():
    found = {
        str(path.relative_to(SOURCES)): in_expressions(template_of(path.read_text())) for path in components()
    }
    assert {name: words for name, words in found.items() if words} == {}


def test_no_script_speaks_by_itself():
    found = {str(path): in_scripts(path.read_text()) for path in [*scripts(), *STORE.rglob("*.ts")]}
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


@pytest.mark.parametrize(
    "template",
    [
        "<p>{{ done ? 'All done' : t('kit.retry') }}</p>",
        "<p>{{ '已完成' }}</p>",
        """<input :placeholder="wide ? 'Search' : ''">""",
    ],
)
def test_the_check_of_expressions_bites(template: str):
    assert in_expressions(template)


@pytest.mark.parametrize(
    "script", ["toast({ text: 'Saved' })", "const said = 'Please try again'", "toast(`Order ${n} was saved`)"]
)
def test_the_check_of_scripts_bites(script: str):
    assert in_scripts(script)


@pytest.mark.parametrize(
    "script",
    [
        "t('orders.title')",
        "box.querySelector('a, button, input')",
        "if (key === 'Escape') go('/x')",
        "// Say it.",
    ],
)
def test_the_check_of_scripts_lets_code_be(script: str):
    assert in_scripts(script) == []


def test_a_missing_translation_is_noticed():
    assert differences({"a": "甲", "b": "{n} 件"}, {"b": "pieces"}) == [
        "a is in one language only",
        "b has other gaps",
    ]
