"""How the columns of a table of goods become a row of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from daji.adapters.catalogue.files import Refused, amount
from daji.shop.catalog.ports import BrandRef, CatalogueRow

PLAIN = (
    "product_code",
    "sku_code",
    "seller_code",
    "category",
    "brand",
    "title",
    "subtitle",
    "description",
    "price",
    "compare_at",
    "currency",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "stock",
    "barcode",
    "images",
    "list",
)
_BY_LANGUAGE = ("title", "subtitle", "description", "category", "brand")
_FREE = ("option", "attribute")
_YES = frozenset({"1", "true", "yes", "y", "是"})
_NO = frozenset({"", "0", "false", "no", "n", "否"})
_WHOLE = re.compile(r"[0-9]{1,12}")
_LANGUAGE = re.compile(r"[a-z]{2}")


def unknown_column(name: str) -> bool:
    if not name or name in PLAIN:
        return False
    kind, _, rest = name.partition(".")
    return not ((kind in _FREE and rest) or (kind in _BY_LANGUAGE and _LANGUAGE.fullmatch(rest)))


def row_of(flat: Mapping[str, Any], *, lang: str, currency: str) -> CatalogueRow:
    """Read one line's columns. Raises Refused with the column's name."""
    product_code = _text(flat, "product_code")
    if not product_code:
        raise Refused("product_code", "required")
    money = _text(flat, "currency") or currency
    return CatalogueRow(
        product_code=product_code,
        sku_code=_text(flat, "sku_code") or product_code,
        seller_code=_text(flat, "seller_code") or None,
        category_path=_category(flat),
        brand=_brand(flat),
        titles=_by_language(flat, "title", lang),
        subtitles=_by_language(flat, "subtitle", lang),
        descriptions=_by_language(flat, "description", lang),
        attributes={
            name.partition(".")[2]: value.strip() if isinstance(value, str) else value
            for name, value in flat.items()
            if name.startswith("attribute.") and value not in (None, "")
        },
        option_values={
            name.partition(".")[2]: text
            for name in flat
            if name.startswith("option.") and (text := _text(flat, name))
        },
        price=_amount(flat, "price", money),
        compare_at=_amount(flat, "compare_at", money),
        currency=money,
        weight_g=_whole(flat, "weight_g") or 0,
        size_mm=_size(flat),
        stock=_whole(flat, "stock"),
        barcode=_text(flat, "barcode") or None,
        image_names=tuple(name for part in _text(flat, "images").split("|") if (name := part.strip())),
        list_now=_flag(flat, "list"),
    )


def _text(flat: Mapping[str, Any], name: str) -> str:
    value = flat.get(name)
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        raise Refused(name, "wrong_type")
    return str(value).strip()


def _by_language(flat: Mapping[str, Any], name: str, lang: str) -> dict[str, str]:
    found = {lang: text} if (text := _text(flat, name)) else {}
    for column in flat:
        if column.startswith(f"{name}.") and (text := _text(flat, column)):
            found[column.partition(".")[2]] = text
    return found


def _category(flat: Mapping[str, Any]) -> tuple[tuple[str, dict[str, str]], ...]:
    codes = _parts(_text(flat, "category"))
    names: list[dict[str, str]] = [{} for _ in codes]
    for column in flat:
        if column.startswith("category.") and (text := _text(flat, column)):
            told = _parts(text)
            if len(told) != len(codes):
                raise Refused(column, "catalog.does_not_fit_category")
            for level, name in enumerate(told):
                names[level][column.partition(".")[2]] = name
    return tuple((code, named or {"zh": code, "en": code}) for code, named in zip(codes, names, strict=True))


def _parts(text: str) -> list[str]:
    return [name for part in text.split(">") if (name := part.strip())]


def _brand(flat: Mapping[str, Any]) -> BrandRef | None:
    code = _text(flat, "brand")
    if not code:
        return None
    names = {
        column.partition(".")[2]: text
        for column in flat
        if column.startswith("brand.") and (text := _text(flat, column))
    }
    return BrandRef(code=code, names=names or {"zh": code, "en": code})


def _amount(flat: Mapping[str, Any], name: str, currency: str) -> int | None:
    text = _text(flat, name)
    return amount(text, currency, name) if text else None


def _whole(flat: Mapping[str, Any], name: str) -> int | None:
    text = _text(flat, name)
    if not text:
        return None
    if not _WHOLE.fullmatch(text):
        raise Refused(name, "catalog.not_whole")
    return int(text)


def _size(flat: Mapping[str, Any]) -> tuple[int, int, int] | None:
    length, width, height = (_whole(flat, name) for name in ("length_mm", "width_mm", "height_mm"))
    if length is None or width is None or height is None:
        if (length, width, height) != (None, None, None):
            raise Refused("length_mm", "catalog.sizes_incomplete")
        return None
    return length, width, height


def _flag(flat: Mapping[str, Any], name: str) -> bool:
    value = flat.get(name)
    text = str(value).strip().lower() if value is not None else ""
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Refused(name, "catalog.not_yes_or_no")
