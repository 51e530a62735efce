"""What people read: message catalogues in two languages, and numbers, money and times as each expects them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale, dates, numbers

from daji.kit.money import Money, exponent

LOCALES: Mapping[str, str] = {"zh": "zh_CN", "en": "en"}
"""Language code to Babel locale."""

DEFAULT_ZONE = "Asia/Shanghai"

_NAME = re.compile(r"[a-z_][a-z0-9_]*")
# RFC 9110, sections 12.4.2 and 12.5.4: a language range and a weight of at most three decimals.
_RANGE = re.compile(
    r"\s*(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?",
)
_MAX_HEADER_CHARS = 500
# Unicode CLDR, Language Plural Rules.
_PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One key on which two languages disagree.

    `missing_in` names the language that lacks the key, or is None when both have it and their placeholders
    differ; `left` and `right` are the placeholders of the two languages compared.
    """

    key: str
    missing_in: str | None
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()


class _Template:
    """A sentence with `{name}` gaps, taken apart once; nothing but a plain name may stand in a gap."""

    __slots__ = ("names", "parts")

    def __init__(self, source: str) -> None:
        parts: list[tuple[str, str | None]] = []
        for literal, name, spec, conversion in Formatter().parse(source):
            if name is not None and (spec or conversion or not _NAME.fullmatch(name)):
                raise ValueError(f"only plain {{name}} placeholders are allowed: {source!r}")
            parts.append((literal, name))
        self.parts = tuple(parts)
        self.names = tuple(sorted({name for _, name in parts if name is not None}))

    def fill(self, params: Mapping[str, object]) -> str:
        out: list[str] = []
        for literal, name in self.parts:
            out.append(literal)
            if name is not None:
                out.append(str(params[name]) if name in params else f"{{{name}}}")
        return "".join(out)


class _Plural:
    """A sentence that depends on the number `n`; which form a number takes is CLDR's to say, as Babel knows it."""

    __slots__ = ("_forms", "_rule", "names")

    def __init__(self, forms: Mapping[str, str], lang: str) -> None:
        self._forms = {form: _Template(text) for form, text in forms.items()}
        self._rule = _locale(lang).plural_form if lang in LOCALES else lambda _: "other"
        self.names = self._forms["other"].names

    def fill(self, params: Mapping[str, object]) -> str:
        n = params.get("n")
        form = self._rule(n) if isinstance(n, (int, Decimal)) else "other"
        return self._forms.get(form, self._forms["other"]).fill(params)


class Catalogue:
    """All messages under `folder/<lang>/*.toml`; nested tables become dotted keys.

    A table of CLDR's plural categories (`one`, `other`) is one message, in the form that its parameter `n` asks for.

    ValueError at loading, naming the file, for a key defined twice, a value that is no text, a placeholder
    that is more than a plain name and a file that is no TOML; FileNotFoundError for a language without a
    folder. A strict catalogue (tests, development) raises LookupError where a lenient one shows the key or
    leaves the gap standing.
    """

    def __init__(
        self,
        folder: Path,
        *,
        languages: Sequence[str] = ("zh", "en"),
        strict: bool = False,
    ) -> None:
        self.languages = tuple(languages)
        self.strict = strict
        self._templates = {lang: _load(folder / lang) for lang in self.languages}
        self._own: Mapping[tuple[str, str], str] = {}

    def say_instead(self, texts: Mapping[tuple[str, str], str]) -> bool:
        """Let these messages, by language and key, be what whoever runs the house wrote; whether that changed anything.

        They are plain words: a brace in them is a brace. What is not among them is said as ever.
        """
        changed = dict(texts) != self._own
        self._own = dict(texts)
        return changed

    def text(self, lang: str, key: str, /, **params: object) -> str:
        """Return the message with its gaps filled; values are never parsed again, nor looked into."""
        if (lang, key) in self._own:
            return self._own[lang, key]
        template = self._templates.get(lang, {}).get(key)
        if template is None:
            if self.strict:
                raise LookupError(f"no message {key!r} in language {lang!r}")
            return key
        if self.strict and (lacking := [name for name in template.names if name not in params]):
            raise LookupError(f"message {key!r} needs {', '.join(lacking)}")
        return template.fill(params)

    def keys(self, lang: str) -> tuple[str, ...]:
        return tuple(self._templates[lang])

    def compare(self) -> tuple[Difference, ...]:
        """List every key that a language lacks and every key whose placeholders differ; empty is well."""
        found: list[Difference] = []
        for left, right in combinations(self.languages, 2):
            mine, theirs = self._templates[left], self._templates[right]
            for key in sorted(mine.keys() | theirs.keys()):
                if key not in mine or key not in theirs:
                    found.append(Difference(key=key, missing_in=left if key not in mine else right))
                elif (one := mine[key].names) != (other := theirs[key].names):
                    found.append(Difference(key=key, missing_in=None, left=one, right=other))
        return tuple(found)


