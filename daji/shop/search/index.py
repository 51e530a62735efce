"""The index of one process: products in memory, found by words, narrowed by facets.

Writing is for one thread at a time (`put`, `remove`, `commit`); reading is for everybody, at any time, and sees what
the last `commit` left. Nothing is kept on disk: the database is the truth, and the index is made from it.
"""

from __future__ import annotations

import itertools
import math
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
import tantivy

from daji.kit import made_of
from daji.shop.search import asking, narrowing, rules, suggesting, text
from daji.shop.search.facts import (
    MAX_OFFSET,
    SORTS,
    Document,
    Filters,
    Found,
    How,
    Names,
    NotReady,
    ProductHit,
    Reason,
    Suggestions,
)
from daji.shop.search.schema import ORDER_FIELDS, SCALE, SEPARATOR, fill, schema

_HEAP_BYTES = 15_000_000
"""The least that the engine takes; a shop's products fill it a few times while it is built."""
_MOST_ANSWERS = 500
_ASKED = msgspec.msgpack.Encoder(order="deterministic")


class _Told(msgspec.Struct, frozen=True, array_like=True):
    """What is told of a hit, and looked at for a page of them at most."""

    titles: Names
    factors: dict[str, float]


_PACK_TOLD = msgspec.msgpack.Encoder()
_READ_TOLD = msgspec.msgpack.Decoder(_Told)


