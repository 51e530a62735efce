"""Say an attribute's value in words, as its category's schema has them."""

from __future__ import annotations

from collections.abc import Mapping

from daji.shop.catalog.facts import Names

LANGUAGES = ("zh", "en")


def in_words(schema: Mapping[str, object], value: object) -> Names:
    """Put a value as a reader sees it, by language: `x-values` names the codes, `x-unit` stands behind a number.

    Lists are joined, truth is a tick; what has no words stays as it is.
    """
    words, units = _mapping(schema.get("x-values")), _mapping(schema.get("x-unit"))
    return {lang: _say(value, words, units.get(lang), lang) for lang in LANGUAGES}


def _say(value: object, words: Mapping[str, object], unit: object, lang: str) -> str:
    if isinstance(value, list | tuple):
        return " · ".join(_say(item, words, unit, lang) for item in value)
    if isinstance(value, bool):
        return "✓" if value else "—"
    if value is None:
        return ""
    known = _mapping(words.get(str(value))).get(lang)
    said = known if isinstance(known, str) else str(value)
    return f"{said} {unit}" if isinstance(unit, str) and unit else said


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
