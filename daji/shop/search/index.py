"""The index of one process: products in memory, found by words, narrowed by facets.

Writing is for one thread at a time (`put`, `remove`, `commit`); reading is for everybody, at any time, and sees what
the last `commit` left. Nothing is kept on disk: the database is the truth, and the index is made from it.
"""

from __future__ import annotations

import math
import sys
import threading
import time
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
    Names,
    NotReady,
    ProductHit,
    Reason,
    Stock,
    Suggestions,
)
from daji.shop.search.known import Known
from daji.shop.search.schema import ORDER_FIELDS, SCALE, SEPARATOR, fill, schema

_HEAP_BYTES = 15_000_000
"""The least that the engine takes; a shop's products fill it a few times while it is built."""
_QUIET_SECONDS = 5.0
"""How long nothing changes before the writer is closed: what it laid out for itself is more than a small shop's index."""
_MOST_ANSWERS = 500
_ASKED = msgspec.msgpack.Encoder(order="deterministic")


Hit = tuple[Any, tantivy.DocAddress]


class _Shown(msgspec.Struct, frozen=True, array_like=True):
    """What the engine keeps of a product beside what it is found by, packed; read for the few that are shown."""

    slug: str
    titles: Names
    title_key: str
    factors: dict[str, float]


_PACKED = msgspec.msgpack.Encoder()
_SHOWN = msgspec.msgpack.Decoder(_Shown)


class Index:
    """Made empty by `open_index`; `ready` says whether it was filled once."""

    def __init__(self) -> None:
        self._index = tantivy.Index(schema())
        self._index.config_reader("manual")
        self._opened: tantivy.IndexWriter | None = None
        self._writing = threading.Lock()
        self._known = Known()
        self._labels = narrowing.Labels()
        self._filled: Counter[str] = Counter()
        self._offers = suggesting.Offers()
        self._popular = suggesting.Popular()
        self._changed = False
        self._written_at = 0.0
        # Many ask the same between two commits; replaced as a whole by the next, so that no old answer outlives it.
        self._answers: dict[bytes, Found] = {}
        self.ready = False

    def __len__(self) -> int:
        return len(self._known.serials)

    def product_ids(self) -> list[UUID]:
        return list(self._known.serials)

    def slug_of(self, product_id: UUID) -> str | None:
        serial = self._known.serials.get(product_id)
        if serial is None:
            return None
        searcher = self._index.searcher()
        found = searcher.search(tantivy.Query.term_query(schema(), "serial", serial), 1).hits
        return _shown(searcher, found[0][1]).slug if found else None

    def stock_of(self, product_id: UUID) -> Stock | None:
        """How much there is of a product, as the index knows it; None for one that it does not have."""
        serial = self._known.serials.get(product_id)
        return None if serial is None else self._known.stock(serial)

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
                serial = self._known.serials.get(document.product_id)
                if serial is not None and self._known.digest(serial) == digest:
                    continue
                self._write(document, digest, serial, now)
                written += 1
            self._changed |= written > 0
        return written

    def remove(self, product_ids: Iterable[UUID]) -> int:
        """Forget products that are no longer listed; how many were known."""
        gone = 0
        with self._writing:
            for product_id in product_ids:
                serial = self._known.drop(product_id)
                if serial is not None:
                    self._delete(serial)
                    self._filled.subtract(self._known.path(serial))
                    gone += 1
            self._changed |= gone > 0
        return gone

    def commit(self) -> None:
        """Let readers see what was written."""
        with self._writing:
            if self._changed:
                self._writer.commit()
                self._index.reload()
                self._known.settle()
                self._changed = False
                self._written_at = time.monotonic()
                self._answers = {}
                self._offers.stock(
                    (slug, names, self._filled[key])
                    for key, (slug, names, _) in self._labels.categories.items()
                    if self._filled[key]
                )

    def tidy(self) -> None:
        """Between changes: offer what was asked most here, and close the writer after a quiet while.

        May wait for a merge to end.
        """
        self.learn_queries()
        with self._writing:
            quiet = not self._changed and time.monotonic() - self._written_at > _QUIET_SECONDS
            if quiet and self._opened is not None:
                # Thrown away, it would take its merges with it.
                self._opened.wait_merging_threads()
                self._opened = None
                text.forget()

    def learn_queries(self) -> None:
        """Offer from now on what was asked most in this process."""
        self._offers.learn(self._popular.most())

    def _write(self, document: Document, digest: int, serial: int | None, now: datetime) -> None:
        if serial is None:
            serial = self._known.add(document.product_id)
        else:
            self._delete(serial)
            self._filled.subtract(self._known.path(serial))
        path = tuple(sys.intern(one.id.hex) for one in document.categories)
        self._filled.update(path)
        self._name(document)
        shown = _Shown(
            slug=document.slug,
            titles=document.titles,
            title_key=_title_key(document),
            factors=rules.factors(document, now=now),
        )
        self._writer.add_document(fill(document, serial=serial, shown=_PACKED.encode(shown), now=now))
        self._known.note(serial, digest, path, document.stock)

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
        parts = narrowing.clauses(filters)
        for asked in _readings(text, searcher):
            narrowed = narrowing.narrow(asked.query, parts)
            if sort == "title":
                hits, total = self._by_title(searcher, narrowed, offset, limit)
            else:
                hits, total = self._search(searcher, narrowed, sort, offset, limit)
            if total or asked.how == "all":
                break
        else:
            return Found(product_ids=(), total=0, how=asked.how)
        ids = [self._known.id_of(one) for one in _serials(searcher, hits)]
        return Found(
            product_ids=tuple(one for one in ids if one is not None),
            total=total,
            how=asked.how,
            facets=narrowing.Counter(searcher, asked.query, filters, self._labels, hits=total).facets()
            if facets
            else (),
            reasons=_reasons(searcher, hits, ids) if explain and sort == "rank" else {},
        )

    def suggest(self, *, text: str, lang: str, limit: int = 8) -> Suggestions:
        """What somebody who typed so far might mean; nothing while the index is being built."""
        if not self.ready:
            return Suggestions()
        return self._offers.suggest(text, lang=lang, limit=limit, products=self._beginning)

    def _beginning(self, typed: str, limit: int) -> list[ProductHit]:
        searcher = self._index.searcher()
        query = _reader(searcher).beginning(typed)
        if query is None:
            return []
        hits, _ = self._search(searcher, query, "rank", 0, limit)
        found = []
        for serial, (_, at) in zip(_serials(searcher, hits), hits, strict=True):
            product_id = self._known.id_of(serial)
            if product_id is not None:
                shown = _shown(searcher, at)
                found.append(ProductHit(product_id=product_id, slug=shown.slug, names=shown.titles))
        return found

    @staticmethod
    def _search(
        searcher: tantivy.Searcher, query: tantivy.Query, sort: str, offset: int, limit: int
    ) -> tuple[Sequence[Hit], int]:
        """A stretch of the hits and how many there are in all, in one pass over them."""
        if sort == "rank":
            found: Any = searcher.search(query, limit=limit, offset=offset, weight_by_field="weight")
        else:
            field, order = ORDER_FIELDS[sort]
            found = searcher.search(query, limit=limit, offset=offset, order_by_field=field, order=order)
        return found.hits, int(found.count)

    def _by_title(
        self, searcher: tantivy.Searcher, query: tantivy.Query, offset: int, limit: int
    ) -> tuple[Sequence[Hit], int]:
        """Titles have no order in the engine: those of the newest ten thousand are laid out here."""
        hits, total = self._search(searcher, query, "newest", 0, MAX_OFFSET)
        keys = [(_shown(searcher, at).title_key, n) for n, (_, at) in enumerate(hits)]
        return [hits[n] for _, n in sorted(keys)[offset : offset + limit]], total


