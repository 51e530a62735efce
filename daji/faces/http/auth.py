"""Who is asking: from the Authorization header, a session cookie or a guest cookie, in this order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from litestar.connection import ASGIConnection
from litestar.types import ASGIApp, Middleware, Receive, Scope, Send

from daji.base.identity import api as identity
from daji.faces.http import cookies, permit, state
from daji.faces.http.settings import HttpSettings
from daji.kit.clock import Clock
from daji.kit.db import Database, Session
from daji.kit.problems import Unauthenticated

_BEARER = "bearer "


def middleware(settings: HttpSettings, *, db: Database, clock: Clock) -> Middleware:
    """Make the middleware; it asks the database once for a session or token, and never for a visitor."""
    door = _Door(settings, db, clock)

    def wrap(app: ASGIApp) -> ASGIApp:
        async def authenticate(scope: Scope, receive: Receive, send: Send) -> None:
            opt = scope["route_handler"].opt
            if opt.get("auth", True):
                await door.admit(scope, staff=permit.is_staff_side(opt))
            await app(scope, receive, send)

        return authenticate

    return wrap


class _Door:
    def __init__(self, settings: HttpSettings, db: Database, clock: Clock) -> None:
        self._settings = settings
        self._db = db
        self._clock = clock

    async def admit(self, scope: Scope, *, staff: bool) -> None:
        known = state.of_scope(scope)
        header = known.headers.get("authorization", "")
        if not header and "cookie" not in known.headers:
            return
        connection: state.AnyConnection = ASGIConnection(scope)
        if header[: len(_BEARER)].lower() == _BEARER:
            known.principal = await self._by_bearer(header[len(_BEARER) :].strip())
            known.bearer = True
            return
        given = connection.cookies
        known.guest_token = cookies.read_guest(self._settings, given.get(cookies.guest_name(self._settings)))
        realm: identity.Realm = "staff" if staff else "shopper"
        token = given.get(cookies.session_name(self._settings, realm))
        if token is not None:
            found = await self._by_session(known, realm, token)
            if found is not None:
                known.principal = found
                return
        if known.guest_token is not None and not staff:
            known.principal = state.guest(self._settings.secret, known.guest_token)

    async def _by_bearer(self, token: str) -> identity.Principal:
        now = self._clock.now()
        found = await self._find(lambda session: identity.authenticate_bearer(session, token=token, now=now))
        if found.kind == "anonymous":
            raise Unauthenticated
        return found

    async def _by_session(
        self, known: state.RequestState, realm: identity.Realm, token: str
    ) -> identity.Principal | None:
        now = self._clock.now()
        found = await self._find(lambda session: identity.authenticate_session(session, token=token, now=now))
        if found.kind != realm or found.session_id is None:
            return None
        if found.renew:
            async with self._db.transaction() as tx:
                end = await identity.renew_session(tx, realm=realm, session_id=found.session_id, now=now)
            if end is not None:
                seconds = int((end - now).total_seconds())
                cookies.set_session(known.new_cookies, self._settings, realm, token, seconds)
        return state.with_csrf(self._settings.secret, found)

    async def _find(self, ask: Callable[[Session], Awaitable[identity.Principal]]) -> identity.Principal:
        async with self._look() as session:
            found = await ask(session)
        if found.kind == "anonymous" and self._db.replica is not None:
            # A replica may not know yet who has just signed in, on another device say.
            async with self._db.fresh() as session:
                found = await ask(session)
        return found

    def _look(self) -> AbstractAsyncContextManager[Session]:
        return self._db.transaction() if self._settings.fresh_sessions else self._db.read()
