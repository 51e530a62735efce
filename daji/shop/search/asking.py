"""From what somebody typed to queries, the strictest first.

A *unit* is one word of the query. Each may match in several ways, the best of which counts (a disjunction maximum).
The levels forgive more and more: `exact` takes words, codes, pinyin and synonyms; `close` also typing errors and
characters of the same sound; `partial` is content with some of the words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

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


class Reader:
    """Reads what somebody typed for an index in which `has` says whether any document bears a term in a field.

    What nothing bears is left out: beside a term that is there it would have the engine read every document of a union one
    by one instead of skipping to those that all words share.
    """

    def __init__(self, has: Callable[[str, str], bool]) -> None:
        self._has = has

    def levels(self, typed: str) -> Iterator[Asked]:
        """Queries from strict to lenient; nothing for a text without a word."""
        words = units(typed)
        if not words:
            return
        whole = self._whole(typed)
        strict = [_any([*self._strict(unit), *_half_typed(unit)]) for unit in words]
        yield Asked("exact", _either([_all(strict), *whole]))
        lenient = [_any([*self._strict(unit), *_half_typed(unit), *self._forgiving(unit)]) for unit in words]
        yield Asked("close", _either([_all(lenient), *self._alike(typed)]))
        if len(words) > 1 or words[0].kind == "han":
            loose = [
                one if unit.kind == "word" else _any([one, self._characters(unit.text)])
                for unit, one in zip(words, lenient, strict=True)
            ]
            yield Asked("partial", _some(loose, max(1, round(_MOST * len(words)))))

    def beginning(self, typed: str) -> tantivy.Query | None:
        """A query for somebody who is still typing: the last word may be the beginning of one."""
        words = units(typed)
        if not words:
            return None
        parts = [_any([*self._strict(unit), *_half_typed(unit)]) for unit in words]
        return _either([_all(parts), *self._whole(typed)])

    def _whole(self, typed: str) -> list[tantivy.Query]:
        """The text as one code or one spelling: `AB-50 b`, `bao wen bei`."""
        key = text.code_key(typed)
        if not key:
            return []
        found = self._one("codes", key, _CODE)
        if key.isascii() and key.isalpha():
            found += self._one("pinyin", key, _PINYIN)
        return found

    def _strict(self, unit: Unit) -> list[tantivy.Query]:
        if unit.kind == "han":
            found = [*self._fielded(unit.text, 1.0), *self._in_pairs(unit.text)]
        elif " " in unit.text:
            found = [_all([_any(self._fielded(text.stem(one), 1.0)) for one in unit.text.split()])]
        else:
            key = text.code_key(unit.text)
            found = self._one("codes", key, _CODE) if key else []
            for term in dict.fromkeys((unit.text, text.stem(unit.text))):
                found += self._fielded(term, 1.0)
            found += self._one("pinyin", unit.text, _PINYIN)
            parts = [one for one in text.word_terms(text.Run("word", unit.text)) if one != unit.text]
            # What bears the whole word bears it however its title writes it; its parts may stand anywhere.
            if parts and not (unit.text.isalpha() or self._bears(unit.text)):
                found.append(_all([_any(self._fielded(part, _PAIRED)) for part in _smallest(parts)]))
        for other in _synonyms(unit.text):
            terms = [one for run in text.runs(other) for one in _single_terms(run)]
            if len(terms) == 1:
                found += self._fielded(terms[0], _SYNONYM)
            else:
                found.append(_all([_any(self._fielded(term, _SYNONYM)) for term in terms]))
        return found

    def _forgiving(self, unit: Unit) -> list[tantivy.Query]:
        if unit.kind == "han":
            found = self._each("title_pairs", list(dict.fromkeys(unit.text)), _SINGLE)
            spelled = text.syllables(unit.text)
            if len(spelled) > 1:
                found += self._one("sounds", text.sound(spelled), _TITLE * _SOUND)
            return found
        if len(unit.text) < FUZZY_FROM or not unit.text.isalpha():
            return []
        return [
            _boost(_near("title", unit.text), _TITLE * _FUZZY),
            _boost(_near("title", text.stem(unit.text)), _TITLE * _FUZZY),
            _boost(_near("pinyin", unit.text), _PINYIN * _FUZZY),
            _boost(_near("body", unit.text), _BODY * _FUZZY),
        ]

    def _characters(self, word: str) -> tantivy.Query:
        """Half of a Chinese word's characters, for a word that nothing here is called by."""
        wanted = list(dict.fromkeys(word))
        known = [query for one in wanted for query in self._one("title_pairs", one, _SINGLE)]
        return _some(known, max(1, round(len(wanted) / 2)))

    def _alike(self, typed: str) -> list[tantivy.Query]:
        """The whole Chinese query by its sound: what was cut in the wrong places is found all the same."""
        spelled = [
            one
            for run in text.runs(text.fold(typed))
            if run.kind == "han"
            for one in text.syllables(run.text)
        ]
        return self._one("sounds", text.sound(spelled), _TITLE * _SOUND) if len(spelled) > 1 else []

    def _in_pairs(self, word: str) -> list[tantivy.Query]:
        """A Chinese word by its pairs of characters, where the dictionary cut the title otherwise."""
        if len(word) == 1:
            return [
                *self._one("title_pairs", word, _TITLE * _PAIRED),
                *self._one("body_pairs", word, _SINGLE),
            ]
        pairs = text.pairs(word)
        return [
            *self._each("title_pairs", pairs, _TITLE * _PAIRED),
            *self._each("body_pairs", pairs, _BODY * _PAIRED),
        ]

    def _fielded(self, term: str, weight: float) -> list[tantivy.Query]:
        return [*self._one("title", term, _TITLE * weight), *self._one("body", term, _BODY * weight)]

    def _bears(self, term: str) -> bool:
        return any(self._has(field, term[: text.MAX_TERM]) for field in ("title", "body"))

    def _one(self, field: str, term: str, weight: float) -> list[tantivy.Query]:
        """A query for a term, if anything bears it."""
        return [_boost(_term(field, term), weight)] if self._has(field, term[: text.MAX_TERM]) else []

    def _each(self, field: str, terms: Sequence[str], weight: float) -> list[tantivy.Query]:
        """A query for what bears all of these, if each is borne by anything."""
        if not all(self._has(field, term[: text.MAX_TERM]) for term in terms):
            return []
        return [_boost(_all([_term(field, term) for term in terms]), weight)]


