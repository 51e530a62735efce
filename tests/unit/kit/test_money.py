from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.kit.money import (
    LIMIT,
    AmountOutOfRange,
    BadAmount,
    CurrencyMismatch,
    Money,
    UnknownCurrency,
    apply_rate,
    exponent,
    parse_amount,
    share_out,
    split,
)

AMOUNTS = st.integers(-LIMIT, LIMIT)
CURRENCIES = st.sampled_from(["CNY", "USD", "JPY", "KRW", "KWD", "IQD", "CLF"])
WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=30)
RATES = st.decimals(-10, 10, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("digits", "codes"),
    [
        (0, "JPY KRW VND CLP ISK PYG UGX XAF XOF XPF BIF DJF GNF KMF RWF VUV UYI"),
        (2, "CNY USD EUR HKD TWD GBP INR BRL HUF IDR COP XCG ZWG SLE VED"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    ],
)
def test_u63_exponents_are_those_of_iso_4217(digits: int, codes: str) -> None:
    assert {code: exponent(code) for code in codes.split()} == dict.fromkeys(codes.split(), digits)


@pytest.mark.parametrize(
    "code", ["", "cny", "CN", "CNYY", "RMB", "XAU", "XXX", "DEM", "CNY ", "ＣＮＹ", "1" * 999]
)
def test_u63_an_unknown_currency_is_refused_rather_than_guessed(code: str) -> None:
    with pytest.raises(UnknownCurrency) as caught:
        exponent(code)
    assert caught.value.status == 422
    assert len(str(caught.value.params["currency"])) <= 40
    with pytest.raises(UnknownCurrency):
        Money(1, code)
    with pytest.raises(UnknownCurrency):
        parse_amount("1", code)


@pytest.mark.parametrize("code", [None, 156, ["CNY"]])
def test_a_currency_that_is_no_text_is_unknown(code) -> None:  # noqa: ANN001
    with pytest.raises(UnknownCurrency):
        exponent(code)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1200, "JPY", "1200"),
        (1200, "CNY", "12.00"),
        (1200, "KWD", "1.200"),
        (1200, "CLF", "0.1200"),
        (-5, "CNY", "-0.05"),
        (-5, "JPY", "-5"),
        (0, "KWD", "0.000"),
        (LIMIT, "CNY", "92233720368547758.07"),
        (-LIMIT, "KWD", "-9223372036854775.807"),
    ],
)
def test_u63_yen_yuan_and_dinar_are_written_with_their_own_digits(
    amount: int, currency: str, text: str
) -> None:
    money = Money(amount, currency)
    assert money.text() == text
    assert money.to_decimal() == Decimal(text)


@given(st.integers(-(10**18) + 1, 10**18 - 1), CURRENCIES)
def test_u63_text_and_amount_are_one_another(amount: int, currency: str) -> None:
    assert parse_amount(Money(amount, currency).text(), currency) == amount


def test_the_decimal_is_exact_in_any_context() -> None:
    with localcontext(Context(prec=2)):
        assert str(Money(LIMIT, "CNY").to_decimal()) == "92233720368547758.07"
        assert apply_rate(123_456_789, Decimal("0.06")) == 7_407_407


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12.34", "CNY", 1234),
        ("12.3", "CNY", 1230),
        ("12", "CNY", 1200),
        ("0.05", "CNY", 5),
        ("-0.05", "CNY", -5),
        ("-0", "CNY", 0),
        ("12", "JPY", 12),
        ("1.234", "KWD", 1234),
        ("9999999999999999.99", "CNY", 999_999_999_999_999_999),
        ("999999999999999999", "JPY", 999_999_999_999_999_999),
    ],
)
def test_u63_amounts_are_read(text: str, currency: str, amount: int) -> None:
    assert parse_amount(text, currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        *(
            (bad, "CNY")
            for bad in ["", " ", "1 ", " 1", "1\n", "+1", "--1", "-", ".", ".5", "5.", "1.2.3", "1,000"]
        ),
        *(
            (bad, "CNY")
            for bad in ["007", "00", "1e3", "1E3", "NaN", "Infinity", "inf", "0x10", "1_000", "¥1"]
        ),
        *(
            (bad, "CNY")
            for bad in ["１２", "١٢", "1.2٣", "一", "1\x00", "12.345", "12.340", "10000000000000000.00"]
        ),
        ("1.0", "JPY"),
        ("1.2345", "KWD"),
        ("1000000000000000000", "JPY"),
        ("9" * 1_000_000, "CNY"),
        ("0." + "0" * 100, "CNY"),
    ],
)
def test_u63_what_is_no_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(BadAmount) as caught:
        parse_amount(text, currency)
    assert caught.value.status == 422
    assert len(str(caught.value.params["text"])) <= 40
    assert caught.value.params["decimals"] == exponent(currency)


