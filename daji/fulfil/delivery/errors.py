"""What this room refuses, as data."""

from __future__ import annotations

from daji.kit.problems import Problem


class NoService(Problem):
    """Nothing here goes to this place, or not with this weight."""

    code = "delivery.no_service"
    status = 409


class NoFreight(Problem):
    """What the way costs is not known in this currency; parameter `currency`."""

    code = "delivery.no_freight"
    status = 409


class CurrencyTaken(Problem):
    """Whoever has this template has another one in its new currency; parameter `currency`."""

    code = "delivery.currency_taken"
    status = 409


class UnknownTemplate(Problem):
    """No such freight template."""

    code = "delivery.unknown_template"
    status = 404


class AlreadyBooked(Problem):
    """The order has a parcel under way with a carrier; cancel that one first."""

    code = "delivery.already_booked"
    status = 409