def _half_typed(unit: Unit) -> list[tantivy.Query]:
    if not unit.last or unit.kind != "word" or " " in unit.text:
        return []
    start = unit.text[: text.MAX_TERM]
    return [
        _boost(_begins("title", start), _TITLE * _FUZZY),
        _boost(_begins("pinyin", start), _PINYIN * _FUZZY),
        _boost(_begins("codes", text.code_key(start)), _TITLE * _FUZZY),
    ]


def _synonyms(word: str) -> Sequence[str]:
    known = synonyms.groups()
    return known.get(word) or known.get(text.stem(word)) or ()


def _single_terms(run: text.Run) -> Sequence[str]:
    return (run.text,) if run.kind == "han" else (text.stem(run.text),)


def _smallest(parts: Sequence[str]) -> list[str]:
    """The parts of `620ml` alone, without `620ml` in its other spellings."""
    return [one for one in parts if one.isalpha() or text.is_number(one)] or list(parts)


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
    if not queries:
        return tantivy.Query.empty_query()
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.disjunction_max_query(queries, tie_breaker=_TIE)


def _either(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(_SHOULD, query) for query in queries])


def _some(queries: Sequence[tantivy.Query], most: int) -> tantivy.Query:
    if len(queries) < most:
        return tantivy.Query.empty_query()
    return tantivy.Query.boolean_query(
        [(_SHOULD, query) for query in queries], minimum_number_should_match=most
    )
