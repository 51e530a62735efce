from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.fulfil.delivery.errors import NoService
from daji.fulfil.delivery.facts import FreightRule, FreightTemplate
from daji.fulfil.delivery.rules import check_template, freight
from daji.kit.ids import new_id
from daji.kit.money import UnknownCurrency
from daji.kit.places import Address
from daji.kit.problems import Invalid


def rule(*regions: str, first_fee: int = 800, **more: int | None) -> FreightRule:
    base: dict[str, int | None] = {"first_g": 1000, "step_g": 500, "step_fee": 200, "transit_hours": 48}
    return FreightRule(regions=regions, first_fee=first_fee, **{**base, **more})  # type: ignore[arg-type]


def template(*rules: FreightRule) -> FreightTemplate:
    return FreightTemplate(id=new_id(), code="t", name="T", currency="CNY", mode="table", rules=rules)


def to(country: str = "CN", region: str = "Zhejiang") -> Address:
    return Address(name="n", phone="1", country=country, region=region, city="c", line="l")


@pytest.mark.parametrize(
    ("weight_g", "fee"), [(0, 800), (1, 800), (1000, 800), (1001, 1000), (1500, 1000), (1501, 1200)]
)
def test_first_weight_and_begun_steps(weight_g: int, fee: int) -> None:
    assert freight(template(rule("CN")), to(), weight_g, 0).fee == fee


def test_the_narrowest_region_wins_whatever_the_order() -> None:
    both = template(rule("*", first_fee=3), rule("CN", first_fee=2), rule("cn-zhejiang", first_fee=1))
    assert freight(both, to(), 1, 0).fee == 1
    assert freight(both, to(region="Tibet"), 1, 0).fee == 2
    assert freight(both, to(country="DE"), 1, 0).fee == 3


def test_a_rule_that_cannot_carry_it_leaves_it_to_a_wider_one() -> None:
    both = template(rule("CN-Zhejiang", first_fee=1, max_g=100), rule("CN", first_fee=2))
    assert freight(both, to(), 100, 0).fee == 1
    assert freight(both, to(), 101, 0).fee == 2


def test_free_from_an_amount() -> None:
    table = template(rule("CN", free_from=9900))
    assert freight(table, to(), 5000, 9899).fee > 0
    assert freight(table, to(), 5000, 9900).fee == 0
    assert freight(template(rule("CN", free_from=0)), to(), 1, 0).fee == 0


def test_no_rule_no_service() -> None:
    with pytest.raises(NoService):
        freight(template(rule("CN")), to(country="BR"), 1, 0)
    with pytest.raises(NoService):
        freight(template(), to(), 1, 0)
    for weight_g, goods in ((-1, 0), (1, -1), (10**12, 0)):
        with pytest.raises(Invalid):
            freight(template(rule("*")), to(), weight_g, goods)


@given(a=st.integers(0, 100_000), b=st.integers(0, 100_000))
def test_more_weight_never_costs_less(a: int, b: int) -> None:
    table = template(rule("*"))
    light, heavy = sorted((a, b))
    assert freight(table, to(), light, 0).fee <= freight(table, to(), heavy, 0).fee


@pytest.mark.parametrize(
    "bad",
    [
        rule(),
        rule(""),
        rule("*", first_fee=-1),
        rule("*", step_g=0),
        rule("*", step_fee=-1),
        rule("*", first_g=-1),
        rule("*", transit_hours=-1),
        rule("*", free_from=-1),
        rule("*", max_g=0),
    ],
)
def test_tables_that_could_not_price_are_refused(bad: FreightRule) -> None:
    with pytest.raises(Invalid):
        check_template(code="t", currency="CNY", mode="table", rules=(bad,))


def test_templates_need_a_code_a_currency_and_rules() -> None:
    with pytest.raises(Invalid):
        check_template(code="", currency="CNY", mode="table", rules=(rule("*"),))
    with pytest.raises(Invalid):
        check_template(code="t", currency="CNY", mode="table", rules=())
    with pytest.raises(Invalid):
        check_template(code="t", currency="CNY", mode="dice", rules=())  # type: ignore[arg-type]
    with pytest.raises(UnknownCurrency):
        check_template(code="t", currency="XXL", mode="carrier", rules=())
    check_template(code="t", currency="KWD", mode="carrier", rules=())
