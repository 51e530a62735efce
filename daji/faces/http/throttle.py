"""One budget for everything that is asked of us: who asks, what it costs, how it looks, and when to come again (A10).

Who is signed in, or holds a key, has a budget of their own, as large as work needs; all visitors of one network share
one. What a route costs it says itself (`opt["cost"]`), else its method does. A visitor whose manners are a program's
pays more for the same. Refusals are 429 with Retry-After; every answer of an API says what is left (IETF
draft-ietf-httpapi-ratelimit-headers).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Middleware, Receive, Scope, Send
from prometheus_client import Counter

from daji.faces.http import csrf, permit, state, visitors
from daji.faces.http.budget import Limit, MemoryStore, Store, Verdict
from daji.faces.http.settings import LimitSettings
from daji.kit.problems import TooMany

log = structlog.get_logger(__name__)

NETWORK = Limit(name="network", rate=50, burst=1500)
WIDE = Limit(name="network", rate=250, burst=7500)
SHOPPER = Limit(name="shopper", rate=30, burst=900)
STAFF = Limit(name="staff", rate=100, burst=3000)
VERIFIED = Limit(name="crawler", rate=30, burst=600)
DECLARED = Limit(name="crawler", rate=10, burst=300)
FAILED = Limit(name="sign-in", rate=1, burst=60)
"""Bearer headers that are nobody's, by network: each costs the database a question."""

WRITE_COST = 5
MISS_COST = 2
_TIMES = ((visitors.BOT, 12), (visitors.SUSPECT, 4))
_MANNERS = "daji_manners"
HONEYPOT_FIELD = "website"
LINKED_TRAPS = ("/zh/offers/all", "/en/offers/all")
"""Pages carry a hidden link here, and robots.txt asks not to follow it: a polite crawler never comes."""
TRAPS = frozenset({*LINKED_TRAPS, "/.env", "/.git/config", "/wp-login.php", "/xmlrpc.php", "/phpmyadmin"})
"""Addresses without a route; the others are what scanners try first."""

REFUSED = Counter("daji_http_throttled_total", "Requests that were told to come later", ["limit"])


