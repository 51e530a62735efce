"""The page's words, in two languages, and how an amount is written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
_FOLDER = Path(__file__).parent / "messages"
_NO_DECIMALS: Final = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE_DECIMALS: Final = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_SIGNS: Final = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "HKD": "HK$", "BRL": "R$", "JPY": "JP¥"}
CATALOGUE: Final[Mapping[Language, Mapping[str, str]]] = {
    language: tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES
}


def language_of(chosen: str | None, accept: str | None) -> Language:
    """Pick the reader's language: the switch, else `Accept-Language` (RFC 9110, 12.5.4), else Chinese."""
    for language in LANGUAGES:
        if chosen == language:
            return language
    best: tuple[float, Language] = (0.0, "zh")
    for item in (accept or "")[:500].split(","):
        tag, _, parameter = item.strip().partition(";")
        weight = _weight(parameter)
        for language in LANGUAGES:
            if tag.strip().lower().split("-")[0] == language and weight > best[0]:
                best = (weight, language)
    return best[1]


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0


def money(amount: int, currency: str) -> str:
    """Write minor units for a person, by the exponents of ISO 4217: 12800 CNY is ¥128.00."""
    exponent = 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
    whole, rest = divmod(amount, 10**exponent)
    number = f"{whole:,}.{rest:0{exponent}d}" if exponent else f"{whole:,}"
    sign = _SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{currency} {number}"
