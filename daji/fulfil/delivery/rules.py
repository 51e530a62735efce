"""Freight: pure functions of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from daji.fulfil.delivery.errors import NoService
from daji.fulfil.delivery.facts import FreightQuote, FreightRule, FreightTemplate, Mode
from daji.kit.money import exponent
from daji.kit.places import Address
from daji.kit.problems import FieldProblem, Invalid

EVERYWHERE = "*"
MAX_FEE = 10**12
MAX_G = 100_000_000
MAX_HOURS = 24 * 365
MAX_RULES = 1_000


def freight(template: FreightTemplate, address: Address, weight_g: int, goods_amount: int) -> FreightQuote:
    """Price a parcel of `weight_g` grams with goods worth `goods_amount`, by the template's own table.

    The narrowest region wins (province, country, everywhere), then the order of the rules. Amounts are minor units
    of the template's currency. Raises Invalid for negative numbers and NoService when no rule fits.
    """
    _check_range(weight_g, "weight_g", 0, MAX_G)
    _check_range(goods_amount, "goods_amount", 0, None)
    for region in _regions(address):
        for rule in template.rules:
            if region in _folded(rule) and (rule.max_g is None or weight_g <= rule.max_g):
                return FreightQuote(fee=_fee(rule, weight_g, goods_amount), transit_hours=rule.transit_hours)
    raise NoService(country=address.country, region=address.region)


def free_from(template: FreightTemplate, country: str) -> int | None:
    """From how much on goods travel free somewhere in a country; None when they never do."""
    home = country.casefold()
    found = [
        rule.free_from
        for rule in template.rules
        if rule.free_from
        and any(region in {home, EVERYWHERE} or region.startswith(f"{home}-") for region in _folded(rule))
    ]
    return min(found, default=None)


def check_template(*, code: str, currency: str, mode: Mode, rules: Sequence[FreightRule]) -> None:
    """Refuse a template that could not price a parcel. Raises Invalid and kit's UnknownCurrency."""
    exponent(currency)
    if not code:
        raise _invalid("code", "required")
    if mode not in get_args(Mode):
        raise _invalid("mode", "unknown_value")
    if mode == "table" and not rules:
        raise _invalid("rules", "required")
    _check_range(len(rules), "rules", 0, MAX_RULES)
    for n, rule in enumerate(rules):
        _check_rule(rule, f"/rules/{n}")


def _check_rule(rule: FreightRule, pointer: str) -> None:
    if not rule.regions or not all(rule.regions):
        raise _invalid(f"{pointer}/regions", "required")
    _check_range(rule.first_g, f"{pointer}/first_g", 0, MAX_G)
    _check_range(rule.step_g, f"{pointer}/step_g", 1, MAX_G)
    _check_range(rule.first_fee, f"{pointer}/first_fee", 0, MAX_FEE)
    _check_range(rule.step_fee, f"{pointer}/step_fee", 0, MAX_FEE)
    _check_range(rule.transit_hours, f"{pointer}/transit_hours", 0, MAX_HOURS)
    if rule.free_from is not None:
        _check_range(rule.free_from, f"{pointer}/free_from", 0, None)
    if rule.max_g is not None:
        _check_range(rule.max_g, f"{pointer}/max_g", 1, MAX_G)


def _fee(rule: FreightRule, weight_g: int, goods_amount: int) -> int:
    if rule.free_from is not None and goods_amount >= rule.free_from:
        return 0
    over = max(weight_g - rule.first_g, 0)
    steps = -(-over // rule.step_g)
    return rule.first_fee + steps * rule.step_fee


def _regions(address: Address) -> tuple[str, ...]:
    country = address.country.casefold()
    return f"{country}-{address.region.casefold()}", country, EVERYWHERE


def _folded(rule: FreightRule) -> frozenset[str]:
    return frozenset(region.casefold() for region in rule.regions)


def _check_range(value: int, pointer: str, minimum: int, maximum: int | None) -> None:
    if value < minimum:
        raise _invalid(pointer, "too_small", minimum=minimum)
    if maximum is not None and value > maximum:
        raise _invalid(pointer, "too_large", maximum=maximum)


def _invalid(pointer: str, code: str, **params: object) -> Invalid:
    return Invalid(fields=(FieldProblem(pointer=pointer, code=code, params=params),))
