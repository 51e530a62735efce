"""Bad input gets a clear answer, in the reader's language, and never a 500; defects tell nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar
from structlog.testing import capture_logs

from daji.boot import MESSAGES
from daji.faces.http import errors, translate
from daji.kit import ids
from daji.kit.clock import SimClock
from daji.kit.db import Database
from daji.kit.i18n import Catalogue
from daji.kit.problems import Problem
from tests.faces import http_app

EN = {"Accept-Language": "en"}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with http_app.silence():
        yield


@pytest.fixture
def app(db: Database, now: datetime) -> Litestar:
    return http_app.build(db, SimClock(now), Catalogue(MESSAGES, strict=True))


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with http_app.client(app, headers=EN) as opened:
        yield opened


async def send(
    client: httpx.AsyncClient, body: bytes, media_type: str = "application/json"
) -> httpx.Response:
    return await client.put("/text", content=body, headers={"Content-Type": media_type})


def fields(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(field["pointer"], field["code"]) for field in answer.json()["fields"]]


async def test_a_problem_has_every_member_of_rfc_9457_and_ours(client: httpx.AsyncClient):
    answer = await client.get("/slow-down", headers={"X-Request-Id": "abcd-1234"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["content-language"] == "en"
    assert answer.json() == {
        "type": "urn:daji:problem:too_many",
        "title": "That was a little too fast",
        "status": 429,
        "detail": "There were too many requests in a short time. Please try again in 7 seconds.",
        "instance": "/slow-down",
        "code": "too_many",
        "request_id": "abcd-1234",
        "retry_after": 7,
    }


async def test_problems_speak_the_readers_language(client: httpx.AsyncClient):
    assert (await client.get("/nowhere", headers={"Accept-Language": "zh-CN"})).json()["title"] == "没有找到"
    assert (await client.get("/nowhere?lang=zh")).json()["title"] == "没有找到"


BAD_BODIES: list[tuple[bytes, list[tuple[str, str]]]] = [
    (b"", [("", "required")]),
    (b"{", [("", "http.not_json")]),
    (b"nonsense", [("", "http.not_json")]),
    (b'{"items": [], "text": "\xff\xfe"}', [("", "http.not_json")]),
    (b'{"items": [], "text": "\\ud800"}', [("", "http.not_json")]),
    (b"[" * 200_000, [("", "http.not_json")]),
    (b"[]", [("", "wrong_type")]),
    (b"null", [("", "wrong_type")]),
    (b"{}", [("/items", "required")]),
    (b'{"items": [{"qty": 0}]}', [("/items/0/qty", "too_small")]),
    (b'{"items": [{"qty": 1000}]}', [("/items/0/qty", "too_large")]),
    (b'{"items": [{"qty": -9999999999999999999999}]}', [("/items/0/qty", "too_small")]),
    (b'{"items": [{"qty": 1e400}]}', [("", "http.not_json")]),
    (b'{"items": [{"qty": "many"}]}', [("/items/0/qty", "wrong_type")]),
    (b'{"items": [{"qty": 1, "note": "' + b"x" * 21 + b'"}]}', [("/items/0/note", "too_long")]),
    (b'{"items": [{"qty": 1, "discount": 5}]}', [("/items/0/discount", "unknown_field")]),
    (b'{"items": [{"qty": 1, "a/b~c": 5}]}', [("/items/0/a~1b~0c", "unknown_field")]),
    (b'{"items": [], "text": "a\\u0000b"}', [("/text", "http.not_text")]),
    (
        b'{"items": [{"qty": 1, "note": "\\u0000"}], "te/xt": "\\u0000"}',
        [("/items/0/note", "http.not_text"), ("/te~1xt", "http.not_text")],
    ),
    (b'{"items": [], "\\u0000": 1}', [("", "http.not_text")]),
]


async def test_a_bad_body_is_422_with_a_pointer(client: httpx.AsyncClient):
    for body, expected in BAD_BODIES:
        answer = await send(client, body)
        assert answer.status_code == 422, answer.text
        assert fields(answer) == expected
        for field in answer.json()["fields"]:
            assert field["detail"]
            assert field["code"] not in field["detail"]


async def test_bounds_are_named(client: httpx.AsyncClient):
    field = (await send(client, b'{"items": [{"qty": 1000}]}')).json()["fields"][0]
    assert (field["params"], field["detail"]) == ({"maximum": 999}, "Must be at most 999.")


async def test_a_backslash_before_u0000_is_text_like_any_other(client: httpx.AsyncClient):
    answer = await send(client, json.dumps({"items": [], "text": r"C:\u0000"}).encode())
    assert (answer.status_code, answer.text) == (200, r"C:\u0000")


async def test_hostile_text_is_only_text(client: httpx.AsyncClient):
    for hostile in ["'; DROP TABLE x; --", "<script>", "\u202e\ufeff", "𝕏" * 500, "%00"]:
        answer = await send(client, json.dumps({"items": [], "text": hostile}).encode())
        assert (answer.status_code, answer.text) == (200, hostile)


async def test_a_bad_query_is_422(client: httpx.AsyncClient):
    cases = [
        ("limit=many", [("limit", "wrong_type")]),
        ("limit=", [("limit", "wrong_type")]),
        ("limit=99999999999", [("", "http.not_text")]),
        ("q=%00", [("", "http.not_text")]),
        ("q=a%00b", [("", "http.not_text")]),
    ]
    for query, expected in cases:
        answer = await client.get(f"/find?{query}")
        assert answer.status_code == 422, answer.text
        assert fields(answer) == expected


async def test_an_odd_query_is_no_crash(client: httpx.AsyncClient):
    for query in ["q=%ff%fe", "q=%", "q=a&q=b", "&&&=", "q=%ED%A0%80"]:
        assert (await client.get(f"/find?{query}")).status_code in {200, 422}


async def test_a_bad_path(client: httpx.AsyncClient):
    assert (await client.get("/things/not-a-uuid")).status_code == 404
    assert (await client.get(f"/things/{ids.new_id()}/..%2f..%2fetc%2fpasswd")).status_code == 404
    assert (await client.get("/%00")).status_code == 422
    assert (await client.get("/%ff%fe")).status_code == 404


async def test_wrong_method_and_wrong_media_type(client: httpx.AsyncClient):
    answer = await client.delete("/public")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "…"):
        answer = await client.put(
            "/text", content=b'{"items": []}', headers={"Content-Type": media_type.encode()}
        )
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    answer = await client.put("/text", content=b'{"items": []}')
    assert answer.status_code == 415
    answer = await send(client, b'{"items": []}', "application/json; charset=utf-8")
    assert answer.status_code == 200


async def test_a_body_too_large_is_413_declared_or_not(client: httpx.AsyncClient):
    huge = b'{"items": [], "text": "' + b"x" * (1024 * 1024) + b'"}'
    assert (await send(client, huge)).status_code == 413

    async def trickle() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    answer = await client.put("/text", content=trickle(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_hostile_forms_are_no_crash(client: httpx.AsyncClient):
    for body in [b"a=%00", b"a=%ff", b"%%%", b"&=&=", b"a=" + b"1&a=" * 5000]:
        answer = await client.post(
            "/form", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert answer.status_code in {201, 422}


async def test_a_broken_multipart_body_is_no_crash(client: httpx.AsyncClient):
    for media_type in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x",
    ]:
        answer = await client.post("/form", content=b"--x\r\nrubbish", headers={"Content-Type": media_type})
        assert answer.status_code in {403, 415, 422}


async def test_a_defect_tells_its_number_and_nothing_else(client: httpx.AsyncClient):
    with capture_logs() as lines:
        answer = await client.get("/break")
    assert answer.status_code == 500
    body = answer.json()
    assert (body["code"], body["title"]) == ("internal", "Something went wrong")
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert body["request_id"] == answer.headers["x-request-id"]
    failed = next(line for line in lines if line["event"] == "request_failed")
    assert isinstance(failed["exc_info"], RuntimeError)


async def test_an_absent_database_is_503_and_asks_to_come_back(client: httpx.AsyncClient, db: Database):
    answer = await client.get("/away")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "10.0.0.5" not in answer.text
    await db.close()
    answer = await client.get("/find?q=x")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    answer = await client.get("/shopper", headers={"Authorization": "Bearer daji_" + "A" * 43})
    assert answer.status_code == 503


async def test_pages_for_people_problems_for_programs(client: httpx.AsyncClient):
    page = await client.get("/page")
    assert page.status_code == 401
    assert page.headers["content-type"].startswith("text/html")
    assert page.text.startswith("<h1>Please sign in</h1>req_")
    assert (await client.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"})).text.startswith("<h1>")
    assert (await client.get("/nowhere", headers={"Accept": "*/*"})).json()["code"] == "not_found"
    assert (await client.get("/nowhere", headers={"Accept": "application/json, text/html"})).json()


async def test_a_broken_error_page_falls_back_to_a_problem(db: Database, now: datetime, monkeypatch: Any):
    def broken(*_: object) -> None:
        raise LookupError("template")

    monkeypatch.setattr(http_app, "render", broken)
    app = http_app.build(db, SimClock(now), Catalogue(MESSAGES))
    async with http_app.client(app) as client:
        assert (await client.get("/page")).json()["code"] == "unauthenticated"


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (asyncpg.CharacterNotInRepertoireError("x"), 422),
        (asyncpg.UntranslatableCharacterError("x"), 422),
        (asyncpg.DivisionByZeroError("x"), 500),
        (asyncpg.UniqueViolationError("x"), 500),
        (asyncpg.UndefinedTableError("x"), 500),
        (asyncpg.LockNotAvailableError("x"), 503),
        (asyncpg.CannotConnectNowError("x"), 503),
        (asyncpg.InterfaceError("pool is closing"), 503),
        (TimeoutError(), 503),
        (ConnectionResetError(), 503),
        (PermissionError(), 500),
        (KeyError("x"), 500),
        (asyncio.QueueFull(), 500),
    ],
)
def test_what_else_can_be_raised(raised: Exception, status: int):
    assert translate.to_problem(raised).status == status


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("", ""),
        (".qty", "/qty"),
        (".lines[0].qty", "/lines/0/qty"),
        (".d[...]", "/d/..."),
        ("[3][4]", "/3/4"),
    ],
)
def test_paths_become_pointers(path: str, pointer: str):
    assert translate.to_pointer(path) == pointer


def test_every_problem_of_this_machinery_has_words_in_both_languages():
    catalogue = Catalogue(MESSAGES)
    own = [p for p in Problem.catalogue().values() if p.__module__ == errors.__name__]
    own += [p for p in Problem.catalogue().values() if p.__module__.startswith("daji.base.identity")]
    assert len(own) > 14
    for lang in catalogue.languages:
        keys = set(catalogue.keys(lang))
        for problem in own:
            assert {f"problems.{problem.code}.title", f"problems.{problem.code}.detail"} <= keys
