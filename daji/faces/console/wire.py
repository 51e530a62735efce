"""Facts on the wire: the rooms' frozen structs with prefixed ids, and the schema that says so.

A fact keeps UUIDs inside; outside every id bears the prefix of what it names (ADR 0011). One rule turns any fact into
its wire form and its OpenAPI schema, so that the two cannot disagree.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from litestar import MediaType, Response
from litestar.openapi.datastructures import ResponseSpec

from daji.kit import ids

_OWN: Mapping[str, str] = {
    "Trade": "trd",
    "OrderRow": "trd",
    "Order": "ord",
    "Line": "lin",
    "Unit": "unt",
    "Entry": "ent",
    "Product": "prd",
    "ProductCard": "prd",
    "Sku": "sku",
    "SkuForSale": "sku",
    "Category": "cat",
    "Brand": "brd",
    "HistoryEntry": "his",
    "PriceList": "prl",
    "Price": "prc",
    "PriceRecord": "prc",
    "Media": "med",
    "Site": "sit",
    "Notice": "ntc",
    "NoticeRow": "ntc",
    "Hold": "hld",
    "Sale": "fls",
    "SaleLine": "fln",
    "PickList": "pkl",
    "Package": "pkg",
    "Shipment": "shp",
    "ParcelRow": "shp",
    "ShipmentEvent": "evt",
    "Case": "cas",
    "CaseUnit": "unt",
    "Review": "rev",
    "Staff": "stf",
    "Seller": "sel",
    "Tender": "ten",
    "Refund": "rfd",
    "FreightTemplate": "frt",
    "ImportJob": "job",
    "Upload": "upl",
    "Revision": "his",
    "SessionInfo": "ses",
    "ApiKey": "ses",
    "Owner": "own",
    "SavedView": "viw",
    "WorkRow": "pkl",
    "HoldRow": "hld",
    "BoardRow": "cas",
    "SentBack": "rfd",
    "Shot": "med",
    "StuckRun": "run",
    "FailingTimer": "tmr",
}
_FIELDS: Mapping[str, str] = {
    "product_id": "prd",
    "category_id": "cat",
    "parent_id": "cat",
    "path": "cat",
    "brand_id": "brd",
    "media_id": "med",
    "media_ids": "med",
    "sku_id": "sku",
    "sku_ids": "sku",
    "list_id": "prl",
    "job_id": "job",
    "site_id": "sit",
    "notice_id": "ntc",
    "seller_id": "sel",
    "trade_id": "trd",
    "order_id": "ord",
    "line_id": "lin",
    "unit_id": "unt",
    "tender_id": "ten",
    "refund_id": "rfd",
    "shipment_id": "shp",
    "case_id": "cas",
    "review_id": "rev",
    "staff_id": "stf",
    "account_id": "acc",
    "shopper_id": "acc",
    "author_id": "acc",
    "template_id": "frt",
    "holder": "trd",
    "posting_id": "pst",
    "session_id": "ses",
    "sale_id": "fls",
    "event_id": "evt",
    # Keys of what is told by thing: pictures by SKU, words by unit.
    "pictures": "sku",
    "words": "unt",
}
_SECRET = frozenset({"guest_token"})
"""Never shown, not even to staff: it is the key to somebody's cart and orders."""

_OTHER = "id"


def _prefix(kind: type, field: str) -> str:
    if field == "id":
        return _OWN.get(kind.__name__, _OTHER)
    return _FIELDS.get(field, _OTHER)


def to_wire(value: Any, prefix: str = _OTHER) -> Any:
    """The value as plain data for JSON, every UUID with the prefix of what it names."""
    if isinstance(value, UUID):
        return ids.show(prefix, value)
    if isinstance(value, msgspec.Struct):
        kind = type(value)
        return {
            name: to_wire(getattr(value, name), _prefix(kind, name))
            for name in kind.__struct_fields__
            if name not in _SECRET and getattr(value, name) is not msgspec.UNSET
        }
    if isinstance(value, Mapping):
        return {str(to_wire(name, prefix)): to_wire(inner, prefix) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        inner_values = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [to_wire(inner, prefix) for inner in inner_values]
    if isinstance(value, datetime):
        return value
    return value


def answer(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """A JSON answer of a fact, a page of facts or plain data."""
    return Response(
        content=msgspec.json.encode(to_wire(value)),
        media_type=MediaType.JSON,
        status_code=status,
        headers=dict(headers or {}),
    )


def shown(kind: Any, description: str) -> ResponseSpec:
    """OpenAPI: what a route answers, in its wire form."""
    return ResponseSpec(data_container=wire_type(kind), description=description, generate_examples=False)


@lru_cache(maxsize=256)
def wire_type(kind: Any, prefix: str = _OTHER) -> Any:
    """Build the wire form of a type: the same shape with ids as prefixed text."""
    if kind is UUID:
        return Annotated[str, msgspec.Meta(examples=[f"{prefix}_01kb5nq3m2e8s9v4x7y0z1a2b3"])]
    base = get_origin(kind) or kind
    if isinstance(base, type) and issubclass(base, msgspec.Struct):
        return _struct(base, get_args(kind))
    return _container(kind, prefix)


def _container(kind: Any, prefix: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    found: Any = kind
    if origin is Annotated:
        found = Annotated[(wire_type(arguments[0], prefix), *arguments[1:])]
    elif origin in {Union, types.UnionType}:
        found = Union[tuple(wire_type(one, prefix) for one in arguments)]  # noqa: UP007 - known at run time only
    elif origin is tuple and Ellipsis not in arguments:
        found = tuple[tuple(wire_type(one, prefix) for one in arguments)]  # type: ignore[misc]
    elif origin in {tuple, list, frozenset, set}:
        found = list[wire_type(arguments[0], prefix)]  # type: ignore[misc]
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        found = dict[str, wire_type(arguments[1], prefix)]  # type: ignore[misc]
    return found


def _struct(base: type[msgspec.Struct], arguments: tuple[Any, ...]) -> Any:
    hints = get_type_hints(base, include_extras=True)
    names: dict[Any, Any] = dict(zip(_parameters(base), arguments, strict=False))
    fields: list[tuple[str, Any]] = []
    for name in base.__struct_fields__:
        if name in _SECRET:
            continue
        fields.append((name, wire_type(_filled(hints[name], names), _prefix(base, name))))
    shown_as = base.__name__ + "".join(getattr(one, "__name__", "") for one in arguments)
    doc = (base.__doc__ or "").strip().split("\n\n")[0]
    return msgspec.defstruct(
        shown_as, fields, kw_only=True, namespace={"__doc__": doc}, module=base.__module__
    )


def _parameters(base: type) -> tuple[Any, ...]:
    for parent in getattr(base, "__orig_bases__", ()):
        if get_origin(parent) is Generic:
            return get_args(parent)
    return ()


def _filled(kind: Any, names: Mapping[Any, Any]) -> Any:
    """Replace type variables by what the generic struct was given."""
    if isinstance(kind, TypeVar):
        return names.get(kind, Any)
    arguments = get_args(kind)
    if not arguments or not names or not any(isinstance(one, TypeVar) for one in arguments):
        return kind
    origin = get_origin(kind)
    filled = tuple(_filled(one, names) for one in arguments)
    return origin[filled] if origin is not None else kind
