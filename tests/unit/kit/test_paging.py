from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.kit.paging import BadCursor, Cursor, Page, limit
from daji.kit.problems import Invalid

TIMES = st.integers(-(10**15) * 60, 10**15 * 200).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
INTS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=300)


def forged(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@given(TIMES, st.uuids(), INTS, TEXTS)
def test_a_cursor_comes_back_as_it_went(at: datetime, id_: UUID, number: int, name: str) -> None:
    text = Cursor.encode((at, id_, number, name))
    assert text.isascii()
    assert text.replace("-", "").replace("_", "").isalnum()
    assert Cursor.decode(text, (datetime, UUID, int, str)) == (at, id_, number, name)


def test_times_come_back_as_utc() -> None:
    at = datetime(2026, 11, 11, 8, tzinfo=timezone(timedelta(hours=8)))
    (back,) = Cursor.decode(Cursor.encode((at,)), (datetime,))
    assert (back, back.tzinfo) == (at, UTC)
    with pytest.raises(ValueError, match="without a zone"):
        Cursor.encode((at.replace(tzinfo=None),))


@given(st.text(max_size=60))
def test_hostile_text_is_a_bad_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.decode(text, (datetime, UUID))


@given(st.binary(max_size=60))
def test_hostile_bytes_are_a_bad_cursor(raw: bytes) -> None:
    with pytest.raises(BadCursor):
        Cursor.decode(forged(raw), (datetime, UUID))


@pytest.mark.parametrize(
    ("raw", "kinds"),
    [
        (b"[1]", (str,)),
        (b'["1"]', (int,)),
        (b"[1.5]", (int,)),
        (b"[true]", (int,)),
        (b"[null]", (int,)),
        (b"[9223372036854775808]", (int,)),
        (b"[-9223372036854775809]", (int,)),
        (b"[1,2]", (int,)),
        (b"[]", (int,)),
        (b"{}", (int,)),
        (b"[1] ,", (int,)),
        (b'["2026-01-01T00:00:00"]', (datetime,)),
        (b'["0001-01-01T00:00:00+23:00"]', (datetime,)),
        (b'["9999-12-31T23:59:59-23:00"]', (datetime,)),
        (b'["2026-01-01"]', (datetime,)),
        (b'["x"]', (UUID,)),
        (b'["a\\u0000b"]', (str,)),
        (b'["a\\u0000"]', (str,)),
        (b'["a\\n\\u0000"]', (str,)),
        (b'["\\ud800"]', (str,)),
        (b'["' + b"x" * 301 + b'"]', (str,)),
        (b"[" * 900, (int,)),
    ],
)
def test_a_forged_cursor_never_reaches_the_database(raw: bytes, kinds: tuple[type, ...]) -> None:
    with pytest.raises(BadCursor) as caught:
        Cursor.decode(forged(raw), kinds)
    assert caught.value.status == 422


def test_a_cursor_of_another_list_and_a_spoilt_one_are_refused() -> None:
    text = Cursor.encode((7, UUID(int=7)))
    for spoilt in (text + "!", text[:-2], text + "\n", "=" + text, text.encode().hex(), "A" * 3000):
        with pytest.raises(BadCursor):
            Cursor.decode(spoilt, (int, UUID))
    with pytest.raises(BadCursor):
        Cursor.decode(text, (UUID, int))


def test_the_page_size_is_given_capped_or_refused() -> None:
    assert [limit(None), limit(1), limit(100), limit(101), limit(10**30)] == [20, 1, 100, 100, 100]
    assert limit(None, default=5) == 5
    assert limit(50, maximum=10) == 10
    for value in (0, -1, -(10**30)):
        with pytest.raises(Invalid) as caught:
            limit(value)
        assert [field.pointer for field in caught.value.fields] == ["limit"]


def test_a_page_is_plain_json() -> None:
    page = Page[int](items=(1, 2), next_cursor=None)
    assert msgspec.json.encode(page) == b'{"items":[1,2],"next_cursor":null}'
    assert msgspec.json.decode(msgspec.json.encode(page), type=Page[int]) == page
