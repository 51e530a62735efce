"""From text to terms: folding, Chinese words, English stems, pairs of characters, pinyin.

Words alone would lose 罗汉果 in 香港罗汉果 wherever the dictionary cuts otherwise, so that pairs of characters are
terms as well (the usual back-off for Chinese).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.machinery import PathFinder
from importlib.resources import files
from importlib.util import find_spec, module_from_spec
from itertools import pairwise
from typing import Any, Literal

import msgspec
import tantivy

from daji.kit import pinyin
from daji.shop.search.variants import SIMPLIFIED

MAX_TERM = 60
_LONGEST_PHRASE = 8
_LONGEST_JOIN = 4

_RUN = re.compile(r"(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+)|(?P<word>\w+(?:[-.'’/+#]\w+)*[+#]*)")
_PART = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_JOINER = re.compile(r"[^\w+#]|_")

# What southern speakers, and thumbs, do not tell apart.
_SOUNDS = ((re.compile(r"([zcs])h"), r"\1"), (re.compile(r"([aei])ng\b"), r"\1n"), (re.compile(r"^n"), "l"))

Kind = Literal["han", "word"]


class Run(msgspec.Struct, frozen=True):
    """A stretch of text of one kind."""

    kind: Kind
    text: str


@cache
def _cutter() -> Any:
    """A cutter of our words (`tools/words.py`): 11 MB that a command need not hold which does not search.

    The package makes one of all its words, 30 MB, as soon as it is imported; the extension in it does not.
    """
    package = find_spec("rjieba")
    spec = PathFinder.find_spec("rjieba", None if package is None else package.submodule_search_locations)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("rjieba")
    extension: Any = module_from_spec(spec)
    spec.loader.exec_module(extension)
    cutter = extension.Jieba.empty()
    rows = files("daji.shop.search").joinpath("words.tsv").read_text(encoding="utf-8").splitlines()
    for word, _, count in (row.partition("\t") for row in rows):
        cutter.add_word(word, int(count), None)
    return cutter


@cache
def _stemmer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.stemmer("english")).build()
    )


def warm_up() -> None:
    """Load words and spellings now, for instance before a process is forked."""
    spell("大集")


def forget() -> None:
    """Let go of what was cut and spelled lately, for instance when an index is filled and readers will ask other words."""
    for kept in (fold, runs, stem, word_terms, syllables, spell):
        kept.cache_clear()


def learn(words: Sequence[str]) -> None:
    """Teach the cutter names of this shop, so that a brand stays one word."""
    for word in words:
        folded = fold(word)
        if 1 < len(folded) <= _LONGEST_PHRASE and is_han(folded) and not _cutter().has_word(folded):
            _cutter().add_word(folded, None, None)


def is_han(text: str) -> bool:
    run = _RUN.fullmatch(text)
    return run is not None and run.lastgroup == "han"


@lru_cache(maxsize=2_000)
def fold(text: str) -> str:
    """Take away what a searcher does not mean: width, case, accents, traditional forms, runs of white space."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if not plain.isascii():
        bare = "".join(one for one in unicodedata.normalize("NFD", plain) if not unicodedata.combining(one))
        plain = unicodedata.normalize("NFC", bare).translate(SIMPLIFIED)
    return " ".join(plain.split())


@lru_cache(maxsize=2_000)
def runs(folded: str) -> tuple[Run, ...]:
    """Cut folded text into Chinese stretches and words of other scripts."""
    return tuple(
        Run("han" if match.lastgroup == "han" else "word", match[0]) for match in _RUN.finditer(folded)
    )


def is_number(word: str) -> bool:
    return word.replace(".", "").isdecimal()


def cut(han: str) -> list[str]:
    """Words of a Chinese stretch, one after the other."""
    found: list[str] = _cutter().cut(han)
    return found


@lru_cache(maxsize=2_000)
def stem(word: str) -> str:
    stems = _stemmer().analyze(word)
    return stems[0] if stems else word


def code_key(code: str) -> str:
    """A code or part number without what people leave out: `AB-50/b` is `ab50b`."""
    return _JOINER.sub("", fold(code))[:MAX_TERM]


@lru_cache(maxsize=4_000)
def word_terms(run: Run) -> tuple[str, ...]:
    """Every term of a stretch that a query for words may ask for."""
    if run.kind == "han":
        found = _cutter().cut_for_search(run.text)
        return tuple(dict.fromkeys(one for one in found if len(one) <= MAX_TERM))
    terms = [run.text, stem(run.text)]
    parts = _PART.findall(run.text)
    if len(parts) > 1:
        terms += [code_key(run.text), *parts, *(stem(part) for part in parts)]
    return tuple(dict.fromkeys(term[:MAX_TERM] for term in terms if term))


def pairs(han: str) -> tuple[str, ...]:
    """Pairs of neighbouring characters; the character itself when it stands alone."""
    if len(han) == 1:
        return (han,)
    return tuple(one + other for one, other in pairwise(han))


@lru_cache(maxsize=4_000)
def syllables(word: str) -> tuple[str, ...]:
    """Pinyin of a Chinese word without tones."""
    return tuple(pinyin.spell(word))


def sound(spelled: Sequence[str]) -> str:
    """Write syllables so that what sounds alike is written alike."""
    return "".join(_alike(one) for one in spelled)


@lru_cache(maxsize=2_000)
def _alike(syllable: str) -> str:
    for pattern, instead in _SOUNDS:
        syllable = pattern.sub(instead, syllable)
    return syllable


class Spelled(msgspec.Struct, frozen=True):
    """Terms of a Chinese stretch for those who type letters, or the wrong character of the right sound."""

    pinyin: tuple[str, ...]
    sounds: tuple[str, ...]


@lru_cache(maxsize=2_000)
def spell(han: str) -> Spelled:
    """Pinyin, initials and sounds of every word, of up to four neighbouring words together, and of what a word ends in."""
    spelled = [syllables(word) for word in cut(han)]
    letters: dict[str, None] = {}
    sounds: dict[str, None] = {}
    for first, of_word in enumerate(spelled):
        for start in range(1, len(of_word)):
            letters["".join(of_word[start:])[:MAX_TERM]] = None
        joined: tuple[str, ...] = ()
        for word in spelled[first : first + _LONGEST_JOIN]:
            joined += word
            if len(joined) > _LONGEST_PHRASE:
                break
            letters["".join(joined)[:MAX_TERM]] = None
            if len(joined) > 1:
                letters["".join(one[0] for one in joined)] = None
                sounds[sound(joined)[:MAX_TERM]] = None
    return Spelled(tuple(letters), tuple(sounds))


def all_texts(names: Mapping[str, str]) -> Iterator[str]:
    """The texts of all languages, folded, each once."""
    yield from dict.fromkeys(fold(text) for text in names.values() if text)
