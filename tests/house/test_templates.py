"""No visible text outside the message catalogues: what a template shows, a catalogue says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "daji"
PAGES = sorted(
    str(path.relative_to(ROOT)) for path in ROOT.rglob("templates/*") if path.suffix in {".html", ".j2"}
)
_SPOKEN = re.compile(r'\b(?:alt|title|placeholder|aria-label|content)="([^"{}]*)"')
# What machines read: instructions to browsers and crawlers, colours, sizes.
_MACHINE = re.compile(
    r"<(?:meta (?:name=\"(?:viewport|robots|theme-color|htmx-config|twitter:card|color-scheme)\"|charset|property=\"og:(?:image:|type))|link)[^>]*>"
)
_LETTER = re.compile(r"[^\W\d_]")
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_LITERAL = re.compile(r"""'([^'\n]*)'|"([^"\n]*)\"""")
# Chinese, two words beside each other, or one that begins like a sentence: no key, code or class is written so.
_PROSE = re.compile(r"[\u4e00-\u9fff]|[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}|^[A-Z][a-z]+[.!?…]?$")
# Names of classes: one of them has a hyphen.
_CLASSES = re.compile(r"^(?=.*[a-z]-[a-z])[a-z-]+( [a-z-]+)+$")


def literals(source: str) -> list[str]:
    """Words that an expression says by itself."""
    found = (one or other for text in _EXPRESSION.findall(source) for one, other in _LITERAL.findall(text))
    return [text for text in found if _PROSE.search(text) and not _CLASSES.match(text)]


def strays(source: str) -> list[str]:
    """Words that stand in the markup itself, or in its expressions."""
    text = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    inside = literals(text)
    # A block of class names is no text, nor is a macro of attributes.
    text = re.sub(r"\{% block main_class %\}[\w -]*\{% endblock %\}", "", text)
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", "{}", text, flags=re.DOTALL)
    text = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!doctype[^>]*>|<!--.*?-->", "", _MACHINE.sub("", text), flags=re.DOTALL | re.IGNORECASE)
    said = [one for one in _SPOKEN.findall(text) if _LETTER.search(one)]
    bare = re.sub(r"<[^>]*>", "\n", re.sub(r'"[^"]*"', '""', text))
    bare = re.sub(r'[\w:.-]+=""|\bdata-[a-z-]+', "", bare)
    return (
        inside
        + said
        + [line.strip() for line in bare.splitlines() if _LETTER.search(re.sub(r"&\w+;", "", line))]
    )


@pytest.mark.parametrize("name", PAGES)
def test_templates_say_nothing_by_themselves(name: str) -> None:
    assert strays((ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    ["<p>Hello</p>", '<img alt="A cup">', "<p>{{ t('x') }} 起</p>", "<p>{{ 'Sold out' if gone }}</p>", "{% set word = '售罄' %}", '<input placeholder="搜索">', '<a aria-label="Close">×</a>'],
)  # fmt: skip
def test_the_check_bites(source: str) -> None:
    assert strays(source)


def test_the_check_lets_markup_be() -> None:
    assert (
        strays(
            '<p class="card">{{ t("a.b") }} · × {# note #}{% if x %}<b class="{{ "pic pic-s" }}">12</b>{% endif %}</p>'
        )
        == []
    )
