"""Attribute schemas: JSON Schema 2020-12, merged down the category tree, one compiled validator per schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from daji.kit.problems import FieldProblem

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

MAX_SCHEMA_BYTES = 65_536
MAX_ATTRIBUTES = 200
MAX_ERRORS = 50

# Keywords that people can be told in the house's own words: (code, parameter that takes the keyword's value).
_SAID = {
    "type": ("wrong_type", None),
    "enum": ("unknown_value", "allowed"),
    "const": ("unknown_value", None),
    "minimum": ("too_small", "minimum"),
    "maximum": ("too_large", "maximum"),
    "minLength": ("too_short", "minimum"),
    "maxLength": ("too_long", "maximum"),
    "additionalProperties": ("unknown_field", None),
    "unevaluatedProperties": ("unknown_field", None),
}
_REFS = ("$ref", "$dynamicRef")


def merge(schemas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Merge the schemas from root to leaf: properties and `$defs` by name, `required` as a union, else the leaf wins.

    A conjunction (`allOf`) would not do, because each level's `additionalProperties: false` would forbid the others'
    properties.
    """
    merged: dict[str, Any] = {}
    for schema in schemas:
        for key, value in schema.items():
            if key in ("properties", "$defs", "patternProperties") and isinstance(value, Mapping):
                merged[key] = {**merged.get(key, {}), **value}
            elif key == "required":
                merged[key] = list(dict.fromkeys([*merged.get(key, []), *value]))
            else:
                merged[key] = value
    return merged


def check_schema(schema: Mapping[str, Any]) -> list[FieldProblem]:
    """List what is wrong with a schema that staff wrote; empty is well."""
    if len(msgspec.json.encode(schema)) > MAX_SCHEMA_BYTES:
        return [
            FieldProblem(pointer="/attribute_schema", code="too_large", params={"maximum": MAX_SCHEMA_BYTES})
        ]
    problems = [
        FieldProblem(
            pointer=_pointer("/attribute_schema", error.absolute_path), code="catalog.schema_invalid"
        )
        for error, _ in zip(_meta().iter_errors(schema), range(MAX_ERRORS), strict=False)
    ]
    if schema.get("type", "object") != "object":
        problems.append(FieldProblem(pointer="/attribute_schema/type", code="catalog.schema_not_of_object"))
    problems += _strange_parts(schema, "/attribute_schema")
    return problems


def check(schemas: Sequence[Mapping[str, Any]], attributes: Mapping[str, Any]) -> list[FieldProblem]:
    """List what is wrong with `attributes` under the schemas from root to leaf; pointers begin `/attributes`."""
    if len(attributes) > MAX_ATTRIBUTES:
        return [
            FieldProblem(pointer="/attributes", code="catalog.too_many", params={"maximum": MAX_ATTRIBUTES})
        ]
    wanted = [schema for schema in schemas if schema]
    if not wanted:
        return []
    validator = _validator(msgspec.json.encode(merge(wanted), order="deterministic"))
    found: dict[tuple[str, str], FieldProblem] = {}
    for error, _ in zip(validator.iter_errors(dict(attributes)), range(MAX_ERRORS), strict=False):
        for problem in _problems(error):
            found.setdefault((problem.pointer, problem.code), problem)
    return list(found.values())


def fitted(
    schemas: Sequence[Mapping[str, Any]], given: Mapping[str, Any], standing: Mapping[str, Any]
) -> dict[str, Any]:
    """Read texts as what the schema wants: a table in a file has no other type than text.

    A text that is how the standing value is written means that value.
    """
    wanted = merge([schema for schema in schemas if schema]).get("properties", {})
    found: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, str) and name in standing and written(standing[name]).strip() == value:
            found[name] = standing[name]
        elif isinstance(value, str):
            rule = wanted.get(name)
            found[name] = _typed(value, rule.get("type") if isinstance(rule, Mapping) else None)
        else:
            found[name] = value
    return found


def written(value: object) -> str:
    """Write a value as the text of a table's cell: texts as they are, everything else as JSON, nothing as nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _typed(text: str, kind: object) -> Any:
    """Read a number, truth, list or object out of a text where one is wanted; the text itself when it is none."""
    kinds = {kind} if isinstance(kind, str) else set(kind) if isinstance(kind, list) else set()
    if not kinds or "string" in kinds:
        return text
    try:
        value = msgspec.json.decode(text.strip().casefold() if "boolean" in kinds else text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return text
    return text if isinstance(value, str) else value


@cache
def _meta() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - few processes check schemas: 3 MB

    return Draft202012Validator(Draft202012Validator.META_SCHEMA)


@lru_cache(maxsize=512)
def _validator(schema: bytes) -> Draft202012Validator:
    from referencing import Registry  # noqa: PLC0415 - as above

    # Without entries of its own: jsonschema's default registry would fetch a remote $ref over the network.
    nowhere: Registry[Any] = Registry()
    return type(_meta())(msgspec.json.decode(schema), registry=nowhere)


def _problems(error: ValidationError) -> Iterable[FieldProblem]:
    at = _pointer("/attributes", error.absolute_path)
    keyword = str(error.validator)
    if keyword == "required":
        names: Iterable[str] = error.validator_value if isinstance(error.validator_value, list) else ()
        instance = error.instance if isinstance(error.instance, dict) else {}
        return [
            FieldProblem(pointer=_pointer(at, (name,)), code="required")
            for name in names
            if name not in instance
        ]
    if keyword in _SAID:
        code, name = _SAID[keyword]
        return [FieldProblem(pointer=at, code=code, params={name: error.validator_value} if name else {})]
    return [FieldProblem(pointer=at, code="catalog.attribute_rule", params={"rule": keyword})]


def _strange_parts(node: object, at: str) -> list[FieldProblem]:
    """Find references that leave the schema and patterns that do not compile."""
    if isinstance(node, Mapping):
        problems = []
        for key, value in node.items():
            here = _pointer(at, (key,))
            if key in _REFS and not (isinstance(value, str) and value.startswith("#")):
                problems.append(FieldProblem(pointer=here, code="catalog.schema_remote_ref"))
            elif key == "pattern" and isinstance(value, str) and not _compiles(value):
                problems.append(FieldProblem(pointer=here, code="catalog.schema_bad_pattern"))
            else:
                problems += _strange_parts(value, here)
        return problems
    if isinstance(node, list):
        return [
            problem
            for index, value in enumerate(node)
            for problem in _strange_parts(value, _pointer(at, (index,)))
        ]
    return []


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _pointer(base: str, path: Iterable[object]) -> str:
    """Extend a JSON pointer (RFC 6901, section 3: `~` and `/` are escaped)."""
    return base + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