@pytest.mark.parametrize("value", [1.5, 1, None, Decimal(1), b"1", True])
def test_a_number_is_no_text(value) -> None:  # noqa: ANN001
    with pytest.raises(BadAmount):
        parse_amount(value, "CNY")


@given(st.text(max_size=30))
def test_hostile_text_is_refused_or_written_the_same(text: str) -> None:
    try:
        amount = parse_amount(text, "CNY")
    except BadAmount:
        return
    assert Decimal(Money(amount, "CNY").text()) == Decimal(text)


@pytest.mark.parametrize("amount", [34.116425, 34.0, Decimal("34.12"), "3412", True, None])
def test_u60_no_fraction_can_be_stored(amount) -> None:  # noqa: ANN001
    with pytest.raises(TypeError):
        Money(amount, "EUR")
    with pytest.raises(TypeError):
        apply_rate(amount, Decimal("0.2"))


def test_u60_a_tax_of_34_116425_is_stored_as_charged() -> None:
    net = parse_amount("170.582125"[:6], "EUR")
    tax = apply_rate(net, Decimal("0.20"))
    assert (net, tax) == (17058, 3412)
    assert (Money(net, "EUR") + Money(tax, "EUR")).text() == "204.70"


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), RATES)
def test_u60_the_total_is_the_sum_of_what_is_stored(nets: list[int], rate: Decimal) -> None:
    taxes = [apply_rate(net, rate) for net in nets]
    total = sum(
        (Money(n, "EUR") + Money(t, "EUR") for n, t in zip(nets, taxes, strict=True)), Money.zero("EUR")
    )
    assert total.amount == sum(nets) + sum(taxes)
    assert parse_amount(total.text(), "EUR") == total.amount


def test_money_reckons() -> None:
    one, two = Money(100, "CNY"), Money(250, "CNY")
    assert one + two == Money(350, "CNY")
    assert one - two == Money(-150, "CNY")
    assert -one == Money(-100, "CNY")
    assert one * 3 == 3 * one == Money(300, "CNY")
    assert one < two
    assert one <= one  # noqa: PLR0124
    assert two > one
    assert two >= two  # noqa: PLR0124
    assert sorted([two, one]) == [one, two]
    assert len({one, Money(100, "CNY"), two}) == 2


def test_two_currencies_never_mix() -> None:
    yuan, dollar = Money(1, "CNY"), Money(1, "USD")
    for mix in (
        lambda: yuan + dollar,
        lambda: yuan - dollar,
        lambda: yuan < dollar,
        lambda: yuan <= dollar,
        lambda: yuan > dollar,
        lambda: yuan >= dollar,
    ):
        with pytest.raises(CurrencyMismatch) as caught:
            mix()
        assert caught.value.params == {"left": "CNY", "right": "USD"}
    assert yuan != dollar


@pytest.mark.parametrize("other", [1, 1.5, Decimal(1), "1", None])
def test_money_mixes_with_nothing_but_money(other) -> None:  # noqa: ANN001
    money = Money(1, "CNY")
    for mix in (
        lambda: money + other,
        lambda: money - other,
        lambda: other + money,
        lambda: money < other,
        lambda: money >= other,
    ):
        with pytest.raises(TypeError):
            mix()
    assert money != other


@pytest.mark.parametrize("times", [1.5, Decimal(2), True, "2", None])
def test_money_is_multiplied_by_whole_numbers_only(times) -> None:  # noqa: ANN001
    with pytest.raises(TypeError):
        Money(7, "CNY") * times


def test_beyond_the_limit_is_refused_everywhere() -> None:
    most = Money(LIMIT, "JPY")
    assert (-most).amount == -LIMIT
    for beyond in (
        lambda: Money(LIMIT + 1, "JPY"),
        lambda: Money(-LIMIT - 1, "JPY"),
        lambda: most + Money(1, "JPY"),
        lambda: -most - Money(1, "JPY"),
        lambda: most * 2,
        lambda: apply_rate(LIMIT, Decimal("1.0000000000000000001")),
        lambda: apply_rate(1, Decimal("1E+999999")),
        lambda: apply_rate(LIMIT + 1, Decimal(1)),
    ):
        with pytest.raises(AmountOutOfRange):
            beyond()


def test_money_from_the_wire_is_checked_too() -> None:
    assert msgspec.json.decode(b'{"amount":5,"currency":"JPY"}', type=Money) == Money(5, "JPY")
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"amount":5.5,"currency":"JPY"}', type=Money)
    with pytest.raises(UnknownCurrency):
        msgspec.json.decode(b'{"amount":5,"currency":"RMB"}', type=Money)
    with pytest.raises((AmountOutOfRange, msgspec.ValidationError)):
        msgspec.json.decode(b'{"amount":9223372036854775808,"currency":"JPY"}', type=Money)


