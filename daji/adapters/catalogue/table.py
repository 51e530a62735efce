"""A table of goods in a file: CSV with a header, or JSON Lines with one object a line; either may be gzipped.

One line is one SKU. Columns (JSON Lines: keys, where `title.zh` may also be `{"title": {"zh": …}}`):

| column | meaning |
| --- | --- |
| `product_code` | needed; lines of one product bear the same |
| `sku_code` | the product's code when absent |
| `seller_code` | the shop itself when absent |
| `category` | codes from the root, `a > b > c`; `category.zh`, `category.en` name them in the same way |
| `brand` | code; `brand.zh`, `brand.en` name it |
| `title.zh`, `title.en` | names; plain `title` is in the language given. None at all: a further SKU of the product |
| `subtitle.…`, `description.…` | likewise |
| `price`, `compare_at` | in major units, `1299.00`, no thousands separators |
| `currency` | ISO 4217; the one given when absent |
| `weight_g`, `length_mm`, `width_mm`, `height_mm` | whole numbers |
| `stock` | whole number, taken when the SKU is new |
| `barcode`, `images` | names of pictures are parted by `|` |
| `list` | `1`, `true`, `yes` or `是` puts a new product up for sale |
| `option.颜色` | value of an option the SKUs differ by |
| `attribute.材质` | attribute of the product; in JSON Lines of any type |

CSV may be UTF-8 (with or without a byte order mark) or GB18030, as spreadsheets in China write it; fields are parted by
comma, semicolon or tab. A column that is none of these is told as an error of the header line and otherwise ignored. A
bad line is told with its number and field, and the others are read.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from daji.adapters.catalogue import files
from daji.adapters.catalogue.columns import PLAIN, row_of, unknown_column
from daji.kit import cells as cells_
from daji.shop.catalog.ports import RowError

_ENCODINGS = ("utf-8-sig", "gb18030")
_MAX_LINE = 1_000_000
_BLOCK = 1 << 20
_DELIMITERS = ",;\t"
_NESTED = ("title", "subtitle", "description", "category", "brand", "option", "attribute")


class Table:
    """Reader of one file; `.jsonl`, `.ndjson` (and `.gz` of them) are JSON Lines, all else is CSV.

    `rename` says which of the columns above each column of the file is, and leaves those out that it does not name.
    """

    def __init__(
        self,
        path: Path,
        *,
        lang: str = "zh",
        currency: str = "CNY",
        rename: Mapping[str, str] | None = None,
        name: str | None = None,
        digest: str | None = None,
    ) -> None:
        self._path = path
        self._lang = lang
        self._currency = currency
        self._rename = rename
        self._digest = digest
        self.name = name or path.name

    def digest(self) -> str:
        return self._digest or files.digest_of(f"table {self._lang} {self._currency}", (self._path,))

    def rows(self) -> Iterator[files.Item]:
        kind = Path(self._path.stem).suffix if self._path.suffix == ".gz" else self._path.suffix
        with opened(self._path) as text:
            if text is None:
                yield 1, RowError(line=1, field="", code="catalog.not_text")
            else:
                yield from self._objects(text) if kind in (".jsonl", ".ndjson") else self._records(text)

    def _called(self, name: str) -> str:
        return name if self._rename is None else self._rename.get(name, "")

    def _records(self, text: IO[str]) -> Iterator[files.Item]:
        header: list[str] | None = None
        for line, record in read_records(text):
            if isinstance(record, str):
                yield (
                    line,
                    RowError(line=line, field="", code="catalog.malformed", params={"reason": record}),
                )
            elif header is None:
                header = [self._called(name.strip()) for name in record]
                yield from _header_errors(header)
                if "product_code" not in header:
                    return
            elif len(record) > len(header):
                yield (
                    line,
                    RowError(
                        line=line, field="", code="catalog.too_many_columns", params={"maximum": len(header)}
                    ),
                )
            elif any(value.strip() for value in record):
                cells = (cells_.plain(value) for value in record)
                yield line, self._read(line, dict(zip(header, cells, strict=False)))

    def _objects(self, text: IO[str]) -> Iterator[files.Item]:
        for line, given in enumerate(_lines(text), start=1):
            if not given.strip():
                continue
            try:
                found = json.loads(given, parse_float=str, parse_constant=str)
            except (ValueError, RecursionError) as error:
                yield (
                    line,
                    RowError(
                        line=line, field="", code="catalog.malformed", params={"reason": str(error)[:200]}
                    ),
                )
                continue
            if not isinstance(found, dict):
                yield (
                    line,
                    RowError(
                        line=line, field="", code="catalog.malformed", params={"reason": "not an object"}
                    ),
                )
                continue
            flat = {self._called(name): value for name, value in flat_of(found).items()}
            strange = next((name for name in flat if unknown_column(name)), None)
            if strange is not None:
                yield line, RowError(line=line, field=strange[:100], code="catalog.unknown_column")
            else:
                yield line, self._read(line, flat)

    def _read(self, line: int, flat: dict[str, Any]) -> Any:
        try:
            return row_of(flat, lang=self._lang, currency=self._currency)
        except files.Refused as refused:
            return refused.at(line)


@contextmanager
def opened(path: Path) -> Iterator[IO[str] | None]:
    """Open a file as text in the encoding it is in; None when it is no text."""
    encoding = _encoding(path)
    if encoding is None:
        yield None
        return
    with files.open_bytes(path) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        yield text


def read_records(text: IO[str]) -> Iterator[tuple[int, list[str] | str]]:
    """(line, fields) of CSV, the header first; a text where the format is broken, saying how."""
    reader = csv.reader(_lines(text), delimiter=_delimiter(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, str(error)[:200]


def _encoding(path: Path) -> str | None:
    """The first encoding in which the whole file can be read, block by block; None when there is none."""
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with files.open_bytes(path) as raw:
                while block := raw.read(_BLOCK):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        except (OSError, EOFError):
            return None
        return encoding
    return None


def _delimiter(text: IO[str]) -> str:
    """The delimiter that parts the header into most fields."""
    header = text.readline(_MAX_LINE)
    text.seek(0)
    return max(_DELIMITERS, key=header.count)


def _lines(text: IO[str]) -> Iterator[str]:
    """Lines of bounded length; the rest of a longer one is a line of its own, which then reads as malformed."""
    while line := text.readline(_MAX_LINE):
        yield line


def _header_errors(header: list[str]) -> Iterator[files.Item]:
    for name in PLAIN:
        if header.count(name) > 1:
            yield 1, RowError(line=1, field=name, code="catalog.duplicate_column")
    if "product_code" not in header:
        yield 1, RowError(line=1, field="product_code", code="catalog.missing_column")
    for name in header:
        if unknown_column(name):
            yield 1, RowError(line=1, field=name[:100], code="catalog.unknown_column")


def flat_of(found: dict[str, Any]) -> dict[str, Any]:
    """Name what stands inside `title`, `option` and the like as columns: `title.zh`."""
    flat: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, dict) and name in _NESTED:
            flat |= {f"{name}.{inner}": one for inner, one in value.items()}
        else:
            flat[name] = value
    return flat
