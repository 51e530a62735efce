"""The page where the buyer pays. Its address carries the buyer's only key, so it leaks nowhere."""

from __future__ import annotations

import asyncio
import hmac
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import jinja2
import segno
from litestar import MediaType, Response, Router, get, post
from litestar.params import FromPath

from daji.adapters.payment.sandbox.service import faults, payments
from daji.adapters.payment.sandbox.service.core import CHINA
from daji.adapters.payment.sandbox.service.db import micros, moment
from daji.adapters.payment.sandbox.service.guard import MAX_BODY, Asked, sandbox_of
from daji.adapters.payment.sandbox.service.rows import PaymentRow, find_payment, pay_url
from daji.adapters.payment.sandbox.service.states import OPEN
from daji.adapters.payment.sandbox.service.texts import CATALOGUE, LANGUAGES, Language, language_of, money
from daji.adapters.payment.sandbox.wire import Action

BUYER_PASSWORD: Final = "888888"  # noqa: S105 - printed on the page: it guards nothing but the lock's test
TRIES: Final = 3
LOCKED_FOR: Final = timedelta(minutes=10)
FIRST_CHOICES: Final[tuple[Action, ...]] = ("decline", "slow", "never", "notify_twice", "notify_late")
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
MORE_CHOICES: Final = tuple(
    action for action in ACTIONS if action != "approve" and action not in FIRST_CHOICES
)
SQL_WRONG = "UPDATE payment SET wrong_passwords = ?, locked_until = ? WHERE gateway_no = ?"

_HERE = Path(__file__).parent
_STATIC = {path.name: path.read_bytes() for path in (_HERE / "static").iterdir()}
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PRIVATE: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@get("/pay/{gateway_no:str}", media_type=MediaType.HTML)
async def show(request: Asked, gateway_no: FromPath[str]) -> Response[str]:
    """Show the page; a wrong token looks like a wrong number."""
    sandbox = sandbox_of(request)
    now = sandbox.clock()
    language = _language(request, request.query_params.get("lang"))
    with sandbox.db.transaction() as connection:
        row = _find(connection, gateway_no, request.query_params.get("t", ""), now)
    if row is None:
        return _lost(language)
    return _page(row, language, now, base_url=sandbox.base_url)


@post("/pay/{gateway_no:str}", media_type=MediaType.HTML)
async def submit(request: Asked, gateway_no: FromPath[str]) -> Response[Any]:
    """Take the buyer's choice: 303 to the shop, or the page again with what is wrong."""
    sandbox = sandbox_of(request)
    now = sandbox.clock()
    form = _form(await request.body())
    language = _language(request, form.get("lang"))
    action = next((known for known in ACTIONS if known == form.get("action")), None)
    with sandbox.db.transaction() as connection:
        row = _find(connection, gateway_no, form.get("t", ""), now)
        if row is None:
            return _lost(language)
        settings = faults.load(connection)
        row, problem = _take(connection, row, action, form.get("password", ""), now)
    if problem is not None:
        status = 423 if problem == "locked" else 422
        return _page(row, language, now, base_url=sandbox.base_url, problem=problem, status=status)
    sandbox.wake.set()
    if (row.fault or settings.fault) == "slow":
        await asyncio.sleep(settings.slow_ms / 1000)
    return Response(None, status_code=303, headers={**_PRIVATE, "Location": back_url(row)})


@get("/pay/static/pay.css")
async def style() -> Response[bytes]:
    """Serve the style sheet."""
    return _static("pay.css", "text/css; charset=utf-8")


@get("/pay/static/mark.svg")
async def mark() -> Response[bytes]:
    """Serve the sign in the browser's tab."""
    return _static("mark.svg", "image/svg+xml")


def back_url(row: PaymentRow) -> str:
    """Give the shop's return address with `out_no` added; it proves nothing, so the shop asks the API."""
    parts = urlsplit(row.return_url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("out_no", row.out_no)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _static(name: str, media_type: str) -> Response[bytes]:
    headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
    return Response(_STATIC[name], media_type=media_type, headers=headers)


def _take(
    connection: sqlite3.Connection, row: PaymentRow, action: Action | None, password: str, now: datetime
) -> tuple[PaymentRow, str | None]:
    """Check the password before anything else; a closed payment sends the buyer back as it is."""
    if row.status not in OPEN:
        return row, None
    if _is_locked(row, now):
        return row, "locked"
    if not hmac.compare_digest(password.strip().encode(), BUYER_PASSWORD.encode()):
        wrong = row.wrong_passwords + 1
        locked = wrong >= TRIES
        until = micros(now + LOCKED_FOR) if locked else None
        connection.execute(SQL_WRONG, (0 if locked else wrong, until, row.gateway_no))
        return payments.need(connection, row.gateway_no, now), "locked" if locked else "wrong_password"
    if action is None:
        return row, "no_action"
    connection.execute(SQL_WRONG, (0, None, row.gateway_no))
    return payments.act(connection, row, action, now), None


def _is_locked(row: PaymentRow, now: datetime) -> bool:
    return row.locked_until is not None and micros(now) < row.locked_until


def _find(connection: sqlite3.Connection, gateway_no: str, token: str, now: datetime) -> PaymentRow | None:
    row = find_payment(connection, gateway_no)
    if row is None or not hmac.compare_digest(row.token.encode(), token.encode("utf-8", "replace")):
        return None
    return payments.refreshed(connection, row, now)


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=20))
    except ValueError:
        return {}


def _language(request: Asked, chosen: str | None) -> Language:
    return language_of(chosen, request.headers.get("accept-language"))


def _page(
    row: PaymentRow,
    language: Language,
    now: datetime,
    *,
    base_url: str,
    problem: str | None = None,
    status: int = 200,
) -> Response[str]:
    locked = _is_locked(row, now)
    words = CATALOGUE[language]
    if locked:
        problem = "locked"
    context = {
        "row": row,
        "open": row.status in OPEN,
        "locked": locked,
        "problem": None if problem is None else words[f"problem_{problem}"],
        "tries_left": TRIES - row.wrong_passwords if problem == "wrong_password" else None,
        "amount": money(row.amount, row.currency),
        "captured": money(row.captured_amount, row.currency),
        "merchant": row.merchant_name or row.merchant_id,
        "expires": moment(row.expires_at).astimezone(CHINA),
        "qr": _qr(pay_url(row, base_url)),
        "first_choices": FIRST_CHOICES,
        "more_choices": MORE_CHOICES,
        "password": BUYER_PASSWORD,
        "back": back_url(row),
    }
    back = urlsplit(row.return_url)
    return _html("pay.html.j2", language, status, f"{back.scheme}://{back.netloc}", context)


def _lost(language: Language) -> Response[str]:
    return _html("lost.html.j2", language, 404, "", {})


def _html(
    template: str, language: Language, status: int, shop: str, context: dict[str, Any]
) -> Response[str]:
    # `form-action` also holds for the redirect after a submission, so the shop's origin belongs to it
    # (https://www.w3.org/TR/CSP3/#directive-form-action).
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {shop}".rstrip()
    )
    words = CATALOGUE[language]
    text = _TEMPLATES.get_template(template).render(
        t=words, language=language, languages=LANGUAGES, names=CATALOGUE, **context
    )
    headers = {**_PRIVATE, "Content-Security-Policy": policy, "Vary": "Accept-Language"}
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)


def _qr(text: str) -> str:
    code = segno.make(text, error="m", micro=False)
    return str(code.svg_inline(border=0, omitsize=True, svgclass=None, lineclass=None))


router = Router("/", route_handlers=[show, submit, style, mark], request_max_body_size=MAX_BODY)
