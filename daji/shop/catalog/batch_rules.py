"""What a source row must look like by itself, and how its choice of options fits the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from daji.kit.money import LIMIT, UnknownCurrency, exponent
from daji.kit.problems import FieldProblem
from daji.shop.catalog import rules
from daji.shop.catalog.facts import Option, OptionValue, Product, Sku, Text
from daji.shop.catalog.ports import CatalogueRow

MAX_BATCH = 1_000
MAX_DEPTH = 10
MAX_STOCK = 1_000_000_000
MAX_ATTRIBUTES = 200

Found = list[FieldProblem]


def check_row(row: CatalogueRow) -> Found:
    """List what is wrong with one row, whatever else the catalogue holds."""
    if not rules.storable(row):
        return [FieldProblem(pointer="", code="catalog.not_storable")]
    found = rules.check_code(row.product_code, "product_code") + rules.check_code(row.sku_code, "sku_code")
    if row.titles:
        found += rules.check_texts(
            {
                lang: Text(
                    title=title,
                    subtitle=row.subtitles.get(lang, ""),
                    description=row.descriptions.get(lang, ""),
                )
                for lang, title in row.titles.items()
            }
        )
        found += _check_category(row)
    if row.brand is not None:
        found += rules.check_code(row.brand.code, "brand") + rules.check_names(row.brand.names, "brand/names")
    if len(row.attributes) > MAX_ATTRIBUTES:
        found.append(
            FieldProblem(pointer="attributes", code="catalog.too_many", params={"maximum": MAX_ATTRIBUTES})
        )
    if len(row.image_names) > rules.MAX_MEDIA:
        found.append(
            FieldProblem(pointer="image_names", code="catalog.too_many", params={"maximum": rules.MAX_MEDIA})
        )
    for name, value in row.option_values.items():
        found += rules.check_code(name, "option_values") + rules.check_code(value, f"option_values/{name}")
    found += rules.check_measures(weight_g=row.weight_g, size_mm=row.size_mm, barcode=row.barcode, pointer="")
    return found + _check_numbers(row)


def _check_category(row: CatalogueRow) -> Found:
    if not row.category_path:
        return [FieldProblem(pointer="category_path", code="required")]
    if len(row.category_path) > MAX_DEPTH:
        return [FieldProblem(pointer="category_path", code="catalog.too_deep", params={"maximum": MAX_DEPTH})]
    return [
        problem
        for index, (code, names) in enumerate(row.category_path)
        for problem in (
            *rules.check_code(code, f"category_path/{index}"),
            *rules.check_names(names, f"category_path/{index}/names"),
        )
    ]


def _check_numbers(row: CatalogueRow) -> Found:
    found: Found = []
    if row.price is not None:
        if not 0 <= row.price <= LIMIT:
            found.append(FieldProblem(pointer="price", code="catalog.out_of_range"))
        try:
            exponent(row.currency or "")
        except UnknownCurrency:
            found.append(FieldProblem(pointer="currency", code="catalog.unknown_currency"))
        if row.compare_at is not None and not row.price < row.compare_at <= LIMIT:
            found.append(FieldProblem(pointer="compare_at", code="catalog.not_above_price"))
    if row.stock is not None and not 0 <= row.stock <= MAX_STOCK:
        found.append(
            FieldProblem(pointer="stock", code="catalog.out_of_range", params={"maximum": MAX_STOCK})
        )
    return found


def choose(
    product: Product, wanted: Mapping[str, str]
) -> tuple[tuple[Option, ...], dict[str, str], FieldProblem | None]:
    """Fit a row's options, written as people read them, to the product's; new values are added.

    Gives the options afterwards, the choice as codes, and what is wrong. An option or value is known by its code or
    by its name in any language. The first SKU decides which options a product has.
    """
    options = product.options
    if not product.skus and not options:
        options = tuple(_option(name) for name in wanted)
        if len(options) > rules.MAX_OPTIONS:
            problem = FieldProblem(
                pointer="option_values", code="catalog.too_many", params={"maximum": rules.MAX_OPTIONS}
            )
            return product.options, {}, problem
    fitted: list[Option] = []
    chosen: dict[str, str] = {}
    used = 0
    for option in options:
        text = next((value for name, value in wanted.items() if _is_called(option, name)), None)
        if text is None:
            return product.options, {}, FieldProblem(pointer="option_values", code="catalog.options_differ")
        used += 1
        value = next((one for one in option.values if _is_called(one, text)), None)
        if value is None:
            value = OptionValue(code=text, names=_names(text))
            if len(option.values) >= rules.MAX_VALUES:
                problem = FieldProblem(
                    pointer="option_values", code="catalog.too_many", params={"maximum": rules.MAX_VALUES}
                )
                return product.options, {}, problem
            option = msgspec.structs.replace(option, values=(*option.values, value))  # noqa: PLW2901 - rebuilt
        fitted.append(option)
        chosen[option.code] = value.code
    if used != len(wanted):
        return product.options, {}, FieldProblem(pointer="option_values", code="catalog.options_differ")
    return tuple(fitted), chosen, None


def clash(
    product: Product, chosen: Mapping[str, str], standing: Sku | None, at_first: Sequence[Sku]
) -> FieldProblem | None:
    """Tell what hinders a SKU with this choice: another active one that has it, or too many already.

    `at_first` are the product's SKUs before the batch: a choice that one SKU leaves in a batch can be taken by a
    standing one in the next only, since one statement writes all changes and the unique index looks at each.
    """
    if standing is None and len(product.skus) >= rules.MAX_SKUS:
        return FieldProblem(pointer="sku_code", code="catalog.too_many", params={"maximum": rules.MAX_SKUS})
    if standing is not None and standing.status != "active":
        return None
    others = product.skus if standing is None else (*product.skus, *at_first)
    for sku in others:
        if (
            sku.code != (standing.code if standing else None)
            and sku.status == "active"
            and sku.option_values == chosen
        ):
            return FieldProblem(
                pointer="option_values", code="catalog.options_taken", params={"sku": sku.code}
            )
    return None


def _option(name: str) -> Option:
    return Option(code=name, names=_names(name), values=())


def _names(text: str) -> dict[str, str]:
    """Names by language of a text whose language a source does not tell: the same in both."""
    return {"zh": text, "en": text}


def _is_called(thing: Option | OptionValue, text: str) -> bool:
    return thing.code == text or text in thing.names.values()
