"""How fast the search index is built and asked, and how well it finds.

Usage: ``python benchmarks/search.py [--products 10000] [--queries 3000] [--judged FOLDER] [--chinese FOLDER]``

Speed is measured on made-up products of two languages. Relevance is measured where the data are there: NDCG@10 over
the judged queries of an electronics shop (`icecat_electronics`: 19,406 products, people's grades 0 to 3; unjudged
counts 0), beside plain BM25 of the same engine; and, for Chinese, how often a title of a shop (`cn_catalog`) is among
the first three when it is asked for by two of its words, by their pinyin, their initials, in traditional characters,
or with one character of the same sound in place of the right one.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import random
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import goods
import tantivy
from pypinyin import lazy_pinyin

from daji.shop.search import api as search
from daji.shop.search import text
from daji.shop.search.variants import SIMPLIFIED

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TOP = 10
HAN = "不锈钢保温杯陶瓷茶壶青竹砧板羊毛围巾实木餐椅台灯蓝牙耳机笔记本香薰蜡烛帆布背包登山鞋运动手表铸铁炒锅棉麻床单"
COLOURS = (("black", "墨黑", "Black"), ("white", "月白", "White"), ("blue", "靛蓝", "Blue"))


def document(slug: str, titles: dict[str, str], **more: Any) -> search.Document:
    given: dict[str, Any] = {
        "subtitles": {}, "codes": (), "brand": None, "categories": (), "traits": (), "price": 1000,
        "stock": "in_stock", "sold": 0, "review_count": 0, "review_sum": 0, "listed_at": NOW - timedelta(days=99), **more,
    }  # fmt: skip
    return search.Document(product_id=uuid.uuid5(uuid.NAMESPACE_URL, slug), slug=slug, titles=titles, **given)


def made_up(count: int) -> Iterator[search.Document]:
    """Products of two languages with brands, categories, options, prices, sales and stars."""
    chance = random.Random(11)
    categories = [
        search.CategoryRef(
            id=uuid.uuid5(uuid.NAMESPACE_URL, f"c{n}"),
            slug=f"c{n}",
            names={"zh": f"类目{n}", "en": f"Class {n}"},
        )
        for n in range(200)
    ]
    brands = [search.BrandRef(slug=f"b{n}", names={"zh": f"牌子{n}", "en": f"Maker {n}"}) for n in range(40)]
    names = {"zh": "颜色", "en": "Colour"}
    for n in range(count):
        start = chance.randrange(len(HAN) - 8)
        reviews = chance.randrange(60)
        yield document(
            f"p{n}",
            {
                "zh": f"{chance.choice(COLOURS)[1]}{HAN[start : start + 8]} {n} 号",
                "en": f"{chance.choice(goods.WORDS)} {chance.choice(goods.WORDS)} {chance.choice(goods.NOUNS)} {n}",
            },
            codes=(f"B{n:07d}", f"B{n:07d}-0"),
            brand=chance.choice(brands),
            categories=(categories[0], chance.choice(categories[1:])),
            traits=tuple(
                search.Trait(code="colour", names=names, value=code, value_names={"zh": zh, "en": en})
                for code, zh, en in COLOURS[: chance.randint(1, 3)]
            ),
            price=chance.randrange(500, 99_900),
            stock=chance.choice(("in_stock", "in_stock", "in_stock", "low", "sold_out")),
            sold=chance.randrange(300),
            review_count=reviews,
            review_sum=reviews * 4,
        )


def build(documents: Sequence[search.Document]) -> tuple[search.Index, float]:
    began = time.perf_counter()
    index = search.open_index()
    for start in range(0, len(documents), 500):
        index.put(documents[start : start + 500], now=NOW)
    index.commit()
    index.ready = True
    return index, time.perf_counter() - began


def timed(work: Callable[[str], object], asked: Sequence[str]) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds."""
    took = []
    for one in asked:
        began = time.perf_counter()
        work(one)
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return statistics.median(took), took[int(len(took) * 0.99)]


