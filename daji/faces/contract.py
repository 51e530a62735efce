"""The OpenAPI file as readers need it: what each route declares to the gate is told in the contract too.

Litestar knows parameters, bodies and answers. Which routes need a key against repeats, a token or a permission stands
in their `opt`; it is written into the document from there, so that the two cannot disagree. Every request body gets an
example, made of the examples of its fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from daji.faces.http import permit, problems
from daji.faces.http.throttle import cost_of

Document = dict[str, Any]

_ID = "01kb5nq3m2e8s9v4x7y0z1a2b3"
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "Problem details (RFC 9457). `code` is stable; `title` and `detail` are in the reader's language.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:daji:problem:not_found"]},
        "title": {"type": "string", "examples": ["Not found"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {"type": "string", "examples": ["We cannot find this, or it is not yours to see."]},
        "instance": {"type": "string", "examples": [f"/store/v1/orders/trd_{_ID}"]},
        "code": {"type": "string", "examples": ["not_found"]},
        "request_id": {"type": "string", "examples": [f"req_{_ID}"]},
        "fields": {"type": "array", "items": {"type": "object"}},
    },
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Yours to choose, one for each intent: the same key sent again is the same deed and the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
}
_REFUSALS = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, or the token has ended.",
    403: "This is not for accounts like yours.",
    429: "Too much was asked in a short time; Retry-After says when to come again.",
}
# Fields whose kind does not say what they look like.
_FIELDS: Mapping[str, Any] = {
    "attributes": {},
    "channel": "web",
    "city": "杭州市",
    "code": "tea-01",
    "country": "CN",
    "currency": "CNY",
    "email": "lin@example.com",
    "label": "nightly import",
    "name": "林晓",
    "names": {"zh": "茶", "en": "Tea"},
    "note": "",
    "password": "lantern-river-42",
    "permissions": ["stock:read"],
    "reason": "buyer_request",
    "ref": "ASN-2026-0001",
    "region": "浙江省",
    "regions": ["CN"],
    "roles": ["service"],
    "text": "谢谢您的支持。",
    "texts": {"zh": {"title": "西湖龙井"}, "en": {"title": "West Lake Longjing"}},
    "units": [f"unt_{_ID}"],
    "why": "超过退货期限。",
}


def complete(document: Document, app: Litestar) -> Document:
    """Write into the document what the routes declare; the same document comes back."""
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    _mend(components["schemas"])
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    for path, method, handler in _handlers(app):
        operation = document["paths"].get(path, {}).get(method)
        if operation is not None:
            _declare(operation, handler.opt)
            _exemplify(operation, components["schemas"])
    return document


def _mend(part: Any) -> None:
    """Say `X` where Litestar 2 says "one of X and anything", which no X is, for the items of an annotated `tuple[X, ...]`."""
    if isinstance(part, dict):
        items = part.get("items")
        if isinstance(items, dict) and {} in items.get("oneOf", ()):
            part["items"] = items["oneOf"][0]
        for inner in part.values():
            _mend(inner)
    elif isinstance(part, list):
        for inner in part:
            _mend(inner)


def _handlers(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if not permit.is_own_options(handler):
                    yield route.path_format, method.lower(), handler


def _declare(operation: Document, opt: Mapping[str, Any]) -> None:
    permission = opt.get("permission")
    refusals = {400} if cost_of(opt, "GET") == 0 else {400, 429}
    if permission in {permit.SHOPPER, permit.GUEST} or permit.is_staff_side(opt):
        refusals |= {403} if permission == permit.GUEST else {401, 403}
        operation["security"] = [{}, {"bearer": []}] if permission == permit.GUEST else [{"bearer": []}]
    if permission not in {permit.PUBLIC, permit.GUEST, permit.SHOPPER}:
        operation["x-permission"] = permission
    if opt.get("idempotent"):
        operation.setdefault("parameters", []).append(_KEY)
    for status in sorted(refusals):
        answer = operation["responses"].setdefault(str(status), {"description": _REFUSALS[status]})
        if problems.MEDIA_TYPE not in answer.get("content", {}):
            answer["content"] = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _exemplify(operation: Document, schemas: Mapping[str, Document]) -> None:
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        if kind == "application/json" and "example" not in media and "examples" not in media:
            media["example"] = example(media["schema"], schemas)


def example(schema: Document, schemas: Mapping[str, Document], name: str = "") -> Any:
    """A value that the schema takes: its own example, else one made of the examples of its parts."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    known = [*schema.get("examples", ()), schema.get("const"), schema.get("default"), *schema.get("enum", ())]
    if name in _FIELDS:
        known.append(_FIELDS[name])
    for value in known:
        if value is not None:
            return value
    choices = [one for one in schema.get("oneOf", ()) if one and one.get("type") != "null"]
    if choices:
        return example({**choices[0], **_bounds(schema)}, schemas, name)
    return _by_type(schema, schemas)


def _bounds(schema: Document) -> Document:
    return {word: value for word, value in schema.items() if word not in {"oneOf", "description", "title"}}


def _by_type(schema: Document, schemas: Mapping[str, Document]) -> Any:
    kind = schema.get("type")
    if kind == "object":
        needed = schema.get("required", ())
        return {
            name: example(part, schemas, name)
            for name, part in schema.get("properties", {}).items()
            if name in needed
        }
    if kind == "array":
        few = max(1, schema.get("minItems", 1))
        return [example(part, schemas) for part in schema.get("prefixItems", [schema["items"]] * few)]
    if kind in {"integer", "number"}:
        return max(1, int(schema.get("minimum", 1)))
    if kind == "boolean":
        return True
    return "2026-03-03T12:00:00Z" if schema.get("format") == "date-time" else "…"
