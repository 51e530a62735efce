"""The database is lost and its replica takes over: rehearsed on real servers, as tools/rehearse_failover.py does."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.loading import load

failover = load(Path(__file__).parents[2] / "tools" / "rehearse_failover.py")


async def test_no_answered_write_is_lost_and_writing_goes_on() -> None:
    programs = failover.find_bin()
    if programs is None:
        pytest.skip("no PostgreSQL programs (initdb, pg_ctl, pg_basebackup) on this machine")
    with tempfile.TemporaryDirectory(prefix="daji-failover-") as folder:
        Path(folder).chmod(0o755)  # noqa: ASYNC240 - a test waits
        report = await failover.rehearse(programs, Path(folder), seconds=1.0, synchronous=True)
    assert report.lost == 0
    assert report.answered_before > 0
    assert report.answered_after > 0
    assert report.reads_on_replica
    assert report.own_write_seen
    assert report.silent_s < 10
    assert failover.judge(report).passed
    assert not failover.judge(replace(report, lost=1)).passed
    assert not failover.judge(replace(report, silent_s=10.1)).passed
    assert not failover.judge(replace(report, own_write_seen=False)).passed
    assert failover.judge(replace(report, lost=1, synchronous=False)).passed