@given(AMOUNTS, WEIGHTS)
def test_a_split_is_exact_fair_and_favours_no_sign(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    assert len(parts) == len(weights)
    assert split(-total, weights) == tuple(-part for part in parts)
    effective = weights if any(weights) else [1] * len(weights)
    for part, weight in zip(parts, effective, strict=True):
        assert abs(part - Fraction(total * weight, sum(effective))) < 1
        if weight == 0:
            assert part == 0


@given(AMOUNTS, WEIGHTS)
def test_a_heavier_weight_never_gets_less_and_ties_go_to_the_first(total: int, weights: list[int]) -> None:
    parts = [abs(part) for part in split(total, weights)]
    for i in range(len(weights)):
        for j in range(i + 1, len(weights)):
            if weights[i] == weights[j]:
                assert 0 <= parts[i] - parts[j] <= 1
            else:
                assert (parts[i] - parts[j]) * (1 if weights[i] > weights[j] else -1) >= 0


def test_known_splits() -> None:
    assert split(100, [1, 1, 1]) == (34, 33, 33)
    assert split(-100, [1, 1, 1]) == (-34, -33, -33)
    assert split(2, [0, 0, 0]) == (1, 1, 0)
    assert split(0, [5, 7]) == (0, 0)
    assert split(1, [0, 1]) == (0, 1)
    assert split(10, [1, 2, 4]) == (1, 3, 6)
    assert split(0, []) == ()


@pytest.mark.parametrize(
    ("total", "weights", "error"),
    [
        (1, [], ValueError),
        (1, [1, -1], ValueError),
        (0, [-1], ValueError),
        (1.5, [1], TypeError),
        (1, [0.5], TypeError),
        (1, [True], TypeError),
    ],
)
def test_a_split_of_nonsense_is_refused(total, weights, error: type[Exception]) -> None:  # noqa: ANN001
    with pytest.raises(error):
        split(total, weights)


@given(WEIGHTS, st.data())
def test_sharing_out_never_exceeds_a_cap(caps: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(caps)))
    for signed in (total, -total):
        parts = share_out(signed, caps)
        assert sum(parts) == signed
        assert all(abs(part) <= cap for part, cap in zip(parts, caps, strict=True))


def test_sharing_out_more_than_fits_is_refused() -> None:
    assert share_out(6, [1, 2, 3]) == (1, 2, 3)
    assert share_out(0, [0, 0]) == (0, 0)
    for total, caps in ((7, [1, 2, 3]), (-7, [1, 2, 3]), (1, [0, 0]), (1, []), (1, [3, -1])):
        with pytest.raises(ValueError, match=r"fit|negative"):
            share_out(total, caps)


@given(st.integers(-(10**15), 10**15), RATES)
def test_a_rate_is_applied_exactly_then_rounded_once(amount: int, rate: Decimal) -> None:
    exact = Fraction(amount) * Fraction(rate)
    result = apply_rate(amount, rate)
    assert abs(result - exact) <= Fraction(1, 2)
    if abs(result - exact) == Fraction(1, 2):
        assert abs(result) > abs(exact), "a half goes away from zero"
    assert apply_rate(-amount, rate) == -result


def test_rounding_is_explicit() -> None:
    assert [apply_rate(amount, Decimal("0.5")) for amount in (1, 3, 5, -1, -3)] == [1, 2, 3, -1, -2]
    assert [apply_rate(amount, Decimal("0.5"), ROUND_HALF_EVEN) for amount in (1, 3, 5)] == [0, 2, 2]
    assert [apply_rate(amount, Decimal("0.99"), ROUND_DOWN) for amount in (1, -1)] == [0, 0]
    assert apply_rate(10, Decimal("0.04" + "9" * 60)) == 0, "not rounded twice"
    assert apply_rate(LIMIT, Decimal(1)) == LIMIT
    assert apply_rate(5, Decimal("1E-999999")) == 0
    assert apply_rate(0, Decimal("1E+999999")) == 0


@pytest.mark.parametrize(
    ("rate", "error"),
    [
        (0.2, TypeError),
        (1, TypeError),
        ("0.2", TypeError),
        (Decimal("NaN"), ValueError),
        (Decimal("Inf"), ValueError),
    ],
)
def test_a_rate_is_a_finite_decimal(rate, error: type[Exception]) -> None:  # noqa: ANN001
    with pytest.raises(error):
        apply_rate(100, rate)
