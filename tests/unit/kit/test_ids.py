from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.kit.ids import BadId, derived_id, new_id, read, show

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
MANY = 10_000


@given(st.uuids())
def test_what_is_shown_can_be_read(id_: UUID) -> None:
    text = show("ord", id_)
    assert len(text) == len("ord_") + 26
    assert set(text[4:]) <= set(ALPHABET)
    assert read("ord", text) == id_


@given(st.uuids(), st.uuids())
def test_the_text_sorts_like_the_id(a: UUID, b: UUID) -> None:
    assert (a < b) == (show("x", a) < show("x", b))


def test_known_answers() -> None:
    assert show("ord", UUID(int=0)) == "ord_" + "0" * 26
    assert show("ord", UUID(int=2**128 - 1)) == "ord_7" + "z" * 25
    assert show("ord", UUID(int=33)) == "ord_" + "0" * 24 + "11"


@given(st.text(max_size=40))
def test_hostile_text_is_refused_or_canonical(text: str) -> None:
    for candidate in (text, f"ord_{text}"):
        try:
            id_ = read("ord", candidate)
        except BadId:
            continue
        assert show("ord", id_) == candidate


@given(st.text(alphabet=ALPHABET, min_size=26, max_size=26))
def test_any_26_symbols_are_canonical_or_refused(body: str) -> None:
    text = f"ord_{body}"
    if body[0] > "7":
        with pytest.raises(BadId):
            read("ord", text)
    else:
        assert show("ord", read("ord", text)) == text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.upper(),
        lambda t: t[:-1],
        lambda t: t + "0",
        lambda t: t + "\n",
        lambda t: " " + t,
        lambda t: t.replace("ord_", "pay_"),
        lambda t: t.replace("ord_", "ord-"),
        lambda t: t.replace("ord_", ""),
        lambda t: "ord_" + t,
        lambda t: t[:4] + "8" + t[5:],
        lambda t: t[:-1] + "l",
        lambda t: t[:-1] + "o",
        lambda t: t[:-1] + "u",
        lambda t: t[:-1] + "０",
        lambda t: t[:-1] + "_",
        lambda t: t * 10_000,
        lambda _: "",
        lambda _: "ord_",
        lambda _: str(uuid4()),
    ],
)
def test_spoilt_ids_answer_404(spoil: Callable[[str], str]) -> None:
    with pytest.raises(BadId) as caught:
        read("ord", spoil(show("ord", UUID(int=1 << 100))))
    assert (caught.value.status, caught.value.code) == (404, "id_unknown")
    assert not caught.value.params, "a wrong id tells nothing about what it should have been"


def test_new_ids_are_version_7_unique_and_growing() -> None:
    ids = [new_id() for _ in range(MANY)]
    assert type(ids[0]) is UUID
    assert {id_.version for id_ in ids} == {7}
    assert len(set(ids)) == MANY
    assert ids == sorted(ids)


def test_a_derived_id_is_the_same_each_time_and_per_namespace() -> None:
    shop, other = UUID(int=1), UUID(int=2)
    assert derived_id(shop, "SKU-1") == derived_id(shop, "SKU-1")
    assert derived_id(shop, "SKU-1") != derived_id(other, "SKU-1")
    assert derived_id(shop, "SKU-1") != derived_id(shop, "sku-1")
    assert derived_id(shop, "罗汉果").version == 5
