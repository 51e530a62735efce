"""Pages of the console: one Jinja environment, the reader's words, hidden fields, and what a form holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response
from litestar.response import Redirect

from daji.base.identity.api import Permission
from daji.boot import MESSAGES
from daji.faces.console.asking import Asked, find_actor
from daji.faces.http import csrf, idempotency, problems, state, translate
from daji.kit import i18n, ids
from daji.kit.money import Money
from daji.kit.problems import Problem

T = TypeVar("T")

SEE_OTHER: Literal[303] = 303
_HIDDEN = frozenset({csrf.FIELD, idempotency.FIELD})

NAV: tuple[tuple[str, str, Permission], ...] = (
    ("home", "/console/", Permission.ORDERS_READ),
    ("orders", "/console/orders", Permission.ORDERS_READ),
    ("work", "/console/work", Permission.WAREHOUSE_WORK),
    ("parcels", "/console/parcels", Permission.ORDERS_READ),
    ("stock", "/console/stock", Permission.STOCK_READ),
    ("returns", "/console/returns", Permission.AFTERSALES_READ),
    ("products", "/console/products", Permission.CATALOG_READ),
    ("reviews", "/console/reviews", Permission.REVIEWS_MODERATE),
    ("staff", "/console/staff", Permission.IDENTITY_MANAGE),
    ("audit", "/console/audit", Permission.AUDIT_READ),
)


@lru_cache(maxsize=1)
def catalogue() -> i18n.Catalogue:
    return i18n.Catalogue(MESSAGES)


@lru_cache(maxsize=1)
def _known(lang: str) -> frozenset[str]:
    return frozenset(catalogue().keys(lang))


@lru_cache(maxsize=1)
def environment() -> Environment:
    env = Environment(
        loader=PackageLoader("daji.faces.console"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    env.globals.update(show=ids.show, nav=NAV, P=Permission, quote=partial(quote, safe=""))
    return env


class Words:
    """What a template says in the reader's language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def t(self, key: str, /, **params: object) -> str:
        return catalogue().text(self.lang, f"console.{key}", **params)

    def word(self, family: str, code: str) -> str:
        """A status or verb in words; the code itself when a newer room knows more of them than we do."""
        key = f"console.{family}.{code}"
        return catalogue().text(self.lang, key) if key in _known("en") else code.replace("_", " ")

    def money(self, amount: int, currency: str) -> str:
        return i18n.format_money(self.lang, amount, currency)

    def number(self, value: int) -> str:
        return i18n.format_number(self.lang, Decimal(value))

    def when(self, value: datetime | None) -> str:
        return "–" if value is None else i18n.format_datetime(self.lang, value)

    def pick(self, texts: Mapping[str, str] | None) -> str:
        """The text in the reader's language, else any."""
        if not texts:
            return ""
        return texts.get(self.lang) or next((text for text in texts.values() if text), "")

    def trade_of(self, ref: str) -> str | None:
        """The shown id of the trade that a ledger line belongs to; None for other references."""
        try:
            return ids.show("trd", UUID(ref))
        except ValueError:
            return None

    def who(self, by: str) -> str:
        """Who did it, readable: a name, a role of the house, a carrier's code."""
        kind, _, rest = by.partition(":")
        if kind in {"shopper", "guest", "system"}:
            return self.t(f"by.{kind}")
        return self.t("by.carrier", code=rest) if kind == "carrier" else by


def major(amount: int, currency: str) -> str:
    """An amount as a form field holds it: major units, a point, no symbol."""
    return Money(amount, currency).text()


def show_page(
    request: Asked,
    template: str,
    *,
    problem: Exception | None = None,
    key: str | None = None,
    status: int | None = None,
    **context: Any,
) -> Response[str]:
    """Render a page; with a problem, the same page with what went wrong above it and the form still filled in.

    `key` keeps the idempotency key of a request that is to be sent again as it was.
    """
    known = state.of(request)
    words = Words(known.lang)
    refused = None
    if problem is not None:
        refused = problems.Speaker(catalogue()).view(
            translate.to_problem(problem), lang=known.lang, request_id=known.request_id
        )
    found = environment().get_template(template)
    body = found.render(
        w=words,
        t=words.t,
        actor=find_actor(request),
        csrf=known.principal.csrf or "",
        nonce=known.nonce,
        key=key or ids.show("key", ids.new_id()),
        problem=refused,
        done=request.query_params.get("done"),
        done_known=lambda code: f"console.done.{code}" in _known("en"),
        path=request.url.path,
        other_lang=_switch(request, known.lang),
        major=major,
        link=partial(_link, request),
        **context,
    )
    return Response(
        body,
        media_type=MediaType.HTML,
        status_code=status or (refused.status if refused is not None else 200),
        headers={"Cache-Control": "no-store"},
    )


def _switch(request: Asked, lang: str) -> str:
    """Link to the same page in the other language."""
    query = {
        name: value for name, value in request.query_params.dict().items() if name not in {"lang", "done"}
    }
    query["lang"] = ["en" if lang == "zh" else "zh"]
    path = request.url.path if request.method == "GET" else "/console/"
    return f"{path}?{urlencode(query, doseq=True)}"


def _link(request: Asked, **changes: str | None) -> str:
    """Link to the same list with some parameters changed; None drops one."""
    query = {name: request.query_params.get(name) for name in request.query_params}
    merged = {**query, **changes}
    merged.pop("done", None)
    kept = {name: value for name, value in merged.items() if value}
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path


def done(path: str, code: str) -> Redirect:
    """Go on to a page that says what was done, so that a reload sends nothing twice."""
    mark = "&" if "?" in path else "?"
    return Redirect(f"{path}{mark}done={code}", status_code=SEE_OTHER)


async def read_form(request: Asked, kind: type[T], **given: object) -> T:
    """Read a form into the body that the API's route takes: the same checks, the same refusals.

    Empty fields count as not filled in; `given` is what stands elsewhere than in a field of its own.

    Raises
    ------
    Invalid
        Naming the field.
    """
    filled = {
        name: value.strip()
        for name, value in (await plain_form(request)).items()
        if value.strip() and "." not in name
    }
    try:
        return msgspec.convert({**filled, **given}, kind, strict=False)
    except msgspec.ValidationError as error:
        raise translate.to_problem(error) from error


async def plain_form(request: Asked) -> dict[str, str]:
    """The text fields of the form, without the hidden ones."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and name not in _HIDDEN}


def uuid_field(prefix: str, text: str | None) -> UUID | None:
    """An id from a filter; nothing for an empty one."""
    return ids.read(prefix, text) if text else None


def is_again(problem: Problem) -> bool:
    """Whether the same request should be sent again under its own key."""
    return problem.status in {409, 503} and problem.code in {"unavailable", "request_in_progress"}


def show_problem(request: Asked, view: problems.ProblemView) -> Response[str]:
    """The page of a refusal that no form is waiting for."""
    known = state.of(request)
    words = Words(known.lang)
    body = (
        environment()
        .get_template("problem.html.j2")
        .render(
            w=words,
            t=words.t,
            actor=find_actor(request),
            csrf=known.principal.csrf or "",
            nonce=known.nonce,
            key="",
            problem=view,
            done=None,
            done_known=lambda _code: False,
            path=request.url.path,
            other_lang=_switch(request, known.lang),
            major=major,
            link=partial(_link, request),
        )
    )
    return Response(body, media_type=MediaType.HTML, status_code=view.status)
