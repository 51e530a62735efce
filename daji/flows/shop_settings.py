"""Which policies whoever runs the shop may change while it runs, and how they become the journeys' policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from daji.base.settings import api as settings
from daji.base.settings.api import Setting
from daji.care.aftersales.api import Policy
from daji.flows.context import Policies
from daji.fulfil.inventory.api import HoldPolicy

_USUAL = Policies()
_DAYS_BY_LAW = 7
"""Article 25 of the Consumer Protection Law of China: seven days without a reason. A shop may give more, not less."""

PAY_WITHIN = Setting(
    key="orders.pay_within_minutes", kind="number", default=_USUAL.pay_within_minutes, group="orders",
    unit="minutes", minimum=5, maximum=2_880,
)  # fmt: skip
QUOTE = Setting(
    key="orders.quote_minutes", kind="number", default=_USUAL.quote_minutes, group="orders",
    unit="minutes", minimum=5, maximum=120,
)  # fmt: skip
HOLD_UNITS = Setting(
    key="stock.hold_max_units", kind="number", default=_USUAL.hold.max_units_per_buyer_sku, group="stock",
    unit="pieces", minimum=1, maximum=100_000,
)  # fmt: skip
HOLD_SHARE = Setting(
    key="stock.hold_max_share", kind="number", default=_USUAL.hold.max_share_percent, group="stock",
    unit="percent", minimum=1, maximum=100,
)  # fmt: skip
HOLD_LEAST = Setting(
    key="stock.hold_min_units", kind="number", default=_USUAL.hold.min_units, group="stock",
    unit="pieces", minimum=1, maximum=1_000,
)  # fmt: skip
RETURN_DAYS = Setting(
    key="returns.window_days", kind="number", default=Policy().days, group="returns",
    unit="days", minimum=_DAYS_BY_LAW, maximum=365,
)  # fmt: skip
_LANGUAGES = ("zh", "en")


def _words(name: str, most: int) -> Setting:
    return Setting(
        key=f"shop.{name}", kind="texts", default={}, group="shop", maximum=most, choices=_LANGUAGES
    )


SAID: Mapping[str, Setting] = {
    "store.shop": _words("name", 24),
    "store.front.about": _words("about", 200),
    "store.tagline": _words("tagline", 80),
    "store.foot": _words("foot", 120),
}
"""Messages of the storefront that whoever runs the shop may write themselves, by key."""


def declared(carriers: Iterable[str]) -> tuple[Setting, ...]:
    """Every setting, given the carriers that are connected."""
    carrier = Setting(
        key="delivery.carrier",
        kind="choice",
        default=_USUAL.carrier,
        group="delivery",
        choices=tuple(sorted({_USUAL.carrier, *carriers})),
    )
    return (*SAID.values(), PAY_WITHIN, QUOTE, HOLD_UNITS, HOLD_SHARE, HOLD_LEAST, RETURN_DAYS, carrier)


def said(values: Mapping[str, settings.SettingValue]) -> dict[tuple[str, str], str]:
    """What the shop says in its own words, by language and message key."""
    found: dict[tuple[str, str], str] = {}
    for key, setting in SAID.items():
        texts = values[setting.key]
        if isinstance(texts, dict):
            found |= {(lang, key): text for lang, text in texts.items()}
    return found


def texts_of(
    laid_out: Iterable[Setting], values: Mapping[str, settings.SettingValue]
) -> dict[str, dict[str, str]]:
    """The texts of these settings as they stand, by key and language."""
    found = {setting.key: values[setting.key] for setting in laid_out}
    return {key: texts for key, texts in found.items() if isinstance(texts, dict)}


def applied(base: Policies, values: Mapping[str, settings.SettingValue]) -> Policies:
    """The policies with these values in them; `values` holds every declared key."""

    def number(setting: Setting) -> int:
        value = values[setting.key]
        return int(value) if isinstance(value, int | str) else 0

    return msgspec.structs.replace(
        base,
        pay_within_minutes=number(PAY_WITHIN),
        quote_minutes=number(QUOTE),
        hold=HoldPolicy(
            max_units_per_buyer_sku=number(HOLD_UNITS),
            max_share_percent=number(HOLD_SHARE),
            min_units=number(HOLD_LEAST),
        ),
        returns=msgspec.structs.replace(base.returns, days=number(RETURN_DAYS)),
        carrier=str(values["delivery.carrier"]),
    )