def measure_speed(products: int, queries: int) -> None:
    documents = list(made_up(products))
    index, seconds = build(documents)
    print(f"build    {products:>7,} products   {seconds:6.2f} s   {products / seconds:,.0f} a second")
    changed = list(made_up(500))
    began = time.perf_counter()
    index.put([search.Document(**{**_fields(d), "price": 1}) for d in changed], now=NOW)
    index.commit()
    print(f"refresh      500 changed     {(time.perf_counter() - began) * 1000:6.0f} ms")
    chance = random.Random(5)
    words = [chance.choice(goods.WORDS) for _ in range(queries)]
    two = [f"{chance.choice(goods.WORDS)} {chance.choice(goods.NOUNS)}" for _ in range(queries)]
    han = [HAN[n : n + 4] for n in (chance.randrange(len(HAN) - 4) for _ in range(queries))]
    wrong = [word[:2] + word[3:] for word in words]
    filters = search.Filters()

    def find(asked: str) -> object:
        return index.find(text=asked + " " * chance.randrange(40), filters=filters)

    def browse(asked: str) -> object:
        return index.find(
            text=None, filters=search.Filters(price=(len(asked), chance.randrange(10_000, 90_000)))
        )

    kinds: list[tuple[str, Callable[[str], object], list[str]]] = [
        ("one word, with facets", find, words),
        ("two words, with facets", find, two),
        ("Chinese, with facets", find, han),
        ("one letter missing", find, wrong[: queries // 3]),
        ("no words, all facets", browse, words[: queries // 3]),
        ("suggestion", lambda asked: index.suggest(text=asked[:4], lang="en"), words),
        ("suggestion, Chinese", lambda asked: index.suggest(text=asked[:2], lang="zh"), han),
    ]
    for name, work, asked in kinds:
        median, p99 = timed(work, asked)
        print(f"ask      {name:<24} p50 {median:6.2f} ms   p99 {p99:6.2f} ms")


def _fields(one: search.Document) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


def ndcg(found: Sequence[str], grades: dict[str, int]) -> float:
    """Gain 2^grade − 1, discount log2(rank + 1) (Burges et al. 2005)."""
    gains = [(2 ** grades.get(one, 0) - 1) / math.log2(rank + 2) for rank, one in enumerate(found[:TOP])]
    ideal = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:TOP]
    best = sum(gain / math.log2(rank + 2) for rank, gain in enumerate(ideal))
    return sum(gains) / best if best else 0.0


def measure_judged(folder: Path) -> None:
    with gzip.open(folder / "products.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    judged: dict[str, dict[str, int]] = {}
    with (folder / "judgments.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            judged.setdefault(row["query"], {})[row["docid"]] = int(row["rating"])
    index, seconds = build([_icecat(row) for row in rows])
    ours = statistics.fmean(
        ndcg(
            [
                _slug(index, one)
                for one in index.find(text=query, filters=search.Filters(), limit=TOP).product_ids
            ],
            grades,
        )
        for query, grades in judged.items()
    )
    plain = _plain(rows)
    base = statistics.fmean(ndcg(plain(query), grades) for query, grades in judged.items())
    print(
        f"judged   {len(judged)} queries, {len(rows):,} products (built in {seconds:.1f} s)   "
        f"NDCG@10 {ours:.3f}   plain BM25 {base:.3f}"
    )


def _icecat(row: dict[str, Any]) -> search.Document:
    brand = (
        search.BrandRef(slug=row["supplier"].lower(), names={"en": row["supplier"]})
        if row.get("supplier")
        else None
    )
    traits = tuple(
        search.Trait(code=name.removeprefix("attr_t_"), names={}, value=str(value))
        for name, value in row.items()
        if name.startswith("attr_t_") and isinstance(value, str) and len(value) < 80
    )
    return document(
        row["id"],
        {"en": row.get("title") or row["name"]},
        subtitles={"en": row["short_description"]} if row.get("short_description") else {},
        codes=(row["name"], *(row.get("ean") or ())),
        brand=brand,
        traits=traits,
        price=row.get("price"),
    )


def _slug(index: search.Index, product_id: uuid.UUID) -> str:
    return index.slug_of(product_id) or ""


def _plain(rows: Sequence[dict[str, Any]]) -> Callable[[str], list[str]]:
    """BM25 as it comes: the engine's English analyser over title and description in one field."""
    schema = (
        tantivy.SchemaBuilder()
        .add_text_field("id", stored=True)
        .add_text_field("body", tokenizer_name="en_stem")
        .build()
    )
    index = tantivy.Index(schema)
    writer = index.writer(64_000_000, 1)
    for row in rows:
        body = " ".join(
            str(row.get(name) or "") for name in ("title", "name", "supplier", "short_description")
        )
        writer.add_document(tantivy.Document(id=row["id"], body=body))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def ask(query: str) -> list[str]:
        parsed, _ = index.parse_query_lenient(query, ["body"])
        return [searcher.doc(at)["id"][0] for _, at in searcher.search(parsed, TOP).hits]

    return ask


def measure_chinese(folder: Path) -> None:
    titles: dict[str, None] = {}
    for file, field in (
        ("litemall/goods.jsonl.gz", "name"),
        ("newbee_mall/goods_info.jsonl.gz", "goods_name"),
    ):
        with gzip.open(folder / file, "rt", encoding="utf-8") as lines:
            titles.update(dict.fromkeys(json.loads(line)[field] for line in lines))
    index, _ = build([document(f"t{n}", {"zh": title}) for n, title in enumerate(titles)])
    chance = random.Random(3)
    traditional = {simple: chr(old) for old, simple in SIMPLIFIED.items()}
    alike = _homophones("".join(titles))
    tally: dict[str, list[bool]] = {}
    for n, title in enumerate(titles):
        words = [
            word
            for run in text.runs(text.fold(title))
            if run.kind == "han"
            for word in text.cut(run.text)
            if len(word) > 1
        ]
        if len(words) < 2:
            continue
        pair = chance.sample(words, 2)
        asked = {
            "two words": " ".join(pair),
            "pinyin": " ".join("".join(lazy_pinyin(word)) for word in pair),
            "initials": " ".join("".join(one[0] for one in lazy_pinyin(word)) for word in pair),
            "traditional": "".join(traditional.get(one, one) for one in " ".join(pair)),
            "wrong character": _mistyped(pair, alike, chance),
        }
        same = {other for other in titles if all(word in other for word in pair)}
        for kind, query in asked.items():
            found = index.find(text=query, filters=search.Filters(), limit=3, facets=False).product_ids
            slugs = {index.slug_of(one) for one in found}
            # A title that has the same two words is as right an answer.
            right = f"t{n}" in slugs or any(f"t{list(titles).index(one)}" in slugs for one in same)
            tally.setdefault(kind, []).append(right)
    for kind, hits in tally.items():
        print(f"chinese  {kind:<16} {len(hits)} queries   in the first three {sum(hits) / len(hits):6.1%}")


def _homophones(letters: str) -> dict[str, list[str]]:
    by_sound: dict[str, set[str]] = {}
    for one in letters:
        if text.is_han(one):
            by_sound.setdefault(lazy_pinyin(one)[0], set()).add(one)
    return {one: sorted(others - {one}) for others in by_sound.values() for one in others}


def _mistyped(pair: Sequence[str], alike: dict[str, list[str]], chance: random.Random) -> str:
    first = pair[0]
    places = [n for n, one in enumerate(first) if alike.get(one)]
    if not places:
        return " ".join(pair)
    n = chance.choice(places)
    return f"{first[:n]}{chance.choice(alike[first[n]])}{first[n + 1 :]} {pair[1]}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=3_000)
    parser.add_argument("--judged", type=Path, default=Path("../shared/data/icecat_electronics"))
    parser.add_argument("--chinese", type=Path, default=Path("../shared/data/cn_catalog"))
    given = parser.parse_args()
    measure_speed(given.products, given.queries)
    for folder, measure in ((given.judged, measure_judged), (given.chinese, measure_chinese)):
        if folder.is_dir():
            measure(folder)
        else:
            print(f"left out: there is no {folder.name} to judge by")


if __name__ == "__main__":
    main()
