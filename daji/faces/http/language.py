"""The reader's language: what they asked for now, what they chose before, what their browser prefers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import parse_qs

from daji.kit import i18n

PARAMETER = "lang"


def choose(
    *, query_string: bytes, cookie: str | None, accept_language: str | None, languages: Sequence[str]
) -> tuple[str, bool]:
    """Return the language, and whether it was asked for by `?lang=` and should be remembered."""
    if b"lang=" in query_string:
        asked = parse_qs(query_string.decode("latin-1")).get(PARAMETER, [""])[-1]
        if asked in languages:
            return asked, True
    if cookie in languages:
        return str(cookie), False
    return _negotiate(accept_language, tuple(languages)), False


@lru_cache(maxsize=4096)
def _negotiate(accept_language: str | None, languages: tuple[str, ...]) -> str:
    return i18n.negotiate(accept_language, languages, languages[0])
