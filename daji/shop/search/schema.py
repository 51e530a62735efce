"""The fields of the index, and how a product fills them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise

import tantivy

from daji.shop.search import rules, text
from daji.shop.search.facts import Document

SEPARATOR = "\x1f"
"""Between the code of a trait and its value, in one term."""

LOTS = 12
"""Lot n is one product in 2^n, by the end of its id, which is random: where the hits are very many, they are counted in it."""

SCALE = 5.0
NO_PRICE = 1 << 40
_TIE_BITS = 20
_TIE = (1 << _TIE_BITS) - 1
_MAX_KEY = (1 << 43) - 1

TEXT_FIELDS = ("codes", "title", "title_pairs", "body", "body_pairs", "pinyin", "sounds")
CHOICE_FIELDS = ("brand", "category", "trait", "stock")
ORDER_FIELDS = {
    "newest": ("by_listed", tantivy.Order.Desc),
    "price_up": ("by_price", tantivy.Order.Asc),
    "price_down": ("by_price_down", tantivy.Order.Desc),
    "sales": ("by_sold", tantivy.Order.Desc),
    "rating": ("by_stars", tantivy.Order.Desc),
}


@cache
def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("serial", indexed=True, fast=True)
    for name in TEXT_FIELDS:
        # Terms are made by `text`; white space is only what separates them here.
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in CHOICE_FIELDS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("lot", tokenizer_name="whitespace", index_option="basic")
    builder.add_unsigned_field("price", indexed=True, fast=True)
    builder.add_unsigned_field("tenths", indexed=True, fast=True)
    for name, _ in ORDER_FIELDS.values():
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field("weight", fast=True)
    builder.add_bytes_field("shown", stored=True)
    return builder.build()


def boost(weight: float) -> float:
    """What to store so that tantivy multiplies a score by `SCALE` × `weight`.

    Its `weight_by_field` takes log2(2 + value) and no value below nought, so that the smallest weight must come to one.
    """
    return max(0.0, math.exp2(SCALE * weight) - 2.0)


def fill(document: Document, *, serial: int, shown: bytes, now: datetime) -> tantivy.Document:
    """The index's own form of a product; `shown` comes back as it is."""
    made = tantivy.Document()
    made.add_bytes("shown", shown)
    made.add_unsigned("serial", serial)
    chance = document.product_id.int
    lots = (str(halved) for halved in range(1, LOTS + 1) if chance % (1 << halved) == 0)
    made.add_text("lot", " ".join(lots))
    _add_texts(made, document)
    if document.brand is not None:
        made.add_text("brand", document.brand.slug)
    for category in document.categories:
        made.add_text("category", category.id.hex)
    for trait in document.traits:
        made.add_text("trait", f"{trait.code}{SEPARATOR}{trait.value}")
    made.add_text("stock", document.stock)
    if document.price is not None:
        made.add_unsigned("price", document.price)
    if document.review_count:
        made.add_unsigned("tenths", 10 * document.review_sum // document.review_count)
    price = NO_PRICE if document.price is None else document.price
    made.add_unsigned("by_listed", _key(int(document.listed_at.timestamp()), serial))
    made.add_unsigned("by_price", _key(price, serial))
    made.add_unsigned("by_price_down", _key(document.price or 0, serial))
    made.add_unsigned("by_sold", _key(document.sold, serial))
    made.add_unsigned("by_stars", _key(round(rules.stars(document) * 1000), serial))
    made.add_float("weight", boost(rules.weight(rules.factors(document, now=now))))
    return made


def _key(value: int, serial: int) -> int:
    """Order by value, then by product: rows that are equal keep their order from page to page."""
    return (max(0, min(value, _MAX_KEY)) << _TIE_BITS) | (serial & _TIE)


def _add_texts(made: tantivy.Document, document: Document) -> None:
    titles = tuple(text.all_texts(document.titles))
    brand = tuple(text.all_texts(document.brand.names)) if document.brand else ()
    categories = tuple(one for category in document.categories for one in text.all_texts(category.names))
    traits = tuple(
        one
        for trait in document.traits
        for one in (
            *text.all_texts(trait.value_names),
            *(() if trait.value_names else (text.fold(trait.value),)),
        )
    )
    body = (*text.all_texts(document.subtitles), *brand, *categories, *traits)
    codes = [key for code in document.codes if (key := text.code_key(code))]
    made.add_text("codes", " ".join(codes))
    made.add_text("title", _words(titles))
    made.add_text("title_pairs", _pairs(titles))
    made.add_text("body", _words(body))
    made.add_text("body_pairs", _pairs(body))
    spelled = [text.spell(run.text) for run in _runs((*titles, *brand, *categories)) if run.kind == "han"]
    made.add_text("pinyin", " ".join(term for one in spelled for term in one.pinyin))
    made.add_text("sounds", " ".join(term for one in spelled for term in one.sounds))


def _runs(texts: Iterable[str]) -> Iterable[text.Run]:
    return (run for one in texts for run in text.runs(one))


def _words(texts: Iterable[str]) -> str:
    return " ".join(term for one in texts for term in _terms(text.runs(one)))


def _terms(runs: Sequence[text.Run]) -> Iterator[str]:
    """Terms of one text; a number and the word beside it are also one, as others write them: 620 ml, Pixel 9."""
    for run in runs:
        yield from text.word_terms(run)
    for one, other in pairwise(runs):
        if one.kind == other.kind == "word" and text.is_number(one.text) != text.is_number(other.text):
            yield f"{one.text}{other.text}"[: text.MAX_TERM]


def _pairs(texts: Iterable[str]) -> str:
    """Pairs of characters, and the single ones: whoever knows one character finds by it, at a low weight."""
    return " ".join(
        term for run in _runs(texts) if run.kind == "han" for term in (*text.pairs(run.text), *run.text)
    )


def is_finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