def open_index() -> Index:
    """An empty index of this process."""
    return Index()


def _reader(searcher: tantivy.Searcher) -> asking.Reader:
    return asking.Reader(lambda field, term: searcher.doc_freq(field, term) > 0)


def _readings(typed: str | None, searcher: tantivy.Searcher) -> Iterable[asking.Asked]:
    """Readings of a text, the strictest first; everything for none, nothing at all for a text without a word."""
    if typed is None or not typed.strip():
        yield asking.Asked("all", tantivy.Query.const_score_query(tantivy.Query.all_query(), 1.0))
        return
    strict = _reader(searcher).levels(typed)
    yield next(strict, asking.Asked("exact", tantivy.Query.empty_query()))
    yield from strict


def _serials(searcher: tantivy.Searcher, hits: Sequence[Hit]) -> list[int]:
    return [int(one or 0) for one in searcher.fast_field_values("serial", [at for _, at in hits])]


def _shown(searcher: tantivy.Searcher, at: tantivy.DocAddress) -> _Shown:
    packed: Any = searcher.doc(at)["shown"]
    return _SHOWN.decode(bytes(packed[0]))


def _reasons(
    searcher: tantivy.Searcher, hits: Sequence[Hit], ids: Sequence[UUID | None]
) -> dict[UUID, Reason]:
    found = {}
    for product_id, (scaled, at) in zip(ids, hits, strict=True):
        if product_id is not None:
            factors, score = _shown(searcher, at).factors, float(scaled) / SCALE
            found[product_id] = Reason(
                score=round(score, 4),
                text=round(score / math.prod(factors.values()), 4),
                factors={name: round(value, 4) for name, value in factors.items()},
            )
    return found


def _digest(document: Document) -> int:
    return int.from_bytes(blake2b(msgspec.msgpack.encode(document), digest_size=8).digest())


def _title_key(document: Document) -> str:
    """Titles sort by pinyin and letters, as the catalogue sorts them."""
    title = document.titles.get("zh") or next(iter(document.titles.values()), "")
    return " ".join(
        one
        for run in text.runs(text.fold(title))
        for one in (text.syllables(run.text) if run.kind == "han" else (run.text,))
    )
