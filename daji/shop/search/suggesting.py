"""What to offer while somebody types: queries that others asked, categories, products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from daji.shop.search import text
from daji.shop.search.facts import CategoryHit, Document, Names, ProductHit, Suggestions

MAX_QUERIES = 500
_MOST_CATEGORIES = 3
_MAX_TYPED = 60


class _Entry(msgspec.Struct, frozen=True):
    """Something with a name, and the ways of typing its beginning."""

    names: Names
    slug: str
    starts: tuple[str, ...]


class Offers:
    """What is offered besides products; replaced as a whole, so that it can be read at any time."""

    def __init__(self) -> None:
        self._categories: tuple[_Entry, ...] = ()
        self._queries: tuple[_Entry, ...] = ()

    def stock(self, categories: Iterable[tuple[str, Names, int]]) -> None:
        """Take the categories there is something in: (slug, names, number of products)."""
        fullest = sorted(categories, key=lambda one: (-one[2], one[0]))
        self._categories = tuple(_entry(names, slug) for slug, names, _ in fullest)

    def learn(self, popular: Sequence[tuple[str, str]]) -> None:
        """Take the queries that were asked most, the commonest first: (language, text)."""
        self._queries = tuple(_entry({lang: asked}, "") for lang, asked in popular[:MAX_QUERIES])

    def suggest(
        self, typed: str, *, lang: str, limit: int, products: Callable[[str, int], list[Document]]
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
            products=tuple(
                ProductHit(product_id=one.product_id, slug=one.slug, names=one.titles) for one in found
            ),
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
