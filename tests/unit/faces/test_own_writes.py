"""The cookie that says what a reader must be shown: only ours counts, and only for its minute."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from daji.base.identity import api as identity
from daji.faces.http.own_writes import SECONDS, OwnWrites
from daji.faces.http.settings import HttpSettings
from daji.faces.http.state import RequestState
from daji.kit.db.reading import Reader, current

SETTINGS = HttpSettings(secret=b"s" * 32)
POSITION = 0x3000148


class Database:
    def __init__(self, *, replica: bool = True) -> None:
        self.replica = SimpleNamespace() if replica else None
        self.asked = 0

    async def position(self) -> int:
        self.asked += 1
        return POSITION


def writes(db: Database, wall: float = 1000.0) -> OwnWrites:
    made: Any = db
    return OwnWrites(made, SETTINGS, wall=lambda: wall)


def known(kind: str = "anonymous") -> RequestState:
    principal: Any = identity.Principal(kind=kind)  # type: ignore[arg-type]
    return RequestState(
        settings=SETTINGS, request_id="r", lang="en", client_ip="", new_cookies={}, principal=principal
    )


async def cookie_of(db: Database) -> str:
    request = known()
    await writes(db).note(Reader(own=True), request)
    line = request.new_cookies["daji_seen"]
    assert f"Max-Age={SECONDS}" in line
    assert "HttpOnly" in line
    return line.partition("=")[2].partition(";")[0]


async def test_what_was_given_is_read_again() -> None:
    db = Database()
    value = await cookie_of(db)
    with writes(db).reading("GET", value) as reader:
        assert (reader.after, reader.own) == (POSITION, False)
        assert current() is reader
    with writes(db).reading("POST", None) as reader:
        assert (reader.after, reader.own) == (0, True)
    assert current().after == 0


async def test_forged_foreign_and_old_ones_say_nothing() -> None:
    db = Database()
    value = await cookie_of(db)
    place, _, rest = value.partition(".")
    for given in ("", "x", f"{int(place, 16) + 1:x}.{rest}", value[:-1] + "0", value + "0", "9" * 40):
        if given != value:
            assert writes(db)._read(given) == 0, given
    assert writes(db, wall=1000.0 + SECONDS + 1)._read(value) == 0
    assert writes(Database(replica=False))._read(value) == 0


@pytest.mark.parametrize(
    ("reader", "kind", "replica", "asked"),
    [
        (Reader(), "shopper", True, 0),
        (Reader(wrote=True), "shopper", True, 1),
        (Reader(wrote=True), "anonymous", True, 0),
        (Reader(own=True), "anonymous", True, 1),
        (Reader(own=True, wrote=True), "shopper", False, 0),
    ],
)
async def test_only_who_may_have_written_costs_a_statement(
    reader: Reader, kind: str, *, replica: bool, asked: int
) -> None:
    db = Database(replica=replica)
    request = known(kind)
    await writes(db).note(reader, request)
    assert (db.asked, bool(request.new_cookies)) == (asked, bool(asked))
