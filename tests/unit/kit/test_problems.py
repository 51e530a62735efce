from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from daji.kit import problems
from daji.kit.problems import FieldProblem, Invalid, Problem, TooMany, to_body


class TeapotShort(Problem):
    code = "test_kit.teapot_short"
    status = 409


def body_of(problem: Problem, field_details: Sequence[str] = ()) -> dict[str, object]:
    return to_body(
        problem,
        title="T",
        detail="D",
        request_id="r-1",
        instance="/orders/1",
        field_details=field_details,
    )


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("Invalid", "invalid", 422),
        ("NotFound", "not_found", 404),
        ("Conflict", "conflict", 409),
        ("Forbidden", "forbidden", 403),
        ("Unauthenticated", "unauthenticated", 401),
        ("TooMany", "too_many", 429),
        ("Unavailable", "unavailable", 503),
        ("KeyReused", "idempotency_key_reused", 422),
        ("InProgress", "request_in_progress", 409),
        ("Stale", "stale_version", 409),
    ],
)
def test_generic_problems_keep_their_codes(name: str, code: str, status: int) -> None:
    kind = getattr(problems, name)
    assert (kind.code, kind.status) == (code, status)
    assert Problem.catalogue()[code] is kind


def test_a_problem_carries_its_parameters_and_says_them() -> None:
    problem = TeapotShort(available=3, wanted=5)
    assert problem.params == {"available": 3, "wanted": 5}
    assert problem.fields == ()
    assert str(problem) == "test_kit.teapot_short (available=3, wanted=5)"
    assert str(TeapotShort()) == "test_kit.teapot_short"
    assert isinstance(problem, Exception)
    with pytest.raises(TypeError):
        problem.params["available"] = 4  # type: ignore[index]


def test_the_catalogue_cannot_be_changed_from_outside() -> None:
    with pytest.raises(TypeError):
        Problem.catalogue()["x"] = TeapotShort  # type: ignore[index]


def test_a_code_is_taken_once() -> None:
    with pytest.raises(TypeError, match="taken"):
        type("Twin", (Problem,), {"code": "test_kit.teapot_short", "status": 409})
    assert Problem.catalogue()["test_kit.teapot_short"] is TeapotShort


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": "test_kit.a"},
        {"status": 409},
        {"code": "Test", "status": 409},
        {"code": "a..b", "status": 409},
        {"code": "a b", "status": 409},
        {"code": "", "status": 409},
        {"code": 7, "status": 409},
        {"code": "test_kit.b", "status": 200},
        {"code": "test_kit.c", "status": 600},
        {"code": "test_kit.d", "status": "409"},
    ],
)
def test_a_careless_declaration_does_not_start(body: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        type("Careless", (Problem,), body)


def test_a_kind_of_a_problem_needs_a_code_of_its_own() -> None:
    with pytest.raises(TypeError, match="code"):
        type("Heir", (TeapotShort,), {})


def test_the_bare_problem_cannot_be_raised() -> None:
    with pytest.raises(TypeError):
        Problem()


def test_the_body_is_rfc_9457() -> None:
    assert body_of(TeapotShort(available=3)) == {
        "type": "urn:daji:problem:test_kit.teapot_short",
        "title": "T",
        "status": 409,
        "detail": "D",
        "instance": "/orders/1",
        "code": "test_kit.teapot_short",
        "request_id": "r-1",
        "available": 3,
    }


@pytest.mark.parametrize("name", ["type", "title", "status", "detail", "instance", "code", "request_id"])
def test_a_parameter_never_covers_a_standard_member(name: str) -> None:
    plain, covered = body_of(TeapotShort()), body_of(TeapotShort(**{name: "hostile"}))
    assert covered[name] == plain[name]
    assert covered[f"param_{name}"] == "hostile"


def test_fields_travel_with_their_sentences() -> None:
    problem = Invalid(
        fields=[
            FieldProblem(pointer="/lines/0/quantity", code="too_small", params={"minimum": 1}),
            FieldProblem(pointer="email", code="required"),
        ]
    )
    assert "email: required" in str(problem)
    assert body_of(problem, field_details=("Must be at least 1.", "Needed."))["fields"] == [
        {
            "pointer": "/lines/0/quantity",
            "code": "too_small",
            "params": {"minimum": 1},
            "detail": "Must be at least 1.",
        },
        {"pointer": "email", "code": "required", "params": {}, "detail": "Needed."},
    ]
    assert "detail" not in body_of(problem)["fields"][0]  # type: ignore[index]
    with pytest.raises(ValueError, match="1 sentences for 2 fields"):
        body_of(problem, field_details=("only one",))


def test_too_many_says_when_to_come_back() -> None:
    assert TooMany(retry_after=30).retry_after == 30
    assert body_of(TooMany(retry_after=30))["retry_after"] == 30


def test_the_body_is_json_with_the_types_rooms_use() -> None:
    body = body_of(TeapotShort(id=UUID(int=1), rate=Decimal("0.1"), text='</script>"\x00'))
    assert msgspec.json.decode(msgspec.json.encode(body))["rate"] == "0.1"
