"""Memory that is free can be given back, and asking for it harms nobody where the system knows no way."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import threading

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


async def test_a_long_lived_process_gives_back_in_rounds_until_it_is_told_to_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = threading.Event()
    monkeypatch.setattr(heap, "give_back", given.set)
    tidier = heap.Tidier(every=0.01)
    await tidier.start()
    assert await asyncio.to_thread(given.wait, 5)
    await tidier.stop()
    given.clear()
    assert not await asyncio.to_thread(given.wait, 0.05)


async def test_stopping_what_never_started_is_no_error() -> None:
    await heap.Tidier().stop()


def test_what_a_settled_process_holds_is_left_alone_by_the_collector() -> None:
    before = gc.get_threshold()
    try:
        heap.settle()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