class Throttle:
    """What every request passes. `clock` gives seconds that only rise; wall clocks jump."""

    def __init__(
        self,
        settings: LimitSettings,
        *,
        store: Store | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._trusted = settings.trusted
        self._store: Store = store or MemoryStore()
        self._clock = clock
        self.watch = visitors.Watch()

    @property
    def on(self) -> bool:
        return self._settings.mode != "off"

    def middleware(self) -> Middleware:
        """Inside `auth`, so that it knows who asks."""

        def wrap(app: ASGIApp) -> ASGIApp:
            async def meter(scope: Scope, receive: Receive, send: Send) -> None:
                if self.on:
                    await self._meter(scope)
                await app(scope, receive, send)

            return meter

        return wrap

    async def before(
        self, scope: Scope, known: state.RequestState, headers: Mapping[str, str]
    ) -> TooMany | None:
        """Before anybody is looked up: a network that tries keys that are nobody's has to wait."""
        if not self.on or "authorization" not in headers or self._is_trusted(known):
            return None
        verdict = await self._charge_all(known.client_ip, FAILED, 0.0, "failed")
        # A budget that is not quite empty lets one more try.
        return None if verdict.left >= 1 else self._refuse(verdict, scope)

    async def after(
        self, scope: Scope, known: state.RequestState, headers: Mapping[str, str], *, status: int
    ) -> None:
        """Note what came of it: keys that were nobody's, things that are not there."""
        if not self.on or self._is_trusted(known):
            return
        matched = "route_handler" in scope
        unnamed = known.principal.kind in {"anonymous", "guest"}
        if not matched and scope["path"] in TRAPS:
            self.sprung(known)
        if status == 401 and "authorization" in headers:  # noqa: PLR2004 - RFC 9110
            await self._charge_all(known.client_ip, FAILED, 1.0, "failed")
        if unnamed and status == 404:  # noqa: PLR2004 - RFC 9110
            if not matched:
                await self._charge_all(known.client_ip, NETWORK, MISS_COST, "")
            self.watch.leaves(_visitor(known), missed=True)
        elif unnamed and matched:
            self.watch.leaves(_visitor(known), missed=False)

    def sprung(self, known: state.RequestState) -> None:
        """Remember that this visitor took what no reader sees."""
        if self.on and not self._is_trusted(known):
            log.warning("trap_sprung", network=_visitor(known))
            self.watch.trap(_visitor(known), now=self._clock())

    async def check_form(self, request: state.AnyRequest) -> None:
        """Refuse a form whose invisible field was filled in. Raises TooMany."""
        if not self.on or request.method in csrf.SAFE:
            return
        known = state.of(request)
        if known.principal.kind not in {"anonymous", "guest"}:
            return
        if await csrf.form_field(request, HONEYPOT_FIELD):
            self.sprung(known)
            if self._settings.mode == "on":
                raise TooMany(retry_after=round(visitors.TRAPPED_SECONDS))

    async def _meter(self, scope: Scope) -> None:
        if scope["type"] != ScopeType.HTTP:
            return
        opt = scope["route_handler"].opt
        known = state.of_scope(scope)
        if self._is_trusted(known):
            return
        cost = cost_of(opt, scope["method"])
        if not cost:
            return
        verdict = await self._pay(scope, known, opt, cost)
        known.quota = verdict
        if not verdict.taken and (refusal := self._refuse(verdict, scope)) is not None:
            raise refusal

    async def _pay(
        self, scope: Scope, known: state.RequestState, opt: Mapping[str, Any], cost: float
    ) -> Verdict:
        who = known.principal
        if who.kind in {"staff", "api"}:
            return await self._charge(f"who:{who.id}", STAFF, cost)
        if who.kind == "shopper":
            return await self._charge(f"who:{who.id}", SHOPPER, cost)
        headers = known.headers
        named = visitors.crawler_of(headers.get("user-agent", ""), known.client_ip)
        now = self._clock()
        key = _visitor(known)
        self.watch.arrives(key, now=now)
        score = self.watch.score(key, headers, named[1] if named else None, now=now)
        scope["state"][_MANNERS] = score
        cost *= next((times for least, times in _TIMES if score >= least), 1)
        if (
            named
            and named[1] != "pretender"
            and opt.get("permission") == permit.PUBLIC
            and score < visitors.SUSPECT
        ):
            lane = VERIFIED if named[1] == "verified" else DECLARED
            return await self._charge(f"crawler:{named[0].name}:{key}", lane, cost)
        verdict = await self._charge_all(known.client_ip, NETWORK, cost, "")
        if verdict.taken and who.kind == "guest":
            mine = await self._charge(state.actor(who), SHOPPER, cost)
            return mine if not mine.taken else min(verdict, mine, key=lambda one: one.left)
        return verdict

    async def _charge_all(self, address: str, limit: Limit, cost: float, prefix: str) -> Verdict:
        """Charge the network, and the one around it with five times the budget; the scarcest verdict counts."""
        wide = (
            WIDE if limit is NETWORK else Limit(name=limit.name, rate=limit.rate * 5, burst=limit.burst * 5)
        )
        verdicts = [
            await self._charge(prefix + key, limit if number == 0 else wide, cost)
            for number, key in enumerate(visitors.networks(address))
        ]
        return min(verdicts, key=lambda one: (one.taken, one.left))

    async def _charge(self, key: str, limit: Limit, cost: float) -> Verdict:
        return await self._store.charge(key, limit.times(self._settings.scale), cost, now=self._clock())

    def _refuse(self, verdict: Verdict, scope: Scope) -> TooMany | None:
        REFUSED.labels(verdict.limit.name).inc()
        log.warning("throttled", limit=verdict.limit.name, path=scope["path"], mode=self._settings.mode)
        if self._settings.mode == "watch":
            return None
        return TooMany(retry_after=max(1, math.ceil(verdict.wait or 1 / verdict.limit.rate)))

    def _is_trusted(self, known: state.RequestState) -> bool:
        return any(visitors.within(known.client_ip, network) for network in self._trusted)


def is_hasty(request: state.AnyRequest) -> bool:
    """Whether an unnamed visitor behaves like a program; never for those who are counted by their account."""
    return int(request.scope["state"].get(_MANNERS, 0)) >= visitors.SUSPECT


def cost_of(opt: Mapping[str, Any], method: str) -> float:
    """What a route says it costs, else 1 to read and 5 to write; files cost nothing."""
    declared = opt.get("cost")
    if declared is not None:
        return float(declared)
    if opt.get("auth") is False:
        return 0.0
    return 1.0 if method in csrf.SAFE else float(WRITE_COST)


def quota_headers(verdict: Verdict) -> list[tuple[bytes, bytes]]:
    """`RateLimit-Policy` and `RateLimit`: quota and window, then what is left and when it is whole (draft 10)."""
    limit = verdict.limit
    policy = f'"{limit.name}";q={limit.burst};w={math.ceil(limit.seconds)}'
    left = f'"{limit.name}";r={verdict.left};t={math.ceil(verdict.reset)}'
    return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())]


def _visitor(known: state.RequestState) -> str:
    return visitors.networks(known.client_ip)[0]
