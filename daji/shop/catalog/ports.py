"""What the catalogue asks of a file reader: rows, or what is wrong with them, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from daji.shop.catalog.facts import UploadColumn

__all__ = [
    "BrandRef",
    "CatalogueRow",
    "CatalogueSource",
    "Look",
    "RowError",
    "TableFiles",
    "UnreadableFile",
    "UploadColumn",
]


class BrandRef(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    names: dict[str, str]


class CatalogueRow(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU of a product as a source tells it; texts by language, codes are the source's own.

    Rows of one product repeat what belongs to the product, or leave `titles` empty to add a SKU to what earlier
    rows said. `category_path` runs from the root, each (code, names). `option_values` are texts as people read
    them. `price` is in minor units of `currency`; None: no price known. `stock` is what there is at first;
    None: unknown. `seller_code` None: the shop itself. `list_now` puts a new product up for sale at once.
    """

    product_code: str
    sku_code: str
    category_path: tuple[tuple[str, dict[str, str]], ...]
    titles: dict[str, str]
    seller_code: str | None = None
    brand: BrandRef | None = None
    subtitles: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    attributes: dict[str, Any] = {}
    option_values: dict[str, str] = {}
    price: int | None = None
    compare_at: int | None = None
    currency: str | None = None
    weight_g: int = 0
    size_mm: tuple[int, int, int] | None = None
    stock: int | None = None
    barcode: str | None = None
    image_names: tuple[str, ...] = ()
    list_now: bool = False


class RowError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row was not taken: its line in the source, the field (name or JSON pointer), a code and parameters."""

    line: int
    field: str
    code: str
    params: Mapping[str, Any] = {}


class CatalogueSource(Protocol):
    """A file or folder of goods. `rows` may be called again and gives the same rows in the same order."""

    @property
    def name(self) -> str:
        """What to call the source in a job list."""
        ...

    def digest(self) -> str:
        """Hex digest of the content: what was imported once is known by it."""
        ...

    def rows(self) -> Iterator[tuple[int, CatalogueRow | RowError]]:
        """(line, row or what is wrong with it), one at a time; lines count from 1."""
        ...


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a first look at a file of goods finds: its columns and how many rows stand below them."""

    columns: tuple[UploadColumn, ...]
    rows: int


class UnreadableFile(Exception):
    """No text, or no table in it; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TableFiles(Protocol):
    """Reader of tables whose columns bear whatever names their makers gave them."""

    def look(self, path: Path) -> Look:
        """Find the columns and guess what they are. Raises UnreadableFile."""
        ...

    def open(
        self, path: Path, *, mapping: Mapping[str, str], lang: str, currency: str, name: str, digest: str
    ) -> CatalogueSource:
        """Read the file with its columns taken for what `mapping` says; those mapped to "" are left out."""
        ...
