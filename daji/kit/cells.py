"""Cells of tables that people open in a spreadsheet: a text must not become a formula there, and comes back whole.

A spreadsheet computes what begins with one of `= + - @` or a control character (OWASP, "CSV Injection"). An apostrophe
in front makes it text; what begins with apostrophes and such a character gets one more, so that `plain` undoes `guard`.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guard(text: str) -> str:
    """Write a text so that a spreadsheet shows it and computes nothing."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain(text: str) -> str:
    """Read what `guard` wrote; other texts are given back as they are."""
    return text[1:] if _GUARDED.match(text) else text
