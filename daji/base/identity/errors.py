"""What this room refuses, by code."""

from __future__ import annotations

from daji.kit.problems import Problem, TooMany


class BadCredentials(Problem):
    """Unknown account, wrong password or closed account: one answer for all three (U-112)."""

    code = "identity.bad_credentials"
    status = 401


class TooManyAttempts(TooMany):
    """Guessing is slowed down; `retry_after` in seconds."""

    code = "identity.too_many_attempts"
    status = 429


class AlreadyRegistered(Problem):
    """The contact has an account. For staff and imports only: a public route must never let it through."""

    code = "identity.already_registered"
    status = 409


class LastAdmin(Problem):
    """The last active administrator can be neither demoted nor closed."""

    code = "identity.last_admin"
    status = 409


class BeyondGiver(Problem):
    """Nobody gives what they do not hold; `permissions` names what is missing."""

    code = "identity.beyond_giver"
    status = 403


class Busy(Problem):
    """Too many passwords wait to be checked at this moment."""

    code = "identity.busy"
    status = 503


class AdminFixed(Problem):
    """What an administrator holds cannot be changed: somebody must be able to give it back."""

    code = "identity.admin_fixed"
    status = 409
