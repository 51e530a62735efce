"""The outermost layer: ids, languages, limits of the head, headers out, figures, health, idempotency keys."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from litestar import Litestar
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from daji.base.identity import api as identity
from daji.boot import MESSAGES
from daji.faces.http import ops, outer, state
from daji.kit import ids
from daji.kit.clock import SimClock
from daji.kit.db import Database, Session, counting
from daji.kit.i18n import Catalogue
from tests.faces import http_app

CATALOGUE = Catalogue(MESSAGES)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with http_app.silence():
        yield


@pytest.fixture
def clock(now: datetime) -> SimClock:
    return SimClock(now)


@pytest.fixture
def app(db: Database, clock: SimClock) -> Litestar:
    return http_app.build(db, clock, CATALOGUE)


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with http_app.client(app) as opened:
        yield opened


async def test_request_ids_are_made_or_taken_when_they_are_harmless(client: httpx.AsyncClient):
    made = {(await client.get(path)).headers["x-request-id"] for path in ("/public", "/public", "/nowhere")}
    assert len(made) == 3
    assert all(re.fullmatch(r"req_[0-9a-z]{26}", one) for one in made)
    for given, kept in (
        ("trace-0123456789.A_b", True),
        ("short", False),
        ("x" * 65, False),
        ("with space in it", False),
        ("evil\x1b[31mred", False),
    ):
        answer = await client.get("/public", headers={"X-Request-Id": given.encode()})
        assert (answer.headers["x-request-id"] == given) is kept


async def test_a_log_line_and_a_figure_for_every_request(client: httpx.AsyncClient):
    def count(route: str, status: str) -> float:
        labels = {"method": "GET", "route": route, "status": status}
        return REGISTRY.get_sample_value("daji_http_request_seconds_count", labels) or 0

    before = count("/things/{owner_id}", "401"), count("(unmatched)", "404")
    with capture_logs() as lines:
        await client.get(f"/things/{ids.new_id()}")
        await client.get("/no/such/place?secret=1")
    assert (count("/things/{owner_id}", "401"), count("(unmatched)", "404")) == (before[0] + 1, before[1] + 1)
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["status"], line["who"]) for line in requests] == [(401, "anonymous"), (404, "anonymous")]
    assert "secret" not in str(requests)


async def test_what_a_request_writes_carries_its_id_and_trace(client: httpx.AsyncClient):
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = await client.get(
        "/trace", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01", "X-Request-Id": "abcd-1234"}
    )
    assert answer.json()["request_id"] == "abcd-1234"
    assert trace in answer.json()["trace"]


async def test_the_readers_language(app: Litestar):
    cases: list[tuple[str, str | None, str | None, str]] = [
        ("/public", None, None, "zh"),
        ("/public", None, "en-GB,en;q=0.9", "en"),
        ("/public", None, "fr,de", "zh"),
        ("/public", "en", "zh", "en"),
        ("/public", "xx", "en", "en"),
        ("/public?lang=en", "zh", "zh", "en"),
        ("/public?lang=xx", None, "en", "en"),
        ("/public?lang=%ff&lang=", None, "en", "en"),
        ("/public?slang=en", None, None, "zh"),
    ]
    for path, cookie, accept, lang in cases:
        async with http_app.client(app) as client:
            headers = {"Accept-Language": accept} if accept else {}
            if cookie:
                headers["Cookie"] = f"daji_lang={cookie}"
            answer = await client.get(path, headers=headers)
            assert answer.json()["lang"] == lang
            assert ("daji_lang=en" in answer.headers.get("set-cookie", "")) is (path == "/public?lang=en")


async def test_a_chosen_language_is_remembered(client: httpx.AsyncClient):
    await client.get("/public?lang=en")
    assert (await client.get("/public")).json()["lang"] == "en"


async def test_an_odd_head_is_refused_before_anything_reads_it(client: httpx.AsyncClient):
    for headers, status in (
        ({f"X-{n}": "1" for n in range(120)}, 431),
        ({"X-Long": "x" * 40_000}, 431),
        ([("Authorization", "Bearer a"), ("Authorization", "Bearer b")], 400),
        ([("Idempotency-Key", "a"), ("Idempotency-Key", "b")], 400),
    ):
        answer = await client.get("/public", headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert (await client.get("/" + "x" * 3000)).status_code == 414
    assert (await client.get("/public?" + "x" * 9000)).status_code == 414
    assert (await client.get("/public", headers={"Cookie": "=;=;\x01; daji_lang"})).status_code == 200


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient):
    for path in ("/public", "/nowhere", "/break", "/staff", "/health/live", "/public?" + "x" * 9000):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; "), "data run nothing"
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert "strict-transport-security" not in headers


async def test_a_page_says_what_it_may_run(client: httpx.AsyncClient):
    policy = (await client.get("/page")).headers["content-security-policy"]
    assert "script-src 'self' 'strict-dynamic' 'nonce-" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


async def test_a_script_may_run_in_the_answer_it_was_written_into_only(client: httpx.AsyncClient):
    nonces = set()
    for path in ("/page", "/page", "/nowhere"):
        policy = (await client.get(path, headers={"Accept": "text/html"})).headers["content-security-policy"]
        found = set(re.findall(r"'nonce-([A-Za-z0-9_-]{22})'", policy))
        assert len(found) == 1
        nonces |= found
    assert len(nonces) == 3


async def test_https_promises_to_stay_and_payment_pages_are_named(db: Database, clock: SimClock):
    app = http_app.build(db, clock, CATALOGUE, secure=True, form_targets=("https://pay.example",))
    async with http_app.client(app, base_url="https://shop.test") as client:
        headers = (await client.get("/page")).headers
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert "form-action 'self' https://pay.example;" in headers["content-security-policy"]


async def test_answers_that_depend_on_the_reader_say_so(client: httpx.AsyncClient):
    answer = await client.get("/public")
    assert "Cookie" in answer.headers["vary"]
    assert "cache-control" not in answer.headers
    answer = await client.post("/cart", json={"items": []})
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "vary" not in (await client.get("/health/live")).headers


# --- those who run the house


async def test_alive_asks_nobody_ready_asks_the_database(client: httpx.AsyncClient, db: Database):
    with counting() as tally:
        assert (await client.get("/health/live")).json() == {"alive": True}
    assert tally.count == 0
    ready = await client.get("/health/ready", headers={"Authorization": "Bearer nonsense"})
    assert (ready.status_code, ready.json()) == (
        200,
        {"ready": True, "database": True, "migrations": True, "leaving": False},
    )
    await db.close()
    gone = await client.get("/health/ready")
    assert (gone.status_code, gone.json()["database"], gone.headers["retry-after"]) == (503, False, "5")
    assert (await client.get("/health/live")).status_code == 200


async def test_not_ready_while_migrations_are_missing_or_the_database_dawdles(db: Database, clock: SimClock):
    async def behind(_: Session) -> bool:
        return False

    async def dawdle(session: Session) -> bool:
        return bool(await session.value("SELECT pg_sleep(5) IS NULL"))

    for check in (behind, dawdle):
        found = await ops._look(db, check, 0.2)
        assert (found.ready, found.database, found.migrations) == (False, True, False)


async def test_figures_are_for_the_machine_itself_or_who_has_the_token(db: Database, clock: SimClock):
    app = http_app.build(db, clock, CATALOGUE, metrics_token="figures")

    async def ask(address: str, headers: dict[str, str] | None = None) -> int:
        transport = httpx.ASGITransport(app=app, client=(address, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            answer = await client.get("/metrics", headers=headers)
        assert ("daji_http_request_seconds_bucket" in answer.text) is (answer.status_code == 200)
        return answer.status_code

    assert await ask("127.0.0.1") == 200
    assert await ask("::1") == 200
    assert await ask("198.51.100.9") == 404
    assert await ask("127.0.0.1", {"X-Forwarded-For": "198.51.100.9"}) == 404
    assert await ask("198.51.100.9", {"Authorization": "Bearer figures"}) == 200
    assert await ask("198.51.100.9", {"Authorization": "Bearer guess"}) == 404


@pytest.mark.parametrize(
    ("forwarded", "proxies", "seen"),
    [
        ("", 0, "10.0.0.1"),
        ("203.0.113.5", 0, "10.0.0.1"),
        ("203.0.113.5", 1, "203.0.113.5"),
        ("6.6.6.6, 203.0.113.5", 1, "203.0.113.5"),
        ("6.6.6.6, 203.0.113.5, 10.0.0.9", 2, "203.0.113.5"),
        ("203.0.113.5", 2, "10.0.0.1"),
    ],
)
def test_the_readers_address_is_not_what_the_reader_says(forwarded: str, proxies: int, seen: str):
    scope: Any = {"client": ("10.0.0.1", 1)}
    assert outer.client_ip(scope, {"x-forwarded-for": forwarded}, proxies) == seen
    assert outer.client_ip({"client": None}, {}, 0) == ""  # type: ignore[typeddict-item]


# --- idempotency keys


async def order(client: httpx.AsyncClient, key: str | bytes | None) -> httpx.Response:
    headers: Any = {"Sec-Fetch-Site": "same-origin"} | ({"Idempotency-Key": key} if key is not None else {})
    return await client.post("/orders", json={"items": []}, headers=headers)


async def test_a_route_that_moves_money_needs_a_key(client: httpx.AsyncClient):
    missing = await order(client, None)
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency_key_missing")
    for bad in ("", "with space", "x" * 256, "é".encode(), "\x7f", "tab\tbed"):
        answer = await order(client, bad)
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_malformed")
    for good in ("k", "x" * 255, '"quoted-8f14e45f"', "!~"):
        assert (await order(client, good)).json()["key"] == good


async def test_a_key_belongs_to_who_sent_it(app: Litestar, client: httpx.AsyncClient):
    first, again = (await order(client, "k")).json(), (await order(client, "k")).json()
    assert first == again
    assert re.fullmatch("guest:[0-9a-f]{16}", first["scope"])
    async with http_app.client(app) as other:
        assert (await order(other, "k")).json()["scope"] != first["scope"]


def test_actors_are_named_without_secrets():
    account = ids.new_id()
    principal = identity.Principal
    assert state.actor(principal(kind="shopper", id=account)) == f"shopper:{account}"
    assert state.actor(principal(kind="staff", id=account)) == f"staff:{account}"
    assert state.actor(principal(kind="api", id=account)) == f"staff:{account}"
    assert state.actor(identity.ANONYMOUS) == "anonymous"
    assert "token" not in state.actor(principal(kind="guest", guest_token="token"))
