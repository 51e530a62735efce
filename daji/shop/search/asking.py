"""From what somebody typed to queries, the strictest first.

A *unit* is one word of the query. Each may match in several ways, the best of which counts (a disjunction maximum).
The levels forgive more and more: `exact` takes words, codes, pinyin and synonyms; `close` also typing errors and
characters of the same sound; `partial` is content with some of the words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import tantivy

from daji.shop.search import synonyms, text
from daji.shop.search.facts import How
from daji.shop.search.schema import schema

MAX_UNITS = 12
FUZZY_FROM = 4
"""Letters from which on one wrong letter is forgiven; shorter words have too many neighbours."""

_TIE = 0.15
_CODE, _TITLE, _PINYIN, _BODY = 12.0, 2.0, 1.5, 1.0
_PAIRED, _SYNONYM, _FUZZY, _SOUND, _SINGLE = 0.8, 0.4, 0.45, 0.4, 0.2
_MOST = 0.6

_MUST, _SHOULD = tantivy.Occur.Must, tantivy.Occur.Should


class Unit(msgspec.Struct, frozen=True):
    """A word of the query; `last` may still be half typed."""

    kind: text.Kind
    text: str
    last: bool = False


class Asked(msgspec.Struct, frozen=True):
    """A query of one strictness."""

    how: How
    query: tantivy.Query


def units(typed: str) -> tuple[Unit, ...]:
    """Cut a query into its words, at most twelve; neighbours that are one word of the synonyms stay together."""
    found: list[Unit] = []
    known = synonyms.groups()
    for run in text.runs(text.fold(typed)):
        words = text.cut(run.text) if run.kind == "han" else [run.text]
        for word in words:
            joined = f"{found[-1].text} {word}" if found and found[-1].kind == run.kind == "word" else ""
            if joined in known:
                found[-1] = Unit("word", joined)
            else:
                found.append(Unit(run.kind, word))
    kept = found[:MAX_UNITS]
    return (*kept[:-1], msgspec.structs.replace(kept[-1], last=True)) if kept else ()


def levels(typed: str) -> Iterator[Asked]:
    """Queries from strict to lenient; nothing for a text without a word."""
    words = units(typed)
    if not words:
        return
    whole = _whole(typed)
    strict = [_any([*_strict(unit), *_half_typed(unit)]) for unit in words]
    yield Asked("exact", _either([_all(strict), *whole]))
    lenient = [_any([*_strict(unit), *_half_typed(unit), *_forgiving(unit)]) for unit in words]
    yield Asked("close", _either([_all(lenient), *_alike(typed)]))
    if len(words) > 1 or words[0].kind == "han":
        loose = [
            one if unit.kind == "word" else _any([one, _characters(unit.text)])
            for unit, one in zip(words, lenient, strict=True)
        ]
        yield Asked("partial", _some(loose, max(1, round(_MOST * len(words)))))


def beginning(typed: str) -> tantivy.Query | None:
    """A query for somebody who is still typing: the last word may be the beginning of one."""
    words = units(typed)
    if not words:
        return None
    parts = [_any([*_strict(unit), *_half_typed(unit)]) for unit in words]
    return _either([_all(parts), *_whole(typed)])


def _whole(typed: str) -> list[tantivy.Query]:
    """The text as one code or one spelling: `AB-50 b`, `bao wen bei`."""
    key = text.code_key(typed)
    if not key:
        return []
    found = [_boost(_term("codes", key), _CODE)]
    if key.isascii() and key.isalpha():
        found.append(_boost(_term("pinyin", key), _PINYIN))
    return found


def _strict(unit: Unit) -> list[tantivy.Query]:
    if unit.kind == "han":
        found = [*_fielded(unit.text, 1.0), *_in_pairs(unit.text)]
    elif " " in unit.text:
        found = [_all([_any(_fielded(text.stem(one), 1.0)) for one in unit.text.split()])]
    else:
        key = text.code_key(unit.text)
        found = [_boost(_term("codes", key), _CODE)] if key else []
        for term in dict.fromkeys((unit.text, text.stem(unit.text))):
            found += _fielded(term, 1.0)
        found.append(_boost(_term("pinyin", unit.text), _PINYIN))
        parts = [one for one in text.word_terms(text.Run("word", unit.text)) if one != unit.text]
        if not unit.text.isalpha() and parts:
            found.append(_all([_any(_fielded(part, _PAIRED)) for part in _smallest(parts)]))
    for other in _synonyms(unit.text):
        terms = [one for run in text.runs(other) for one in _single_terms(run)]
        found.append(_all([_any(_fielded(term, _SYNONYM)) for term in terms]))
    return found


def _half_typed(unit: Unit) -> list[tantivy.Query]:
    if not unit.last or unit.kind != "word" or " " in unit.text:
        return []
    start = unit.text[: text.MAX_TERM]
    return [
        _boost(_begins("title", start), _TITLE * _FUZZY),
        _boost(_begins("pinyin", start), _PINYIN * _FUZZY),
        _boost(_begins("codes", text.code_key(start)), _TITLE * _FUZZY),
    ]


def _forgiving(unit: Unit) -> list[tantivy.Query]:
    if unit.kind == "han":
        found = [_boost(_all([_term("title_pairs", one) for one in dict.fromkeys(unit.text)]), _SINGLE)]
        spelled = text.syllables(unit.text)
        if len(spelled) > 1:
            found.append(_boost(_term("sounds", text.sound(spelled)), _TITLE * _SOUND))
        return found
    if len(unit.text) < FUZZY_FROM or not unit.text.isalpha():
        return []
    return [
        _boost(_near("title", unit.text), _TITLE * _FUZZY),
        _boost(_near("title", text.stem(unit.text)), _TITLE * _FUZZY),
        _boost(_near("pinyin", unit.text), _PINYIN * _FUZZY),
        _boost(_near("body", unit.text), _BODY * _FUZZY),
    ]


def _characters(word: str) -> tantivy.Query:
    """Half of a Chinese word's characters, for a word that nothing here is called by."""
    single = [_boost(_term("title_pairs", one), _SINGLE) for one in dict.fromkeys(word)]
    return _some(single, max(1, round(len(single) / 2)))