class _Known(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is remembered of a product besides the engine's fields; as little as there may be of it, ten thousand times.

    `categories` are those of the document, as the engine knows them; `told` is a packed `_Told`, a tenth of its objects.
    """

    serial: int
    product_id: UUID
    slug: str
    categories: tuple[str, ...]
    digest: bytes
    title_key: str
    told: bytes

    def read(self) -> _Told:
        return _READ_TOLD.decode(self.told)


class Index:
    """Made empty by `open_index`; `ready` says whether it was filled once."""

    def __init__(self) -> None:
        self._index = tantivy.Index(schema())
        self._index.config_reader("manual")
        self._opened: tantivy.IndexWriter | None = None
        self._writing = threading.Lock()
        self._serials = itertools.count(1)
        self._known: dict[UUID, _Known] = {}
        self._by_serial: dict[int, UUID] = {}
        # Goods of one category share its path.
        self._paths: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._labels = narrowing.Labels()
        self._filled: Counter[str] = Counter()
        self._offers = suggesting.Offers()
        self._popular = suggesting.Popular()
        self._changed = False
        # Many ask the same between two commits; replaced as a whole by the next, so that no old answer outlives it.
        self._answers: dict[bytes, Found] = {}
        self.ready = False

    def __len__(self) -> int:
        return len(self._known)

    def product_ids(self) -> tuple[UUID, ...]:
        return tuple(self._known)

    def slug_of(self, product_id: UUID) -> str | None:
        known = self._known.get(product_id)
        return None if known is None else known.slug

    # Writing

    @property
    def _writer(self) -> tantivy.IndexWriter:
        # Its threads and its memory are for processes that fill the index; a command does not.
        if self._opened is None:
            self._opened = self._index.writer(_HEAP_BYTES, 1)
        return self._opened

    def put(self, documents: Iterable[Document], *, now: datetime) -> int:
        """Take products in, or anew; how many differed from what was known."""
        written = 0
        with self._writing:
            for document in documents:
                digest = _digest(document)
                before = self._known.get(document.product_id)
                if before is not None and before.digest == digest:
                    continue
                self._write(document, digest, before, now)
                written += 1
            self._changed |= written > 0
        return written

    def remove(self, product_ids: Iterable[UUID]) -> int:
        """Forget products that are no longer listed; how many were known."""
        gone = 0
        with self._writing:
            for product_id in product_ids:
                known = self._known.pop(product_id, None)
                if known is not None:
                    self._delete(known.serial)
                    self._by_serial.pop(known.serial, None)
                    self._filled.subtract(known.categories)
                    gone += 1
            self._changed |= gone > 0
        return gone

    def commit(self) -> None:
        """Let readers see what was written."""
        with self._writing:
            if self._changed:
                self._writer.commit()
                self._index.reload()
                self._changed = False
                self._answers = {}
                self._offers.stock(
                    (slug, names, self._filled[key])
                    for key, (slug, names, _) in self._labels.categories.items()
                    if self._filled[key]
                )

    def learn_queries(self) -> None:
        """Offer from now on what was asked most in this process."""
        self._offers.learn(self._popular.most())

    def _write(self, document: Document, digest: bytes, before: _Known | None, now: datetime) -> None:
        serial = before.serial if before is not None else next(self._serials)
        if before is not None:
            self._delete(serial)
            self._filled.subtract(before.categories)
        categories = tuple(sys.intern(one.id.hex) for one in document.categories)
        categories = self._paths.setdefault(categories, categories)
        self._filled.update(categories)
        self._name(document)
        self._writer.add_document(fill(document, serial=serial, now=now))
        self._by_serial[serial] = document.product_id
        self._known[document.product_id] = _Known(
            serial=serial,
            product_id=document.product_id,
            slug=document.slug,
            categories=categories,
            digest=digest,
            title_key=_title_key(document),
            told=_PACK_TOLD.encode(_Told(document.titles, rules.factors(document, now=now))),
        )

    def _delete(self, serial: int) -> None:
        # By query: the binding's deletion by term takes a number for a signed one, and finds nothing.
        self._writer.delete_documents_by_query(tantivy.Query.term_query(schema(), "serial", serial))

    def _name(self, document: Document) -> None:
        labels = self._labels
        if document.brand is not None:
            if document.brand.slug not in labels.brands:
                text.learn(tuple(document.brand.names.values()))
            labels.brands[document.brand.slug] = document.brand.names
        parent: str | None = None
        for category in document.categories:
            labels.categories[category.id.hex] = (category.slug, category.names, parent)
            parent = category.id.hex
        for trait in document.traits:
            labels.traits[trait.code] = trait.names
            labels.values[f"{trait.code}{SEPARATOR}{trait.value}"] = trait.value_names

    # Reading

    def find(
        self,
        *,
        text: str | None,
        filters: Filters,
        sort: str = "rank",
        offset: int = 0,
        limit: int = 24,
        facets: bool = True,
        explain: bool = True,
    ) -> Found:
        """Products that match, a stretch at a time; `explain` says why each stands where it stands.

        Raises
        ------
        NotReady
            Before the index was filled once.
        ValueError
            For an unknown order or an offset beyond 10,000.
        """
        if not self.ready:
            raise NotReady
        if sort not in SORTS or not 0 <= offset <= MAX_OFFSET:
            raise ValueError(sort if sort not in SORTS else offset)
        filters.check()
        answers = self._answers
        asked = _ASKED.encode((text, filters, sort, offset, limit, facets, explain))
        found = answers.get(asked)
        if found is None:
            found = self._find(text, filters, sort, offset, limit, facets=facets, explain=explain)
            if len(answers) >= _MOST_ANSWERS:
                answers.pop(next(iter(answers)), None)
            answers[asked] = found
        if text and not offset and found.total and found.how == "exact":
            self._popular.note(text)
            made_of.repeat(partial(self._popular.note, text))
        return found

    def _find(
        self,
        text: str | None,
        filters: Filters,
        sort: str,
        offset: int,
        limit: int,
        *,
        facets: bool,
        explain: bool,
    ) -> Found:
        searcher = self._index.searcher()
        query, how, total = self._choose(searcher, text, filters)
        if query is None:
            return Found(product_ids=(), total=0, how=how)
        parts = narrowing.clauses(filters)
        narrowed = narrowing.narrow(query, parts)
        if sort == "title":
            serials = self._by_title(searcher, narrowed, total)[offset : offset + limit]
            scores = [1.0] * len(serials)
        else:
            hits = self._search(searcher, narrowed, sort, offset, limit)
            serials = [int(one or 0) for one in searcher.fast_field_values("serial", [at for _, at in hits])]
            scores = [float(score) / SCALE if sort == "rank" else 1.0 for score, _ in hits]
        return Found(
            product_ids=tuple(self._by_serial[one] for one in serials if one in self._by_serial),
            total=total,
            how=how,
            facets=narrowing.Counter(searcher, query, filters, self._labels).facets() if facets else (),
            reasons=self._reasons(serials, scores) if explain and sort == "rank" else {},
        )

    def suggest(self, *, text: str, lang: str, limit: int = 8) -> Suggestions:
        """What somebody who typed so far might mean; nothing while the index is being built."""
        if not self.ready:
            return Suggestions()
        return self._offers.suggest(text, lang=lang, limit=limit, products=self._beginning)

    def _beginning(self, typed: str, limit: int) -> list[ProductHit]:
        query = asking.beginning(typed)
        if query is None:
            return []
        searcher = self._index.searcher()
        hits = self._search(searcher, query, "rank", 0, limit)
        serials = searcher.fast_field_values("serial", [at for _, at in hits])
        found = (self._by_serial.get(int(one or 0)) for one in serials)
        known = (self._known.get(one) for one in found if one is not None)
        return [
            ProductHit(product_id=one.product_id, slug=one.slug, names=one.read().titles)
            for one in known
            if one
        ]

    def _choose(
        self, searcher: tantivy.Searcher, typed: str | None, filters: Filters
    ) -> tuple[tantivy.Query | None, How, int]:
        """The strictest reading of the text that finds something."""
        if typed is None or not typed.strip():
            everything = tantivy.Query.const_score_query(tantivy.Query.all_query(), 1.0)
            return everything, "all", self._count(searcher, everything, filters)
        how: How = "exact"
        for asked in asking.levels(typed):
            how = asked.how
            total = self._count(searcher, asked.query, filters)
            if total:
                return asked.query, how, total
        return None, how, 0

    @staticmethod
    def _count(searcher: tantivy.Searcher, query: tantivy.Query, filters: Filters) -> int:
        narrowed = narrowing.narrow(query, narrowing.clauses(filters))
        counted: Any = searcher.search(narrowed, limit=1, count=True)
        return int(counted.count)

    @staticmethod
    def _search(
        searcher: tantivy.Searcher, query: tantivy.Query, sort: str, offset: int, limit: int
    ) -> Sequence[tuple[Any, tantivy.DocAddress]]:
        if sort == "rank":
            found = searcher.search(query, limit=limit, offset=offset, count=False, weight_by_field="weight")
        else:
            field, order = ORDER_FIELDS[sort]
            found = searcher.search(
                query, limit=limit, offset=offset, count=False, order_by_field=field, order=order
            )
        return found.hits

    def _by_title(self, searcher: tantivy.Searcher, query: tantivy.Query, total: int) -> list[int]:
        hits = self._search(searcher, query, "newest", 0, max(1, min(total, MAX_OFFSET)))
        serials = [int(one or 0) for one in searcher.fast_field_values("serial", [at for _, at in hits])]
        return sorted(serials, key=lambda one: (self._title_of(one), one))

    def _title_of(self, serial: int) -> str:
        known = self._known.get(self._by_serial.get(serial, UUID(int=0)))
        return "" if known is None else known.title_key

    def _reasons(self, serials: Sequence[int], scores: Sequence[float]) -> dict[UUID, Reason]:
        found = {}
        for serial, score in zip(serials, scores, strict=True):
            known = self._known.get(self._by_serial.get(serial, UUID(int=0)))
            if known is not None:
                factors = known.read().factors
                weight = math.prod(factors.values())
                found[known.product_id] = Reason(
                    score=round(score, 4),
                    text=round(score / weight, 4),
                    factors={name: round(value, 4) for name, value in factors.items()},
                )
        return found


def open_index() -> Index:
    """An empty index of this process."""
    return Index()


def _digest(document: Document) -> bytes:
    return blake2b(msgspec.msgpack.encode(document), digest_size=16).digest()


def _title_key(document: Document) -> str:
    """Titles sort by pinyin and letters, as the catalogue sorts them."""
    title = document.titles.get("zh") or next(iter(document.titles.values()), "")
    return " ".join(
        one
        for run in text.runs(text.fold(title))
        for one in (text.syllables(run.text) if run.kind == "han" else (run.text,))
    )
