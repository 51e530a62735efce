from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.kit.states import IllegalTransition, Transitions

PARCEL = Transitions(
    {
        ("open", "pack"): "packed",
        ("open", "cancel"): "cancelled",
        ("packed", "note"): "packed",
        ("packed", "cancel"): "cancelled",
        ("packed", "ship"): "shipped",
    },
    initial="open",
)
NAMES = st.sampled_from("abcdef")
TABLES = st.dictionaries(st.tuples(NAMES, st.sampled_from("xyz")), NAMES, min_size=1)


def test_the_table_answers() -> None:
    assert PARCEL.after("open", "pack") == "packed"
    assert PARCEL.allows("packed", "ship")
    assert not PARCEL.allows("open", "ship")
    assert PARCEL.statuses == ("open", "packed", "cancelled", "shipped")
    assert PARCEL.finals == ("cancelled", "shipped")
    assert PARCEL.verbs("packed") == ("note", "cancel", "ship")
    assert PARCEL.verbs("shipped") == ()
    assert PARCEL.sources("cancel") == ("open", "packed")
    assert PARCEL.unreachable() == ()
    assert PARCEL.is_acyclic()


@pytest.mark.parametrize(
    ("status", "verb"), [("shipped", "pack"), ("open", "ship"), ("", ""), ("gone", "pack")]
)
def test_an_illegal_step_is_a_conflict_that_names_itself(status: str, verb: str) -> None:
    with pytest.raises(IllegalTransition) as caught:
        PARCEL.after(status, verb)
    assert caught.value.status == 409
    assert caught.value.params == {"status": status, "verb": verb}


def test_a_misspelt_verb_or_status_cannot_become_an_update_that_never_matches() -> None:
    with pytest.raises(ValueError, match="shipp"):
        PARCEL.sources("shipp")
    with pytest.raises(ValueError, match="pakced"):
        PARCEL.verbs("pakced")
    with pytest.raises(ValueError, match="initial"):
        Transitions({("a", "x"): "b"}, initial="c")
    with pytest.raises(ValueError, match="initial"):
        Transitions({}, initial="a")


def test_cycles_and_islands_are_found() -> None:
    backwards = Transitions({("a", "go"): "b", ("b", "back"): "a"}, initial="a")
    assert not backwards.is_acyclic()
    island = Transitions({("a", "go"): "b", ("c", "go"): "d", ("d", "on"): "b"}, initial="a")
    assert island.unreachable() == ("c", "d")


def test_the_table_is_a_copy_that_nobody_can_change() -> None:
    source = {("a", "go"): "b"}
    machine = Transitions(source, initial="a")
    source["b", "back"] = "a"
    assert machine.finals == ("b",)
    with pytest.raises(TypeError):
        machine.table["b", "back"] = "a"  # type: ignore[index]


@given(TABLES)
def test_every_view_of_a_table_tells_the_same(table: dict[tuple[str, str], str]) -> None:
    machine = Transitions(table, initial=next(iter(table))[0])
    for status in machine.statuses:
        assert (status in machine.finals) == (machine.verbs(status) == ())
        for verb in machine.verbs(status):
            assert machine.allows(status, verb)
            assert status in machine.sources(verb)
            assert machine.after(status, verb) in machine.statuses


@given(TABLES, st.lists(st.sampled_from("xyz"), max_size=12))
def test_a_walk_stays_in_reach_and_an_acyclic_one_never_returns(
    table: dict[tuple[str, str], str], verbs: list[str]
) -> None:
    machine = Transitions(table, initial=next(iter(table))[0])
    status, left = machine.initial, set()
    for verb in verbs:
        if not machine.allows(status, verb):
            continue
        following = machine.after(status, verb)
        if following != status:
            left.add(status)
        status = following
        assert status not in machine.unreachable()
        if machine.is_acyclic():
            assert status not in left