def _alike(typed: str) -> list[tantivy.Query]:
    """The whole Chinese query by its sound: what was cut in the wrong places is found all the same."""
    spelled = [
        one for run in text.runs(text.fold(typed)) if run.kind == "han" for one in text.syllables(run.text)
    ]
    return [_boost(_term("sounds", text.sound(spelled)), _TITLE * _SOUND)] if len(spelled) > 1 else []


def _in_pairs(word: str) -> list[tantivy.Query]:
    """A Chinese word by its pairs of characters, where the dictionary cut the title otherwise."""
    if len(word) == 1:
        return [
            _boost(_term("title_pairs", word), _TITLE * _PAIRED),
            _boost(_term("body_pairs", word), _SINGLE),
        ]
    found = []
    for field, weight in (("title_pairs", _TITLE), ("body_pairs", _BODY)):
        found.append(_boost(_all([_term(field, pair) for pair in text.pairs(word)]), weight * _PAIRED))
    return found


def _synonyms(word: str) -> Sequence[str]:
    known = synonyms.groups()
    return known.get(word) or known.get(text.stem(word)) or ()


def _single_terms(run: text.Run) -> Sequence[str]:
    return (run.text,) if run.kind == "han" else (text.stem(run.text),)


def _smallest(parts: Sequence[str]) -> list[str]:
    """The parts of `620ml` alone, without `620ml` in its other spellings."""
    return [one for one in parts if one.isalpha() or one.replace(".", "").isdigit()] or list(parts)


def _fielded(term: str, weight: float) -> list[tantivy.Query]:
    return [_boost(_term("title", term), _TITLE * weight), _boost(_term("body", term), _BODY * weight)]


def _term(field: str, term: str) -> tantivy.Query:
    return tantivy.Query.term_query(schema(), field, term[: text.MAX_TERM], index_option="freq")


def _near(field: str, term: str) -> tantivy.Query:
    return tantivy.Query.fuzzy_term_query(schema(), field, term[: text.MAX_TERM], distance=1)


def _begins(field: str, start: str) -> tantivy.Query:
    return tantivy.Query.fuzzy_term_query(schema(), field, start, distance=0, prefix=True)


def _boost(query: tantivy.Query, weight: float) -> tantivy.Query:
    return tantivy.Query.boost_query(query, weight)


def _all(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(_MUST, query) for query in queries])


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.disjunction_max_query(queries, tie_breaker=_TIE)


def _either(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(_SHOULD, query) for query in queries])


def _some(queries: Sequence[tantivy.Query], most: int) -> tantivy.Query:
    return tantivy.Query.boolean_query(
        [(_SHOULD, query) for query in queries], minimum_number_should_match=most
    )
