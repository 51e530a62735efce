"""Money: whole minor units and a currency. No float, no fraction of a minor unit, no guess at the exponent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal

import msgspec

from daji.kit.problems import Problem

LIMIT = 9_223_372_036_854_775_807
"""The largest amount, either side of zero: what a PostgreSQL bigint holds."""

# ISO 4217 list one: every active code with a minor unit. The exponent is ISO's, not CLDR's: CLDR shows the
# dinar of Iraq without decimals, and a payment provider would then be off by a thousand.
_EXPONENTS: dict[str, int] = {
    code: digits
    for digits, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF"
        " CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD"
        " GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL"
        " MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR"
        " PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP"
        " TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}

_AMOUNT = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_MAX_DIGITS = 18
_ECHO_CHARS = 40


class UnknownCurrency(Problem):
    code = "unknown_currency"
    status = 422


class CurrencyMismatch(Problem):
    """Two amounts of different currencies meet; parameters `left` and `right`."""

    code = "currency_mismatch"
    status = 422


class BadAmount(Problem):
    """The text is no amount; parameters `text` (cut short), `currency`, `decimals` (digits allowed)."""

    code = "bad_amount"
    status = 422


class AmountOutOfRange(Problem):
    code = "amount_out_of_range"
    status = 422


def exponent(currency: str) -> int:
    """Return how many decimal digits the currency has (ISO 4217): 0, 2, 3 or 4. Raises UnknownCurrency."""
    try:
        return _EXPONENTS[currency]
    except (KeyError, TypeError):
        raise UnknownCurrency(currency=str(currency)[:_ECHO_CHARS]) from None


class Money(msgspec.Struct, frozen=True):
    """An amount in minor units of one currency.

    Raises TypeError for an amount that is no int, UnknownCurrency, AmountOutOfRange beyond ±LIMIT.
    Order is defined inside one currency only (CurrencyMismatch); equality across currencies is plainly False,
    so that sets and dicts of money work.
    """

    amount: int
    currency: str

    def __post_init__(self) -> None:
        _checked(self.amount)
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    def to_decimal(self) -> Decimal:
        """Return the amount in major units, exact under any decimal context."""
        return Decimal(self.text())

    def text(self) -> str:
        """Write the amount in major units with exactly the currency's digits: `12.34`, `-0.05`, `1200`."""
        digits = exponent(self.currency)
        sign, body = "-" if self.amount < 0 else "", str(abs(self.amount))
        if digits == 0:
            return sign + body
        body = body.rjust(digits + 1, "0")
        return f"{sign}{body[:-digits]}.{body[-digits:]}"

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __mul__(self, times: int) -> Money:
        if isinstance(times, bool) or not isinstance(times, int):
            return NotImplemented
        return Money(self.amount * times, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __gt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount > other.amount

    def __ge__(self, other: Money) -> bool:
        self._same(other)
        return self.amount >= other.amount

    def _same(self, other: Money) -> None:
        if not isinstance(other, Money):
            raise TypeError(f"money meets {type(other).__name__}")
        if self.currency != other.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)


def parse_amount(text: str, currency: str) -> int:
    """Read an amount in major units as minor units: `12.34` CNY is 1234, `12` JPY is 12.

    Strict: ASCII digits, at most the currency's decimals, no sign but `-`, no spaces, separators, exponent or
    leading zeros, at most 18 digits of minor units. Raises BadAmount, UnknownCurrency.
    """
    digits = exponent(currency)
    match = _AMOUNT.fullmatch(text) if isinstance(text, str) and len(text) <= _ECHO_CHARS else None
    if match:
        sign, whole, fraction = match[1], match[2], match[3] or ""
        minor = whole + fraction.ljust(digits, "0")
        if len(fraction) <= digits and len(minor.lstrip("0")) <= _MAX_DIGITS:
            return -int(minor) if sign else int(minor)
    raise BadAmount(text=str(text)[:_ECHO_CHARS], currency=currency, decimals=digits)


def split(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split `total` in proportion to `weights`, exactly, by largest remainder (Hamilton's method).

    Ties go to the lower index. A negative total is split like its positive twin. All weights zero means equal
    weights. ValueError for a negative weight, or for something to split and nobody to take it.
    """
    shares = [_whole(weight) for weight in weights]
    if any(weight < 0 for weight in shares):
        raise ValueError("a negative weight")
    size = abs(_whole(total))
    if not shares:
        if size:
            raise ValueError("nobody to take the total")
        return ()
    whole = sum(shares)
    if whole == 0:
        shares, whole = [1] * len(shares), len(shares)
    parts, rests = [], []
    for weight in shares:
        part, rest = divmod(size * weight, whole)
        parts.append(part)
        rests.append(rest)
    # sorted() is stable, so equal remainders keep the order of their index.
    for index in sorted(range(len(shares)), key=rests.__getitem__, reverse=True)[: size - sum(parts)]:
        parts[index] += 1
    return tuple(parts) if total >= 0 else tuple(-part for part in parts)


def share_out(total: int, caps: Sequence[int]) -> tuple[int, ...]:
    """Split `total` in proportion to `caps` so that no part exceeds its cap (in size, for a negative total).

    ValueError when the caps together cannot hold the total, or when a cap is negative.
    """
    # A part is floor(q) or floor(q) + 1 with q = total * cap / sum(caps) <= cap, and the one is only added
    # where q has a fraction, so largest remainder keeps the caps by itself once the total fits.
    if abs(total) > sum(caps):
        raise ValueError(f"{total} does not fit under caps of {sum(caps)} together")
    return split(total, caps)


def apply_rate(amount: int, rate: Decimal, rounding: str = ROUND_HALF_UP) -> int:
    """Multiply minor units by a rate and round once, to a whole minor unit.

    The product is exact before it is rounded; halves go away from zero unless another mode of `decimal` is
    given. TypeError when the rate is no Decimal, ValueError when it is not finite, AmountOutOfRange.
    """
    if not isinstance(rate, Decimal):
        raise TypeError(f"a rate is a Decimal, not {type(rate).__name__}")
    if not rate.is_finite():
        raise ValueError(f"a rate is finite, not {rate}")
    _checked(amount)
    exact = Context(prec=len(rate.as_tuple().digits) + _MAX_DIGITS + 2, Emax=MAX_EMAX, Emin=MIN_EMIN)
    product = exact.multiply(Decimal(amount), rate)
    # Asked before int() spells it out: 1E+999999 would be a megabyte of digits.
    if product and product.adjusted() > _MAX_DIGITS:
        raise AmountOutOfRange(limit=LIMIT)
    return _checked(int(product.to_integral_value(rounding=rounding, context=exact)))


def _whole(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"money is counted in int, not {type(value).__name__}")
    return value


def _checked(amount: int) -> int:
    if not -LIMIT <= _whole(amount) <= LIMIT:
        raise AmountOutOfRange(limit=LIMIT)
    return amount
