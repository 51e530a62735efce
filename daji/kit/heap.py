"""Gives memory that was freed back to the machine."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any


@cache
def _libc() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        # Of glibc alone; others give back by themselves.
        return None


def give_back() -> None:
    """Give back what lies free between what is used, for instance after work that needed much for a moment."""
    trim = _libc()
    if trim is not None:
        trim(ctypes.c_size_t(0))
