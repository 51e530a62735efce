"""What all readers share: lines of packed files, digests, amounts as text, and text without markup."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from daji.kit.money import BadAmount, UnknownCurrency, parse_amount
from daji.shop.catalog.ports import CatalogueRow, RowError

Item = tuple[int, CatalogueRow | RowError]

_BLOCK = 1 << 20
_ANCHOR = re.compile(r"<a\b[^>]*>.*?(?:</a\s*>|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"\s+")


class Refused(Exception):
    """Why a row cannot be read."""

    def __init__(self, field: str, code: str, **params: object) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
        self.params = params

    def at(self, line: int) -> RowError:
        return RowError(line=line, field=self.field, code=self.code, params=self.params)


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, unpacked when its name ends in `.gz`."""
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def digest_of(name: str, paths: Iterable[Path]) -> str:
    """SHA-256 of a reader's name and its files' bytes, read in blocks."""
    state = hashlib.sha256(name.encode())
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                state.update(block)
    return state.hexdigest()


def objects(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a JSON Lines file; fractions stay text, since prices may be among them."""
    with open_bytes(path) as file:
        for line in file:
            if line.strip():
                yield json.loads(line, parse_float=str)


def records(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, record) of a CSV file with a header, in UTF-8."""
    with open_bytes(path) as file:
        reader = csv.DictReader(text.decode("utf-8-sig") for text in file)
        for record in reader:
            yield reader.line_num, record


def amount(value: object, currency: str, field: str = "price") -> int:
    """Read major units, written as text or as a whole number, as minor units. Raises Refused."""
    try:
        return parse_amount(str(value), currency)
    except (BadAmount, UnknownCurrency) as problem:
        raise Refused(field, f"catalog.{problem.code}", **dict(problem.params)) from None


def plain(text: str | None) -> str:
    """Take links away with their words, which advertise elsewhere, and all other markup; one line, trimmed."""
    return _SPACE.sub(" ", _TAG.sub("", _ANCHOR.sub("", text or ""))).strip()


def guarded(items: Iterable[Any], read: Callable[[Any], CatalogueRow]) -> Iterator[Item]:
    """Number the items from 1 and read each; one that cannot be read becomes its RowError."""
    for line, item in enumerate(items, start=1):
        try:
            yield line, read(item)
        except Refused as refused:
            yield line, refused.at(line)
        except (KeyError, ValueError, TypeError) as error:
            yield (
                line,
                RowError(line=line, field="", code="catalog.malformed", params={"reason": str(error)[:200]}),
            )


def tree_path(
    categories: dict[int, dict[str, Any]], leaf: int, *, parent: str, name: str, prefix: str
) -> tuple[tuple[str, dict[str, str]], ...]:
    """Walk from the root to `leaf`; empty when it is unknown. A circle ends the walk."""
    path: list[tuple[str, dict[str, str]]] = []
    seen: set[int] = set()
    at = leaf
    while at in categories and at not in seen:
        seen.add(at)
        node = categories[at]
        path.append((f"{prefix}{at}", {"zh": plain(node[name])}))
        at = node[parent]
    return tuple(reversed(path))
