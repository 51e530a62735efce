"""What a page has at hand: the reader's words, the frame around the content, and the way to an answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import jinja2
from litestar import MediaType, Response
from litestar.di import NamedDependency

from daji.boot import words
from daji.faces.assets import asset
from daji.faces.http import problems, state
from daji.faces.store import display, markets
from daji.faces.store.api.wire_shop import average
from daji.faces.store.buyer import Asked, Asking, HouseGiven, Now, find_owner
from daji.faces.store.markets import HTML_LANG, LANGUAGES, Market
from daji.faces.store.seo import Seo
from daji.kit import i18n, ids
from daji.kit.clock import SystemClock
from daji.kit.problems import Problem
from daji.shop.search import api as search
from daji.views.shots import Shot
from daji.views.store_shell import Shell, get_shell

OTHER = dict(zip(LANGUAGES, reversed(LANGUAGES), strict=True))
PRIVATE = {"Cache-Control": "no-store", "Vary": "Cookie"}
# A visitor's page holds nothing of anybody; the browser may keep it for its back button, and asks before any other use.
ANYBODY = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Save-Data, ECT"}
SAVED_WIDTH = 320
_EMPTY = Shell(categories=(), in_cart=0, currency=None)

_ENV = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# A page says that it is UTF-8: an escape of six letters for each Chinese one would be weight without use.
_ENV.policies["json.dumps_kwargs"] = {"ensure_ascii": False}


def warm_up() -> None:
    """Compile every template now, for instance before a process is forked."""
    for name in _ENV.list_templates():
        _ENV.get_template(name)


class Reader:
    """Everything a template says or formats, in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def t(self, key: str, /, **params: object) -> str:
        return words().text(self.lang, f"store.{key}", **params)

    def or_plain(self, key: str, plain: str, /, **params: object) -> str:
        """The message, or `plain` where there is none: for codes that other rooms may add to."""
        said = words().text(self.lang, key, **params)
        return plain if said == key else said

    def money(self, amount: int, currency: str) -> str:
        return i18n.format_money(self.lang, amount, currency)

    def currency(self, code: str) -> str:
        return i18n.currency_name(self.lang, code)

    def price(self, amount: int, currency: str) -> tuple[str, str]:
        """An amount as its sign and its digits, so that a page may set the sign smaller."""
        said = self.money(amount, currency)
        at = next((n for n, letter in enumerate(said) if letter.isdigit()), 0)
        return said[:at], said[at:]

    def off(self, amount: int, compare_at: int) -> str:
        """How much cheaper, as shops say it: tenths that are left in Chinese, per cent off in English."""
        if self.lang == "zh":
            tenths = Decimal(amount * 10) / Decimal(compare_at)
            return self.t("front.off", n=f"{tenths.quantize(Decimal('0.1')):f}".removesuffix(".0"))
        return self.t("front.off", n=(compare_at - amount) * 100 // compare_at)

    def average(self, count: int, total: int) -> str:
        return average(count, total) or ""

    def date(self, value: datetime) -> str:
        return i18n.format_date(self.lang, value)

    def day(self, value: datetime) -> str:
        return i18n.format_day(self.lang, value)

    def moment(self, value: datetime) -> str:
        return i18n.format_datetime(self.lang, value)

    def text(self, texts: Mapping[str, str] | None) -> str:
        """Pick the text for this reader: theirs, else the other language, else any."""
        if not texts:
            return ""
        for wanted in (self.lang, OTHER[self.lang]):
            if texts.get(wanted):
                return texts[wanted]
        return next(iter(texts.values()))

    def happened(self, code: str, params: Mapping[str, object]) -> str:
        """Say what a timeline entry tells; an amount with a currency beside it is money."""
        shown = dict(params)
        amount, currency = shown.get("amount"), shown.get("currency")
        if isinstance(amount, int) and isinstance(currency, str):
            shown["amount"] = self.money(amount, currency)
        reason = shown.get("reason")
        if isinstance(reason, str):
            shown["reason"] = self.or_plain(f"store.reason.{reason}", reason)
        return self.or_plain(f"store.timeline.{code}", code, **shown)

    def change(self, code: str, params: Mapping[str, object]) -> str:
        """Say in what a quote no longer holds."""
        shown = dict(params)
        currency = shown.get("currency")
        for name in ("old", "new"):
            value = shown.get(name)
            if isinstance(value, int) and isinstance(currency, str):
                shown[name] = self.money(value, currency)
        return self.or_plain(f"store.change.{code}", self.t("change.other"), **shown)


def media_url(media_id: UUID, width: int) -> str:
    return f"/media/{ids.show('med', media_id)}/{width}.webp"


def model_url(media_id: UUID) -> str:
    return f"/media/{ids.show('med', media_id)}/model.glb"


def srcset(shot: Shot, *, most: int | None = None) -> str:
    """The renditions there are, for `<img srcset>`; those up to `most` pixels wide where data are to be saved."""
    widths = [width for width in shot.widths if most is None or width <= most] or shot.widths[:1]
    return ", ".join(f"{media_url(shot.id, width)} {width}w" for width in widths)


def glyph_url(key: str) -> str:
    """Where the drawn stand-in for a missing picture is."""
    return f"/glyph/{key}.svg"


def query(**given: object) -> str:
    """Write a query string, leaving out what is None or empty."""
    kept = {name: str(value) for name, value in given.items() if value not in {None, ""}}
    return f"?{urlencode(kept)}" if kept else ""


def new_key() -> str:
    """An idempotency key for a form: sent twice, it is one request."""
    return secrets.token_urlsafe(16)


def render(
    template: str,
    *,
    request: Asked,
    market: Market,
    shell: Shell | None,
    status: int = 200,
    now: datetime | None = None,
    seo: Seo | None = None,
    **context: Any,
) -> Response[str]:
    """Fill a template. Pages are anyone's own, so no cache keeps them."""
    known = state.of(request)
    who = known.principal
    path, lang, known_markets = request.url.path, market.lang, markets.of(request)
    bare = path.removeprefix(market.base) if known_markets.of_path(path) == market else "/"
    asked = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "lang"])
    other = OTHER[lang]
    reader = Reader(lang)
    shown = displayed(request, now or SystemClock().now())
    text = _ENV.get_template(template).render(
        r=reader,
        t=reader.t,
        lang=lang,
        html_lang=HTML_LANG[lang],
        other=other,
        other_html_lang=HTML_LANG[other],
        other_url=f"{known_markets.in_language(market, other).base}{bare}?{asked + '&' if asked else ''}lang={other}",
        market=market,
        currencies=_currencies(request, market, bare),
        bare=bare,
        base=market.base,
        shell=shell or _EMPTY,
        who=who,
        csrf=who.csrf or "",
        built=asset("store", "main.ts"),
        display=shown,
        seo=seo,
        srcset=partial(srcset, most=SAVED_WIDTH if shown.saver else None),
        nonce=known.nonce,
        show=ids.show,
        media_url=media_url,
        model_url=model_url,
        glyph_url=glyph_url,
        query=query,
        new_key=new_key,
        **{"problem": None, "errors": {}, **context},
    )
    return Response(
        text,
        status_code=status,
        media_type=MediaType.HTML,
        headers={**(ANYBODY if who.kind == "anonymous" else PRIVATE), "Content-Language": HTML_LANG[lang]},
    )


