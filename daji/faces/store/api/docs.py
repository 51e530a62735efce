"""What the OpenAPI file says of refusals, the same words for every route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar.openapi.datastructures import ResponseSpec

PROBLEM_TYPE = "application/problem+json"

_SAYS: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Nobody is signed in, or the credentials are wrong",
    403: "The form's proof of origin is missing",
    404: "There is no such thing, or it is somebody else's",
    409: "What is so now does not allow it; `code` says why",
    413: "The body is too large",
    422: "A field is wrong; `fields` says which and why",
    429: "Too many requests; wait `retry_after` seconds",
    503: "A part that this needs does not answer; the same key may try again",
}


class WrongField(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field of the request."""

    pointer: Annotated[str, msgspec.Meta(examples=["/address/phone"])]
    code: Annotated[str, msgspec.Meta(examples=["required"])]
    params: dict[str, Any] = {}
    detail: Annotated[str, msgspec.Meta(examples=["此项必填。"])] = ""


class ProblemAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal as RFC 9457 writes it; the parameters of the problem stand beside these members."""

    type: Annotated[str, msgspec.Meta(examples=["urn:daji:problem:flows.quote_expired"])]
    title: Annotated[str, msgspec.Meta(examples=["报价已过期"])]
    status: Annotated[int, msgspec.Meta(examples=[409])]
    detail: Annotated[str, msgspec.Meta(examples=["请重新获取报价。"])]
    instance: Annotated[str, msgspec.Meta(examples=["/store/v1/orders"])]
    code: Annotated[str, msgspec.Meta(examples=["flows.quote_expired"])]
    request_id: Annotated[str, msgspec.Meta(examples=["01jabcdefghjkmnpqrstvwxyz0"])]
    fields: tuple[WrongField, ...] = ()


def refuses(*statuses: int) -> dict[int, ResponseSpec]:
    """Declare the problem answers of a route; that a request can be unreadable goes for all of them."""
    return {
        status: ResponseSpec(
            data_container=ProblemAnswer,
            description=_SAYS[status],
            media_type=PROBLEM_TYPE,
            generate_examples=False,
        )
        for status in sorted({400, *statuses})
    }
