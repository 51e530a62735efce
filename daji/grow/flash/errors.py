"""What this room refuses, as data."""

from __future__ import annotations

from daji.kit.problems import NotFound, Problem


class SaleUnknown(NotFound):
    """No such sale, or one that is not shown yet."""

    code = "flash.sale_unknown"
    status = 404


class NotRunning(Problem):
    """The sale is not open now. Parameter `status`."""

    code = "flash.not_running"
    status = 409


class SoldOut(Problem):
    """No piece is left; one may come back while orders wait for their money."""

    code = "flash.sold_out"
    status = 409


class BuyerLimit(Problem):
    """All that one buyer may have is had, here or by whoever receives at the same telephone. Parameter `allowed`."""

    code = "flash.buyer_limit"
    status = 409


class TicketInvalid(Problem):
    """No ticket of ours, of another sale, or somebody else's."""

    code = "flash.ticket_invalid"
    status = 403


class PassInvalid(Problem):
    """No pass of ours, of another sale, somebody else's, or one whose time is over."""

    code = "flash.pass_invalid"
    status = 403


class PassSpent(Problem):
    """An order was placed with this pass."""

    code = "flash.pass_spent"
    status = 409


class NotYourTurn(Problem):
    """Others are before; `retry_after` seconds until asking pays."""

    code = "flash.not_your_turn"
    status = 409


class Moved(Problem):
    """The pieces of this offer went from where it would have sent them; a new offer finds others."""

    code = "flash.moved"
    status = 409