def negotiate(
    accept_language: str | None,
    supported: Sequence[str] = ("zh", "en"),
    default: str = "zh",
) -> str:
    """Pick the reader's language from an Accept-Language header (RFC 9110, 12.5.4), by primary subtag.

    Unreadable parts of the header are passed over; a header without a usable part gives the default.
    """
    weights: dict[str, int] = {}
    for part in (accept_language or "")[:_MAX_HEADER_CHARS].split(","):
        if match := _RANGE.fullmatch(part):
            primary = match[1].split("-")[0].lower()
            whole, _, fraction = (match[2] or "1").partition(".")
            weight = int(whole) * 1000 + int(fraction.ljust(3, "0"))
            weights[primary] = max(weight, weights.get(primary, 0))
    rest = weights.get("*", 0)
    # On equal weight the header's own order decides, and for "*" the default before the others.
    order = [*weights, default, *supported]
    ranked = sorted(supported, key=lambda lang: (-weights.get(lang, rest), order.index(lang)))
    best = ranked[0]
    return best if weights.get(best, rest) > 0 else default


@lru_cache(maxsize=20_000)
def format_money(lang: str, amount: int, currency: str) -> str:
    """Write minor units for a reader, with the digits of ISO 4217: `¥12.34`, `JP¥1,200`, `KWD 1.234`.

    Raises UnknownCurrency and AmountOutOfRange like `Money`.
    """
    value = Money(amount, currency).to_decimal()
    pattern = _money_pattern(lang, currency)
    shown: str = pattern.apply(value, _locale(lang), currency=currency, currency_digits=False)
    return shown


def currency_name(lang: str, currency: str) -> str:
    """What a currency is called, such as US dollar."""
    return numbers.get_currency_name(currency, locale=_locale(lang))


def format_datetime(lang: str, value: datetime, *, zone: str = DEFAULT_ZONE) -> str:
    """Write an aware datetime as date and time on the clocks of `zone`; ValueError when it is naive."""
    return dates.format_datetime(_in_zone(value, zone), "medium", locale=_locale(lang))


def format_date(lang: str, value: date, *, zone: str = DEFAULT_ZONE) -> str:
    """Write a date; an aware datetime is first taken to the calendar of `zone`. ValueError when it is naive."""
    day = _in_zone(value, zone).date() if isinstance(value, datetime) else value
    return dates.format_date(day, "medium", locale=_locale(lang))


def format_day(lang: str, value: datetime, *, zone: str = DEFAULT_ZONE) -> str:
    """Write the day of the week and of the month, as near days are told; ValueError when `value` is naive."""
    return str(dates.format_skeleton("MMMEd", _in_zone(value, zone), locale=_locale(lang)))


def format_number(lang: str, value: Decimal | float) -> str:
    """Write a number with the grouping of the language and up to three decimals."""
    return numbers.format_decimal(value, locale=_locale(lang))


def _load(folder: Path) -> dict[str, _Template | _Plural]:
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    loaded: dict[str, _Template | _Plural] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            _add(loaded, tomllib.loads(path.read_text(encoding="utf-8")), "", folder.name)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
    return loaded


def _add(loaded: dict[str, _Template | _Plural], table: Mapping[str, object], prefix: str, lang: str) -> None:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and not _is_plural(value):
            _add(loaded, value, f"{key}.", lang)
        elif not isinstance(value, (str, dict)):
            raise ValueError(f"{key!r} is no text")
        elif key in loaded:
            raise ValueError(f"{key!r} is already defined")
        else:
            loaded[key] = _Template(value) if isinstance(value, str) else _Plural(value, lang)


def _is_plural(table: Mapping[str, object]) -> bool:
    return (
        "other" in table and table.keys() <= _PLURALS and all(isinstance(one, str) for one in table.values())
    )


def _in_zone(value: datetime, zone: str) -> datetime:
    if value.utcoffset() is None:
        raise ValueError(f"a time without a zone: {value.isoformat()}")
    return value.astimezone(ZoneInfo(zone))


@lru_cache(maxsize=16)
def _locale(lang: str) -> Locale:
    return Locale.parse(LOCALES[lang])


@lru_cache(maxsize=512)
def _money_pattern(lang: str, currency: str) -> numbers.NumberPattern:
    # Babel would take the digits from CLDR, which follows habits of cash; what is charged follows ISO 4217.
    standard = _locale(lang).currency_formats["standard"].pattern
    digits = exponent(currency)
    pattern = re.sub(r"0\.0+", f"0.{'0' * digits}" if digits else "0", standard)
    # A symbol that ends in a letter stands off from the number (CLDR, UTS 35 part 3, currency spacing).
    spaced = numbers.get_currency_symbol(currency, _locale(lang))[-1].isalpha()
    return numbers.parse_pattern(pattern.replace("¤", "¤\N{NO-BREAK SPACE}") if spaced else pattern)
