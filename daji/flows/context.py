"""What a journey may use: the database, the outside behind ports, and the shop's policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from daji.care.aftersales.api import Policy as ReturnPolicy
from daji.fulfil.delivery.ports import Carrier
from daji.fulfil.inventory.api import HoldPolicy
from daji.kit.db import Database
from daji.kit.problems import Problem
from daji.kit.runs import TryLater
from daji.trade.payments.ports import Gateway, GatewayUnknown, GatewayUnreachable


class UnknownGateway(Problem):
    """The payment provider asked for is not connected here."""

    code = "flows.unknown_gateway"
    status = 422


class UnknownCarrier(Problem):
    """The carrier asked for is not connected here."""

    code = "flows.unknown_carrier"
    status = 422


@contextmanager
def asking_gateway(code: str) -> Iterator[None]:
    """A question to a gateway: silence means that the work waits, not that it failed.

    Raises
    ------
    runs.TryLater
        When the gateway gave no answer.
    """
    try:
        yield
    except (GatewayUnknown, GatewayUnreachable) as silent:
        raise TryLater(f"gateway {code}") from silent


class Policies(msgspec.Struct, frozen=True, kw_only=True):
    """Promises and limits of the shop; durations in minutes or days as named."""

    pay_within_minutes: int = 30
    quote_minutes: int = 15
    # U-14: one buyer's unpaid holds may keep at most a fifth of a SKU's stock from everybody else.
    hold: HoldPolicy = HoldPolicy(max_units_per_buyer_sku=200, max_share_percent=20, min_units=5)
    returns: ReturnPolicy = ReturnPolicy()
    public_url: str = "http://127.0.0.1:8000"
    gateway: str = "sandbox"
    carrier: str = "simulated"

    @property
    def pay_within(self) -> timedelta:
        return timedelta(minutes=self.pay_within_minutes)

    @property
    def quote_for(self) -> timedelta:
        return timedelta(minutes=self.quote_minutes)


@dataclass(kw_only=True, eq=False)
class Context:
    """Handed to every journey by the face or worker that starts it.

    `policies` is one frozen value, replaced as a whole when somebody changes a setting (`boot.House.refresh`).
    """

    db: Database
    gateways: Mapping[str, Gateway]
    carriers: Mapping[str, Carrier]
    policies: Policies = field(default_factory=Policies)

    def gateway(self, code: str) -> Gateway:
        """The gateway of that code.

        Raises
        ------
        UnknownGateway
            When none is connected under it.
        """
        try:
            return self.gateways[code]
        except KeyError:
            raise UnknownGateway(gateway=code) from None

    def carrier(self, code: str) -> Carrier:
        """The carrier of that code.

        Raises
        ------
        UnknownCarrier
            When none is connected under it.
        """
        try:
            return self.carriers[code]
        except KeyError:
            raise UnknownCarrier(carrier=code) from None
