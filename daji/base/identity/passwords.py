"""Password hashing: argon2id (RFC 9106) in threads, so that the event loop goes on serving.

Cost m = 19 MiB, t = 2, p = 1: the OWASP Password Storage Cheat Sheet's first choice for argon2id. The number of
threads bounds how much of the machine passwords may take; beyond `backlog` waiting calls the answer is `Busy`.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from daji.base.identity.errors import Busy

T = TypeVar("T")

MAX_CHARS = 128


class Passwords:
    """Hashes and checks passwords; one per process."""

    def __init__(
        self, *, memory_kib: int = 19_456, rounds: int = 2, threads: int = 2, backlog: int = 64
    ) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="argon2")
        self._backlog = backlog
        self._waiting = 0
        # What an unknown account is checked against: same cost, no password opens it.
        self._decoy = self._hasher.hash("\0 no keyboard types this")

    async def hash(self, password: str) -> str:
        """Encode a password with a fresh salt. Raises Busy."""
        return await self._run(lambda: self._hasher.hash(_canonical(password)))

    async def check(self, stored: str | None, password: str) -> bool:
        """Tell whether `password` opens `stored`; an account without a hash costs the same work. Raises Busy."""
        return await self._run(lambda: self._verify(stored, password))

    def outdated(self, stored: str) -> bool:
        """Tell whether `stored` was made at another cost and should be replaced."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str | None, password: str) -> bool:
        possible = len(password) <= MAX_CHARS and stored is not None
        try:
            self._hasher.verify(stored or self._decoy, _canonical(password) if possible else "")
        except (VerificationError, InvalidHashError):
            return False
        return possible

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._backlog:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def _canonical(password: str) -> str:
    # NIST SP 800-63B, 3.1.1.2: normalise, since keyboards disagree on how to write the same character.
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def shared() -> Passwords:
    """The process's own hasher; the threads start with the first password."""
    return Passwords()
