"""What products, options and SKUs may look like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from daji.kit.problems import FieldProblem
from daji.shop.catalog import naming
from daji.shop.catalog.facts import MediaRef, NewSku, Option, Sku, Text

MAX_CODE = 120
MAX_NAME = 200
MAX_SUBTITLE = 400
MAX_DESCRIPTION = 50_000
MAX_OPTIONS = 5
MAX_VALUES = 200
MAX_SKUS = 500
MAX_MEDIA = 50
MAX_WEIGHT_G = 2_000_000_000
MAX_SIZE_MM = 100_000
MAX_BARCODE = 64
MAX_JSON_BYTES = 262_144
_LANGUAGE_CHARS = 2

Found = list[FieldProblem]


def storable(value: object) -> bool:
    r"""Tell whether PostgreSQL can keep the value: no `\u0000`, no lone surrogate, not huge."""
    try:
        encoded = msgspec.json.encode(value)
    except (UnicodeEncodeError, ValueError, TypeError, RecursionError):
        return False
    # An escaped backslash before u0000 is a harmless text of six characters; refusing it too costs nobody a product.
    return b"\\u0000" not in encoded and len(encoded) <= MAX_JSON_BYTES


def check_code(code: str, pointer: str) -> Found:
    if not code or code != code.strip() or len(code) > MAX_CODE:
        return [FieldProblem(pointer=pointer, code="catalog.bad_code", params={"maximum": MAX_CODE})]
    return []


def check_slug(slug: str, pointer: str) -> Found:
    if len(slug) > naming.MAX_SLUG or not naming.SLUG.fullmatch(slug):
        return [FieldProblem(pointer=pointer, code="catalog.bad_slug")]
    return []


def check_names(names: Mapping[str, str], pointer: str) -> Found:
    """Check a name by language: at least one, each between 1 and 200 characters."""
    if not names:
        return [FieldProblem(pointer=pointer, code="required")]
    found: Found = []
    for lang, name in names.items():
        if not _is_language(lang):
            found.append(FieldProblem(pointer=f"{pointer}/{lang}", code="catalog.bad_language"))
        found += _check_line(name, f"{pointer}/{lang}")
    return found


def _check_line(text: str, pointer: str) -> Found:
    """Check a title or name: something, and at most 200 characters."""
    if not text.strip():
        return [FieldProblem(pointer=pointer, code="required")]
    if len(text) > MAX_NAME:
        return [FieldProblem(pointer=pointer, code="too_long", params={"maximum": MAX_NAME})]
    return []


def check_texts(texts: Mapping[str, Text]) -> Found:
    if not texts:
        return [FieldProblem(pointer="/texts", code="required")]
    found: Found = []
    for lang, text in texts.items():
        at = f"/texts/{lang}"
        if not _is_language(lang):
            found.append(FieldProblem(pointer=at, code="catalog.bad_language"))
        found += _check_line(text.title, f"{at}/title")
        for name, value, maximum in (
            ("subtitle", text.subtitle, MAX_SUBTITLE),
            ("description", text.description, MAX_DESCRIPTION),
        ):
            if len(value) > maximum:
                found.append(
                    FieldProblem(pointer=f"{at}/{name}", code="too_long", params={"maximum": maximum})
                )
    return found


def check_options(options: Sequence[Option]) -> Found:
    found: Found = []
    if len(options) > MAX_OPTIONS:
        found.append(
            FieldProblem(pointer="/options", code="catalog.too_many", params={"maximum": MAX_OPTIONS})
        )
    if len({option.code for option in options}) != len(options):
        found.append(FieldProblem(pointer="/options", code="catalog.duplicate"))
    for index, option in enumerate(options):
        at = f"/options/{index}"
        found += check_code(option.code, f"{at}/code") + check_names(option.names, f"{at}/names")
        if not 1 <= len(option.values) <= MAX_VALUES:
            found.append(
                FieldProblem(pointer=f"{at}/values", code="catalog.count", params={"maximum": MAX_VALUES})
            )
        if len({value.code for value in option.values}) != len(option.values):
            found.append(FieldProblem(pointer=f"{at}/values", code="catalog.duplicate"))
        for number, value in enumerate(option.values):
            here = f"{at}/values/{number}"
            found += check_code(value.code, f"{here}/code") + check_names(value.names, f"{here}/names")
    return found


def check_media(media: Sequence[MediaRef]) -> Found:
    if len(media) > MAX_MEDIA:
        return [FieldProblem(pointer="/media", code="catalog.too_many", params={"maximum": MAX_MEDIA})]
    if len({one.media_id for one in media}) != len(media):
        return [FieldProblem(pointer="/media", code="catalog.duplicate")]
    models = [number for number, one in enumerate(media) if one.kind == "model3d"]
    if models and (len(models) > 1 or models[0] == 0):
        return [FieldProblem(pointer=f"/media/{models[-1]}", code="catalog.model_place")]
    return []


def check_sku(sku: NewSku, options: Sequence[Option], pointer: str) -> Found:
    """Check one SKU against the options of its product: it chooses one value of each."""
    found = check_code(sku.code, f"{pointer}/code") + check_measures(
        weight_g=sku.weight_g, size_mm=sku.size_mm, barcode=sku.barcode, pointer=pointer
    )
    return found + check_choice(sku.option_values, options, f"{pointer}/option_values")


def check_measures(
    *, weight_g: int, size_mm: tuple[int, int, int] | None, barcode: str | None, pointer: str
) -> Found:
    found: Found = []
    if not 0 <= weight_g <= MAX_WEIGHT_G:
        found.append(FieldProblem(pointer=f"{pointer}/weight_g", code="catalog.out_of_range"))
    if size_mm is not None and not all(0 < side <= MAX_SIZE_MM for side in size_mm):
        found.append(FieldProblem(pointer=f"{pointer}/size_mm", code="catalog.out_of_range"))
    if barcode is not None and not 0 < len(barcode) <= MAX_BARCODE:
        found.append(
            FieldProblem(pointer=f"{pointer}/barcode", code="too_long", params={"maximum": MAX_BARCODE})
        )
    return found


def check_choice(chosen: Mapping[str, str], options: Sequence[Option], pointer: str) -> Found:
    known = {option.code: {value.code for value in option.values} for option in options}
    found = [
        FieldProblem(pointer=f"{pointer}/{code}", code="required") for code in known if code not in chosen
    ]
    found += [
        FieldProblem(pointer=f"{pointer}/{code}", code="catalog.unknown_option")
        for code, value in chosen.items()
        if value not in known.get(code, ())
    ]
    return found


def check_skus(skus: Sequence[NewSku], options: Sequence[Option]) -> Found:
    """Check the SKUs of a new product together: codes and choices must differ."""
    found: Found = []
    if len(skus) > MAX_SKUS:
        found.append(FieldProblem(pointer="/skus", code="catalog.too_many", params={"maximum": MAX_SKUS}))
    codes: set[str] = set()
    choices: set[frozenset[tuple[str, str]]] = set()
    for index, sku in enumerate(skus):
        at = f"/skus/{index}"
        found += check_sku(sku, options, at)
        choice = frozenset(sku.option_values.items())
        if sku.code in codes:
            found.append(FieldProblem(pointer=f"{at}/code", code="catalog.duplicate"))
        if choice in choices:
            found.append(FieldProblem(pointer=f"{at}/option_values", code="catalog.duplicate"))
        codes.add(sku.code)
        choices.add(choice)
    return found


def check_standing_skus(skus: Sequence[Sku], options: Sequence[Option]) -> Found:
    """Check that changed options leave every active SKU a valid choice."""
    return [
        problem
        for sku in skus
        if sku.status == "active"
        for problem in check_choice(sku.option_values, options, f"/skus/{sku.code}/option_values")
    ]


def option_texts(
    languages: Sequence[str], options: Sequence[Option], chosen: Mapping[str, str]
) -> dict[str, str]:
    """Write a choice in words for each language; a name that a language lacks is taken from another."""
    return {lang: " / ".join(_choice(lang, options, chosen)) for lang in languages}


def _choice(lang: str, options: Sequence[Option], chosen: Mapping[str, str]) -> list[str]:
    colon = "：" if lang == "zh" else ": "
    return [
        f"{in_language(option.names, lang)}{colon}{in_language(value.names, lang)}"
        for option in options
        for value in option.values
        if chosen.get(option.code) == value.code
    ]


def in_language(names: Mapping[str, str], lang: str) -> str:
    """Pick the text for a reader: theirs, else English, else Chinese, else any."""
    for wanted in (lang, "en", "zh"):
        if names.get(wanted):
            return names[wanted]
    return next(iter(names.values()), "")


def diff(before: msgspec.Struct, after: msgspec.Struct, fields: Sequence[str]) -> dict[str, list[Any]]:
    """List the fields that differ as [before, after], in plain JSON values."""
    return {
        name: [msgspec.to_builtins(getattr(before, name)), msgspec.to_builtins(getattr(after, name))]
        for name in fields
        if getattr(before, name) != getattr(after, name)
    }


def _is_language(lang: str) -> bool:
    return len(lang) == _LANGUAGE_CHARS and lang.isascii() and lang.islower()