def _currencies(request: Asked, market: Market, bare: str) -> list[tuple[Market, str]]:
    """The same page in each currency. An amount that the address names is of this one, and so is where a list stands."""
    own = {"price", "cursor", "lang"}
    asked = urlencode(
        [(name, value) for name, value in request.query_params.multi_items() if name not in own]
    )
    return [
        (one, f"{one.base}{bare}{'?' if asked else ''}{asked}") for one in markets.of(request).beside(market)
    ]


def fill(template: str, **context: Any) -> str:
    """Fill a template that is no page: a part of one, or a script."""
    return _ENV.get_template(template).render(**context)


def fragment(template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """Answer with a part of a page."""
    text = fill(template, **context)
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=dict(PRIVATE))


def displayed(request: Asked, now: datetime) -> display.Display:
    """How this reader wants pages to look."""
    wish = display.read(request.cookies.get(display.COOKIE))
    return display.decide(wish, display.Signals.read(request.headers, now))


class Scene:
    """One request for a page."""

    def __init__(
        self, request: Asked, house: HouseGiven, principal: Asking, market: Market, now: datetime
    ) -> None:
        self.request = request
        self.house = house
        self.principal = principal
        self.market = market
        self.lang = lang = market.lang
        self.now = now
        self.reader = Reader(lang)

    @property
    def nonce(self) -> str:
        return state.of(self.request).nonce

    @property
    def channel(self) -> str:
        return self.market.channel

    @property
    def base(self) -> str:
        return self.market.base

    @property
    def index(self) -> search.Index:
        return markets.index_of(self.house, self.channel)

    @property
    def partial(self) -> bool:
        """Whether a script of ours asks, which needs only what has changed."""
        return self.request.headers.get("hx-request") == "true"

    async def show(
        self,
        template: str,
        *,
        status: int = 200,
        problem: Problem | None = None,
        shell: Shell | None = None,
        seo: Seo | None = None,
        **context: Any,
    ) -> Response[str]:
        """Answer with a page in its frame, which may be given; with a problem, its sentences and its status."""
        if shell is None:
            owner = find_owner(state.principal(self.request))
            async with self.house.db.read() as session:
                shell = await get_shell(session, owner=owner, channel=self.channel)
        if problem is not None:
            view = self.explain(problem)
            status = view.status
            context |= {"problem": view, "errors": by_name(view)}
        return render(
            template,
            request=self.request,
            market=self.market,
            shell=shell,
            status=status,
            now=self.now,
            seo=seo or self.seo(),
            **context,
        )

    @property
    def origin(self) -> str:
        return self.house.settings.base_url.rstrip("/")

    def seo(self, **more: Any) -> Seo:
        """What this page tells machines about itself."""
        path = self.request.url.path.removeprefix(self.base) or "/"
        return Seo(
            origin=self.origin, market=self.market, markets=markets.of(self.request), path=path, **more
        )

    def explain(self, problem: Problem) -> problems.ProblemView:
        known = state.of(self.request)
        return problems.Speaker(words()).view(problem, lang=self.lang, request_id=known.request_id)

    def go(self, path: str) -> Response[None]:
        """Send the browser on after a form (RFC 9110, 303 See Other); a script is told where to go."""
        if self.partial:
            return Response(None, status_code=204, headers={**PRIVATE, "HX-Redirect": f"{self.base}{path}"})
        return Response(None, status_code=303, headers={**PRIVATE, "Location": f"{self.base}{path}"})

    def part(self, template: str, **context: Any) -> Response[str]:
        """Answer with a part of a page, in the reader's language."""
        r = self.reader
        return fragment(
            template,
            r=r,
            t=r.t,
            base=self.base,
            query=query,
            glyph_url=glyph_url,
            media_url=media_url,
            **context,
        )

    def say(self, key: str, *, to: str, go: str, count: int | None = None) -> Response[str]:
        """Answer a script with a notice of what was done, and the cart's new size."""
        r = self.reader
        return fragment(
            "toast.html", said=r.t(key), to=f"{self.base}{to}", go=r.t(go), count=count, problem=None
        )

    def leave(self, url: str) -> Response[None]:
        """Send the browser to an address outside, such as the gateway's."""
        return Response(None, status_code=303, headers={**PRIVATE, "Location": url})

    async def form(self) -> dict[str, str]:
        """The form's texts, trimmed; a field sent twice counts once, files are left out."""
        sent = await self.request.form()
        return {name: value.strip() for name, value in sent.items() if isinstance(value, str)}

    async def values(self, name: str) -> tuple[str, ...]:
        """All values of a field that may come several times."""
        return tuple(str(value) for value in (await self.request.form()).getall(name, []))

    def back_or(self, path: str) -> str:
        """Where the form stood, when the browser says it was a page of ours in this market."""
        sent = urlsplit(self.request.headers.get("referer", ""))
        if sent.netloc == self.request.headers.get("host") and sent.path.startswith(f"{self.base}/"):
            return sent.path.removeprefix(self.base) + (f"?{sent.query}" if sent.query else "")
        return path


def giver(market: Market) -> Callable[..., Scene]:
    """What gives the handlers of a market's pages their scene."""

    def give(request: Asked, house: HouseGiven, principal: Asking, now: Now) -> Scene:
        return Scene(request, house, principal, market, now)

    return give


Here = NamedDependency[Scene]


def by_name(view: problems.ProblemView) -> dict[str, str]:
    """Sentences by the last step of the pointer, which is the field's name in a form."""
    return {field.pointer.rpartition("/")[2]: field.detail for field in view.fields}
