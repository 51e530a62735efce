"""The store of kept answers and the cutting of pages: what ends an answer, and that no two readers share a nonce."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from daji.faces.http import cuts
from daji.faces.http.keeping import matches, normal
from daji.faces.http.kept import (
    DOWN_SECONDS,
    FRESH_SECONDS,
    MOST_BYTES,
    OLDEST_SECONDS,
    Answer,
    Ends,
    Keep,
    Kept,
    KeptSettings,
)

NOW = datetime(2026, 3, 3, tzinfo=UTC)
TEA, CUP = uuid4(), uuid4()


class Watch:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def kept(watch: Watch) -> Kept:
    made = Kept(KeptSettings(kept_megabytes=1), clock=watch)
    made.renew(watch.now)
    return made


def answer(body: bytes = b"tea", *, shows: tuple[UUID, ...] = (), ends_with: Ends = "own") -> Answer:
    return Answer(
        rule=Keep(ends_with=ends_with),
        headers=(),
        etag=b'W/"1"',
        parts=(body,),
        made_of=frozenset(shows),
        size=len(body),
    )


def put(kept: Kept, name: str, made: Answer) -> bool:
    return kept.put((name,), made, began=kept.tick)


@pytest.mark.parametrize("parts", [(b"one",), (b"", b"x"), (b"head " * 90, b"", b"tail" * 9000, b"")])
def test_a_page_cut_at_its_nonces_is_the_same_page_with_another(parts: tuple[bytes, ...]) -> None:
    first, second = b"a" * 22, b"b" * 22
    body = first.join(parts)
    assert cuts.cut(body, first) == parts
    packed = cuts.pack(parts)
    for nonce in (first, second):
        whole = cuts.join(parts, nonce)
        assert whole == nonce.join(parts)
        assert gzip.decompress(cuts.gzip_of(parts, packed, nonce)) == whole


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a=1&b=2", "b=2&a=1", True), ("a=%31", "a=1", True), ("q=a+b", "q=a%20b", True), ("a=", "a", True),
        ("a=1&a=2", "a=2&a=1", False), ("q=%E8%8C%B6", "q=%E8%8C%B7", False), ("q=%FF", "q=%FE", False),
        ("q=a", "q=A", False), ("q=a%26b=1", "q=a&b=1", False),
    ],
)  # fmt: skip
def test_a_query_has_one_spelling(one: str, other: str, same: bool) -> None:
    assert (normal(one.encode()) == normal(other.encode())) is same


@pytest.mark.parametrize(
    ("header", "same"),
    [('W/"1"', True), ('"1"', True), ('"0", W/"1"', True), ("*", True), ('"2"', False), ("", False)],
)
def test_a_validator_is_compared_weakly(header: str, same: bool) -> None:
    assert matches(header, b'W/"1"') is same


def test_what_a_product_shows_ends_with_the_product(kept: Kept) -> None:
    assert put(kept, "tea", answer(shows=(TEA,)))
    assert put(kept, "both", answer(shows=(TEA, CUP)))
    assert put(kept, "cup", answer(shows=(CUP,)))
    kept.drop([TEA, uuid4()])
    assert [kept.find((name,)) is not None for name in ("tea", "both", "cup")] == [False, False, True]
    assert len(kept) == 1


def test_lists_end_with_what_they_say(kept: Kept) -> None:
    for ends in ("own", "index", "any"):
        put(kept, ends, answer(ends_with=ends))
    kept.drop_lists("index")
    assert [name for name in ("own", "index", "any") if kept.find((name,))] == ["own", "any"]
    kept.drop_lists("any")
    assert kept.find(("own",)) is not None
    kept.drop_all()
    assert (len(kept), kept.size) == (0, 0)


def test_an_answer_that_was_begun_before_a_change_is_not_kept(kept: Kept) -> None:
    began = kept.tick
    kept.drop([TEA])
    assert not kept.put(("tea",), answer(shows=(TEA,)), began=began)
    assert kept.put(("cup",), answer(shows=(CUP,)), began=began)
    kept.drop_lists("index")
    assert not kept.put(("list",), answer(ends_with="index"), began=began)
    assert kept.put(("home",), answer(ends_with="any"), began=began)
    kept.drop_all()
    assert not kept.put(("cup",), answer(shows=(CUP,)), began=began)


def test_a_product_whose_next_price_is_unknown_is_not_kept(kept: Kept) -> None:
    kept.unsettle([TEA])
    assert not put(kept, "tea", answer(shows=(TEA,)))
    kept.settle([TEA])
    assert put(kept, "tea", answer(shows=(TEA,)))


def test_u72_nothing_kept_is_served_when_nothing_was_heard_for_a_second(kept: Kept, watch: Watch) -> None:
    watch.now += FRESH_SECONDS - 0.01
    assert kept.open(NOW)
    watch.now += 0.02
    assert not kept.open(NOW)
    assert not put(kept, "tea", answer())
    kept.renew(watch.now)
    assert kept.open(NOW)


def test_u04_while_the_database_is_down_what_was_kept_goes_on_for_a_while(kept: Kept, watch: Watch) -> None:
    put(kept, "tea", answer())
    watch.now += FRESH_SECONDS + 1
    kept.lost()
    assert kept.open(NOW)
    assert kept.find(("tea",)) is not None
    assert not put(kept, "cup", answer()), "nothing new can be known"
    watch.now += DOWN_SECONDS
    assert not kept.open(NOW)
    kept.renew(watch.now)
    assert kept.open(NOW)
    assert kept.find(("tea",)) is None, "it may be another database that came back"


def test_an_answer_grows_old(kept: Kept, watch: Watch) -> None:
    put(kept, "tea", answer())
    watch.now += OLDEST_SECONDS
    assert kept.find(("tea",)) is None


def test_prices_turn_at_their_moment(kept: Kept) -> None:
    turned: list[datetime] = []

    def turn(now: datetime) -> None:
        turned.append(now)
        kept.turns_at(None)

    kept.on_turn(turn)
    kept.turns_at(NOW)
    assert kept.open(NOW - timedelta(microseconds=1))
    assert turned == []
    assert kept.open(NOW)
    assert kept.open(NOW + timedelta(hours=1))
    assert turned == [NOW]


def test_memory_is_bounded_and_the_longest_unasked_goes_first(kept: Kept) -> None:
    body = b"x" * 100_000
    for n in range(9):
        put(kept, f"{n}", answer(body, shows=(TEA,)))
    assert kept.find(("0",)) is not None
    for n in range(9, 12):
        put(kept, f"{n}", answer(body))
    assert kept.size <= 1024 * 1024
    assert kept.find(("0",)) is not None
    assert kept.find(("1",)) is None
    assert not put(kept, "huge", answer(b"x" * (MOST_BYTES + 1)))


def test_packed_forms_count_and_go_with_their_answer(kept: Kept) -> None:
    made = answer(b'{"tea": 1}' * 1000)
    put(kept, "tea", made)
    before = kept.size
    kept.pack(("tea",), made, "br")
    kept.pack(("tea",), made, "gzip")
    assert set(made.forms) == {"br", "gzip"}
    assert kept.size == before + sum(map(len, made.forms.values()))
    kept.drop_all()
    assert kept.size == 0


def test_a_page_with_a_nonce_is_kept_packed_and_reads_the_same_with_any_nonce(kept: Kept) -> None:
    parts = tuple(b"<p>tea %d</p>" % number * 500 for number in range(3))
    made = msgspec.structs.replace(answer(b"".join(parts)), parts=parts)
    assert made.body("n1", "gzip") == (b"n1".join(parts), None)
    put(kept, "page", made)
    before = kept.size
    kept.pack(("page",), made, "gzip")
    kept.pack(("page",), made, "gzip")
    assert made.parts == ()
    assert kept.size < before / 5
    plain, encoding = made.body("n2", None)
    assert (plain, encoding) == (b"n2".join(parts), None)
    packed, encoding = made.body("n3", "gzip")
    assert (gzip.decompress(packed), encoding) == (b"n3".join(parts), "gzip")
    assert made.body("n4", "br") == (b"n4".join(parts), None)
    kept.drop_all()
    assert kept.size == 0
