"""Names made from names: slugs for addresses, a text to look in, a key to sort by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from daji.kit import ids, pinyin
from daji.shop.catalog.facts import Text

MAX_SLUG = 120
_LONGEST_BASE = 80
_SORT_CHARS = 200
_GRAM_CHARS = 3
_SUFFIX_CHARS = 8
_LANGUAGES = ("zh", "en")

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_SPACE = re.compile(r"\s+")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def normalise(text: str) -> str:
    """Fold what a searcher does not distinguish: width, case, runs of white space (Unicode NFKC, casefold)."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def pattern(text: str) -> str:
    r"""Make a LIKE pattern that finds `text` anywhere; `%`, `_` and `\` in it stand for themselves."""
    folded = normalise(text)
    return "%" + folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def grams(text: str) -> list[str]:
    """Enough of what `catalog.grams` cuts from whatever holds this text: its letters by threes, end to end.

    A text of two has itself if one is not ASCII; a shorter one has none and cannot be looked up.
    """
    folded = normalise(text)
    if len(folded) < _GRAM_CHARS:
        return [folded] if len(folded) == _GRAM_CHARS - 1 and not folded.isascii() else []
    starts = range(0, len(folded) - _GRAM_CHARS + 1, _GRAM_CHARS)
    return list(dict.fromkeys((*(folded[n : n + _GRAM_CHARS] for n in starts), folded[-_GRAM_CHARS:])))


@lru_cache(maxsize=4096)
def _spelled(text: str) -> tuple[str, ...]:
    return tuple(pinyin.spell(unicodedata.normalize("NFKC", text)))


def slug(names: Mapping[str, str]) -> str:
    """Make the address part of a name: pinyin for Chinese, plain letters and digits, at most 80 characters."""
    for text in _preferred(names):
        plain = unicodedata.normalize("NFKD", " ".join(_spelled(text))).encode("ascii", "ignore").decode()
        made = _NOT_SLUG.sub("-", plain.lower()).strip("-")
        if made:
            return made[:_LONGEST_BASE].rstrip("-")
    return "item"


def free_slug(base: str, taken: Collection[str]) -> str:
    """Give `base` back, or with a random suffix when it is taken."""
    while base in taken:
        base = f"{base[:_LONGEST_BASE].rstrip('-')}-{ids.show('x', ids.new_id())[-_SUFFIX_CHARS:]}"
    return base


def sort_title(texts: Mapping[str, Text]) -> str:
    """Make the key that titles sort by: pinyin, folded."""
    for title in _preferred({lang: text.title for lang, text in texts.items()}):
        return normalise(" ".join(_spelled(title)))[:_SORT_CHARS]
    return ""


def search_text(code: str, texts: Mapping[str, Text]) -> str:
    """Gather what the text filter looks in: titles, subtitles and the code."""
    parts: Iterable[str] = (
        part for lang in sorted(texts) for part in (texts[lang].title, texts[lang].subtitle)
    )
    return normalise("\n".join((*parts, code)))


def _preferred(names: Mapping[str, str]) -> list[str]:
    first = [names[lang] for lang in _LANGUAGES if names.get(lang)]
    return first + [names[lang] for lang in sorted(names) if lang not in _LANGUAGES and names[lang]]
