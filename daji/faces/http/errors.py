"""What HTTP itself refuses, before any room is asked."""

from __future__ import annotations

from daji.kit.problems import Problem


class BadRequest(Problem):
    code = "bad_request"
    status = 400


class MethodNotAllowed(Problem):
    code = "method_not_allowed"
    status = 405


class BodyTooLarge(Problem):
    code = "body_too_large"
    status = 413


class AddressTooLong(Problem):
    code = "address_too_long"
    status = 414


class UnsupportedMediaType(Problem):
    """Parameter `accepts`: what the route takes."""

    code = "unsupported_media_type"
    status = 415


class HeadersTooLarge(Problem):
    code = "headers_too_large"
    status = 431


class CsrfFailed(Problem):
    """The request was not sent by a page of ours, or by one of another session."""

    code = "csrf_failed"
    status = 403


class IdempotencyKeyMissing(Problem):
    code = "idempotency_key_missing"
    status = 400


class IdempotencyKeyMalformed(Problem):
    """Not 1 to 255 visible ASCII characters."""

    code = "idempotency_key_malformed"
    status = 400


class Internal(Problem):
    """A defect of ours; its id is in the log, its cause is not in the answer."""

    code = "internal"
    status = 500
