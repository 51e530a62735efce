from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from daji.kit.clock import Clock, SimClock, SystemClock

START = datetime(2026, 11, 11, tzinfo=UTC)


def test_the_system_clock_tells_aware_utc() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.now() <= clock.now()


def test_a_simulated_clock_stands_until_moved() -> None:
    clock = SimClock(START)
    assert clock.now() == clock.now() == START
    clock.advance(timedelta(days=400))
    assert clock.now() == START + timedelta(days=400)
    clock.set(clock.now())
    clock.advance(timedelta(0))
    assert clock.now() == START + timedelta(days=400)


def test_time_never_runs_backwards() -> None:
    clock = SimClock(START)
    with pytest.raises(ValueError, match="backwards"):
        clock.set(START - timedelta(microseconds=1))
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(timedelta(microseconds=-1))
    assert clock.now() == START


def test_other_zones_become_utc_and_naive_times_are_refused() -> None:
    shanghai = timezone(timedelta(hours=8))
    clock = SimClock(START.astimezone(shanghai))
    assert (clock.now(), clock.now().tzinfo) == (START, UTC)
    with pytest.raises(ValueError, match="without a zone"):
        SimClock(START.replace(tzinfo=None))
    with pytest.raises(ValueError, match="without a zone"):
        clock.set(START.replace(tzinfo=None))
