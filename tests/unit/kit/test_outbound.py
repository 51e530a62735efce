"""Calls to the outside: what was surely not sent, what may have been, and what the library must not do by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from daji.kit.outbound import Answer, NoAnswer, NotReached, Question, Wire, Within, application
from tests.makers.listening import CUT, SILENCE, Listener, listening, said


@pytest.fixture
async def wire() -> AsyncGenerator[Wire]:
    made = Wire(most_bytes=1000)
    yield made
    await made.aclose()


async def ask(
    wire: Wire | Within, url: str, *, method: str = "POST", body: bytes = b"{}", **more: Any
) -> Answer:
    return await wire.ask(method, url, **{"headers": {}, "body": body, "seconds": 5.0, **more})


async def test_a_question_arrives_as_it_was_signed(wire: Wire) -> None:
    async with listening([said(body=b"yes", headers="X-One: 1\r\n")]) as server:
        url = f"{server.url}/v1/%7Ea%2Fb?x=%20y&z=1"
        answer = await ask(wire, url, headers={"Daji-Nonce": "n", "Content-Type": "application/json"})
    assert (answer.status, answer.ok, answer.body) == (200, True, b"yes")
    assert answer.headers["x-one"] == "1"
    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1/%7Ea%2Fb?x=%20y&z=1 HTTP/1.1"
    assert {"Daji-Nonce: n", "Content-Type: application/json", "Content-Length: 2"} <= set(lines)
    assert not [line for line in lines if line.lower().startswith("accept-encoding")]
    assert body == b"{}"


async def test_a_line_is_kept(wire: Wire) -> None:
    async with listening([said()] * 3) as server:
        for _ in range(3):
            assert (await ask(wire, server.url)).status == 200
    assert (server.connections, len(server.heard)) == (1, 3)


async def test_every_question_bears_what_also_gives() -> None:
    async with listening([said()]) as server:
        wire = Wire(also=lambda: {"traceparent": "00-1-2-01"})
        await ask(wire, server.url, headers={"a": "b"})
        await wire.aclose()
    assert b"\r\ntraceparent: 00-1-2-01\r\n" in server.heard[0]
    assert b"\r\na: b\r\n" in server.heard[0]


async def test_no_redirect_no_cookie_no_proxy(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening([said(body=b"proxy")]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        moved = said("302 Found", headers="Location: /other\r\nSet-Cookie: a=b\r\n")
        async with listening([moved, said()]) as server:
            assert (await ask(wire, server.url, method="GET", body=b"")).status == 302
            assert (await ask(wire, server.url)).status == 200
    assert len(server.heard) == 2
    assert b"cookie" not in server.heard[1].lower()
    assert proxy.heard == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://nowhere.invalid/",
        f"http://{'a' * 64}.invalid/",
        "https:///nowhere",
        "ftp://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1/ HTTP/1.1",
        "http://127.0.0.1/订单",
        "",
    ],
)
async def test_what_cannot_be_reached_was_not_sent(wire: Wire, url: str) -> None:
    with pytest.raises(NotReached):
        await ask(wire, url)


async def test_a_handshake_that_fails_or_lasts_sent_nothing(wire: Wire) -> None:
    """TLS to a server that never answers the handshake, and to one that hangs up."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def be_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    for behave in (hang_up, be_silent):
        server = await asyncio.start_server(behave, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NotReached):
            await ask(wire, f"https://127.0.0.1:{port}/", connect_seconds=0.1)
        server.close()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(CUT, id="hung up"),
        pytest.param(SILENCE, id="silent"),
        pytest.param(b"not http at all\r\n\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal", id="half an answer"),
        pytest.param(said(body=b"x" * 1001), id="too long"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"200\r\n" + b"x" * 512 + b"\r\n",
            id="never ending",
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_was_sent_and_not_answered_is_unknown(
    wire: Wire, answer: bytes | None, method: str
) -> None:
    async with listening([answer, said()]) as server:
        with pytest.raises(NoAnswer):
            await ask(wire, server.url, method=method, seconds=0.2)
    assert len(server.heard) == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
async def test_a_kept_line_that_breaks_under_a_question_is_unknown_and_asked_once(
    wire: Wire, method: str
) -> None:
    async with listening([said(), CUT, said()]) as server:
        await ask(wire, server.url)
        with pytest.raises(NoAnswer):
            await ask(wire, server.url, method=method)
        assert (server.connections, len(server.heard)) == (1, 2)
        assert (await ask(wire, server.url, method=method)).status == 200
    assert server.connections == 2


async def test_a_kept_line_that_was_closed_meanwhile_is_replaced(wire: Wire) -> None:
    async with listening([said()] * 2) as server:
        await ask(wire, server.url)
        await _closed(server)
        assert (await ask(wire, server.url)).status == 200
    assert (server.connections, len(server.heard)) == (2, 2)


async def _closed(server: Listener) -> None:
    server.writers[0].close()
    await server.writers[0].wait_closed()
    await asyncio.sleep(0.05)


async def test_within_this_process() -> None:
    async def echo(question: Question) -> Answer:
        if question.body == b"sleep":
            await asyncio.sleep(5)
        return Answer(status=201, body=question.method.encode())

    within = Within(echo)
    assert (await ask(within, "http://a.test/")).body == b"POST"
    with pytest.raises(NoAnswer):
        await ask(within, "http://a.test/", body=b"sleep", seconds=0.01)
    await within.aclose()


async def test_an_application_sees_what_a_server_would_show_it() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend((scope, await receive()))
        await send({"type": "http.response.start", "status": 202, "headers": [(b"x-a", b"1")]})
        await send({"type": "http.response.body", "body": b"o", "more_body": True})
        await send({"type": "http.response.body", "body": b"k"})
        seen.append(await receive())

    within = Within(application(app))
    answer = await ask(within, "http://a.test:81/p%20q?r=%7E", headers={"X-B": "c"})
    assert (answer.status, answer.headers, answer.body) == (202, {"x-a": "1"}, b"ok")
    scope, first, last = seen
    assert (scope["method"], scope["path"], scope["raw_path"]) == ("POST", "/p q", b"/p%20q")
    assert (scope["query_string"], scope["server"]) == (b"r=%7E", ("a.test", 81))
    assert dict(scope["headers"]) == {b"host": b"a.test:81", b"content-length": b"2", b"x-b": b"c"}
    assert (first["body"], last["type"]) == (b"{}", "http.disconnect")
