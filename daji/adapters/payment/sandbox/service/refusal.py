"""How the service says no."""

from __future__ import annotations


class Refusal(Exception):
    """The call changed nothing; `status` is the HTTP status, `code` is stable."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
