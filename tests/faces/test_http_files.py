"""What travels compressed, what a browser may keep, and what no path leads to (A9)."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import brotli
import httpx
import pytest
from litestar import Litestar, Response, get
from litestar.response import Stream

from daji.boot import MESSAGES
from daji.faces.http import compress, static
from daji.kit.clock import SimClock
from daji.kit.db import Database
from daji.kit.i18n import Catalogue
from tests.faces import http_app

LONG = "山高月小，水落石出。" * 200
PUBLIC = {"permission": "public"}


@get("/long", opt=PUBLIC)
async def long_page() -> Response[str]:
    return Response(LONG, media_type="text/html; charset=utf-8", headers={"Vary": "Cookie"})


@get("/short", opt=PUBLIC)
async def short_page() -> str:
    return "short"


@get("/picture", opt=PUBLIC)
async def picture() -> Response[bytes]:
    return Response(b"\x00" * 5000, media_type="image/webp")


@get("/news", opt=PUBLIC)
async def news() -> Stream:
    async def lines() -> AsyncIterator[str]:
        for n in range(200):
            yield f"data: {n}\n\n"

    return Stream(lines(), media_type="text/event-stream")


@get("/pieces", opt=PUBLIC)
async def pieces() -> Stream:
    async def parts() -> AsyncIterator[str]:
        for _ in range(100):
            yield LONG[:100]

    return Stream(parts(), media_type="text/plain")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with http_app.silence():
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "site"
    (made / "assets").mkdir(parents=True)
    (made / "assets" / "store-DpICSLGR.js").write_text("// " + LONG)
    (made / "mark.svg").write_text("<svg/>" + " " * 2000)
    (made / "tiny.css").write_text("a{}")
    (made / "photo.webp").write_bytes(b"RIFF" + b"\x00" * 3000)
    (made / ".env").write_text("SECRET=1")
    (tmp_path / "secret.txt").write_text("secret")
    (made / "out").symlink_to(tmp_path)
    return made


@pytest.fixture
async def client(db: Database, now: datetime, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    more = [long_page, short_page, picture, news, pieces, static.route("/files", [folder], name="files")]
    app: Litestar = http_app.build(db, SimClock(now), Catalogue(MESSAGES), more=more)
    async with http_app.client(app) as opened:
        yield opened


def raw(client: httpx.AsyncClient, path: str, encodings: str) -> httpx.Request:
    return client.build_request("GET", path, headers={"Accept-Encoding": encodings})


async def fetch(
    client: httpx.AsyncClient, path: str, encodings: str, **headers: str
) -> tuple[httpx.Response, bytes]:
    request = client.build_request("GET", path, headers={"Accept-Encoding": encodings, **headers})
    answer = await client.send(request, stream=True)
    body = b"".join([part async for part in answer.aiter_raw()])
    return answer, body


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("GZIP;q=0.5", "gzip"),
        ("", None), ("identity", None), ("br;q=0.0, gzip;q=0", None), ("*", None), ("brotli", None),
    ],
)  # fmt: skip
def test_what_a_reader_takes(asked: str, chosen: str | None) -> None:
    assert compress.choose(asked) == chosen


async def test_text_is_compressed_as_the_reader_takes_it(client: httpx.AsyncClient) -> None:
    for encodings, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        answer, body = await fetch(client, "/long", encodings)
        assert answer.headers["content-encoding"] == encodings
        assert answer.headers["vary"] == "Cookie, Accept-Encoding"
        assert int(answer.headers["content-length"]) == len(body) < 500
        assert unpack(body).decode() == LONG
    plain, body = await fetch(client, "/long", "identity")
    assert "content-encoding" not in plain.headers
    assert (body.decode(), plain.headers["vary"]) == (LONG, "Cookie, Accept-Encoding")


async def test_what_gains_nothing_stays_as_it_is(client: httpx.AsyncClient) -> None:
    for path in ("/short", "/picture", "/news", "/pieces"):
        answer, _ = await fetch(client, path, "br, gzip")
        assert "content-encoding" not in answer.headers, path
    streamed, body = await fetch(client, "/news", "br")
    assert body.startswith(b"data: 0\n\n")
    assert streamed.headers["content-type"].startswith("text/event-stream")


async def test_a_refusal_is_compressed_too_and_a_head_has_no_body(client: httpx.AsyncClient) -> None:
    missing, _ = await fetch(client, "/public?" + "x" * 9000, "br")
    assert missing.status_code == 414
    head = await client.head("/files/assets/store-DpICSLGR.js")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["cache-control"] == static.FOR_EVER


async def test_a_file_whose_name_says_what_is_in_it_is_kept_for_ever(client: httpx.AsyncClient) -> None:
    answer, body = await fetch(client, "/files/assets/store-DpICSLGR.js", "br, gzip")
    assert answer.headers["cache-control"] == static.FOR_EVER
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert brotli.decompress(body).decode() == "// " + LONG
    stamped, _ = await fetch(client, "/files/tiny.css?v=1", "br")
    assert stamped.headers["cache-control"] == static.FOR_EVER
    asked, _ = await fetch(client, "/files/mark.svg", "br")
    assert (asked.headers["cache-control"], asked.headers["content-encoding"]) == (static.ASK_FIRST, "br")
    photo, body = await fetch(client, "/files/photo.webp", "br")
    assert "content-encoding" not in photo.headers
    assert (photo.headers["content-type"], len(body)) == ("image/webp", 3004)
    assert "vary" not in photo.headers
    assert photo.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" not in photo.headers, "thirty pictures would carry it thirty times"
    assert "content-security-policy" in asked.headers, "an SVG is a document"


async def test_a_file_that_is_the_same_is_not_sent_again(client: httpx.AsyncClient, folder: Path) -> None:
    first, _ = await fetch(client, "/files/mark.svg", "br")
    plain, _ = await fetch(client, "/files/mark.svg", "identity")
    assert first.headers["etag"] != plain.headers["etag"]
    for tag in (first.headers["etag"], f'"x", W/{first.headers["etag"]}', "*"):
        again, body = await fetch(client, "/files/mark.svg", "br", **{"If-None-Match": tag})
        assert (again.status_code, body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    (folder / "mark.svg").write_text("<svg></svg>" + " " * 3000)
    changed, _ = await fetch(client, "/files/mark.svg", "br", **{"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "assets/../../secret.txt", "out/secret.txt", ".env",
        "assets", "", "nothing.js", "/etc/passwd", "assets%5c..%5c..%5csecret.txt", "assets//../.env", "a\u202eb",
        "x" * 1500,
    ],
)  # fmt: skip
async def test_no_path_leads_out(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/files/{path}")
    assert answer.status_code in {404, 405}
    assert "secret" not in answer.text.replace("secret.txt", "").lower()
