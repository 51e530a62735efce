"""Memory that is free can be given back, and asking for it harms nobody where the system knows no way."""

from __future__ import annotations

import ctypes

import pytest

from daji.kit import heap


def test_giving_back_leaves_what_is_used() -> None:
    held = [bytes([n % 256]) * 3000 for n in range(1000)]
    del held[::2]
    heap.give_back()
    assert all(one == one[:1] * 3000 for one in held)


def test_a_system_without_the_call_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_name: object) -> object:
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    heap._libc.cache_clear()
    try:
        heap.give_back()
    finally:
        heap._libc.cache_clear()
