"""What to offer while somebody types: queries that others asked, categories, products."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from daji.shop.search import text
from daji.shop.search.facts import CategoryHit, Names, ProductHit, Suggestions

MAX_QUERIES = 500
_MOST_CATEGORIES = 3
_LONGEST_QUERY = 30
_MOST_COUNTED = 4_000
_FEWEST = 3
_PRIVATE = re.compile(r"\d{6,}|@|https?:")
_MAX_TYPED = 60


class _Entry(msgspec.Struct, frozen=True):
    """Something with a name, and the ways of typing its beginning."""

    names: Names
    slug: str
    starts: tuple[str, ...]


class Popular:
    """What is asked often and finds something, counted in this process; who asked is never known here."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, asked: str) -> None:
        """Count a query. One that could be somebody's number or address is nobody else's business."""
        words = " ".join(asked.split())
        if not 1 < len(words) <= _LONGEST_QUERY or _PRIVATE.search(words):
            return
        lang = "zh" if any(run.kind == "han" for run in text.runs(text.fold(words))) else "en"
        self._counts[lang, words] += 1
        if len(self._counts) > _MOST_COUNTED:
            # The rarest half is forgotten, and the rest count half: what was popular once may fade.
            kept = self._counts.most_common(_MOST_COUNTED // 2)
            self._counts = Counter({query: max(1, count // 2) for query, count in kept})

    def most(self) -> list[tuple[str, str]]:
        """Queries by how often they were asked, at least three times: (language, text)."""
        common = self._counts.most_common(MAX_QUERIES)
        return [query for query, count in common if count >= _FEWEST]


class Offers:
    """What is offered besides products; replaced as a whole, so that it can be read at any time."""

    def __init__(self) -> None:
        self._categories: tuple[_Entry, ...] = ()
        self._queries: tuple[_Entry, ...] = ()
        self._learnt: list[tuple[str, str]] = []

    def stock(self, categories: Iterable[tuple[str, Names, int]]) -> None:
        """Take the categories there is something in: (slug, names, number of products)."""
        fullest = sorted(categories, key=lambda one: (-one[2], one[0]))
        self._categories = tuple(_entry(names, slug) for slug, names, _ in fullest)

    def learn(self, popular: Sequence[tuple[str, str]]) -> None:
        """Take the queries that were asked most, the commonest first: (language, text)."""
        if list(popular) != self._learnt:
            self._learnt = list(popular)
            self._queries = tuple(_entry({lang: asked}, "") for lang, asked in popular)

    def suggest(
        self, typed: str, *, lang: str, limit: int, products: Callable[[str, int], list[ProductHit]]
    ) -> Suggestions:
        folded = text.fold(typed[:_MAX_TYPED])
        if not folded:
            return Suggestions(
                queries=tuple(one.names[lang] for one in self._queries if lang in one.names)[:limit]
            )
        key = folded.replace(" ", "")
        matching = [one for one in self._queries if lang in one.names and _begins(one, folded, key)]
        categories = [one for one in self._categories if _begins(one, folded, key)][:_MOST_CATEGORIES]
        found = products(folded, limit)
        return Suggestions(
            queries=tuple(one.names[lang] for one in matching if one.names[lang] != typed)[:limit],
            categories=tuple(CategoryHit(slug=one.slug, names=one.names) for one in categories),
            products=tuple(found),
        )


def _entry(names: Names, slug: str) -> _Entry:
    starts: dict[str, None] = {}
    for one in text.all_texts(names):
        starts[one] = None
        for run in text.runs(one):
            if run.kind == "han":
                starts.update(dict.fromkeys(text.spell(run.text).pinyin))
            else:
                starts[run.text] = None
    return _Entry(names, slug, tuple(starts))


def _begins(entry: _Entry, folded: str, key: str) -> bool:
    return any(
        start.startswith((folded, key)) or (len(folded) > 1 and folded in start) for start in entry.starts
    )
