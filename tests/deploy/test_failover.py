"""The database is lost and its replica takes over: rehearsed on real servers, as tools/rehearse_failover.py does."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest


def load() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "rehearse_failover.py"
    spec = importlib.util.spec_from_file_location("rehearse_failover", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


failover = load()


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
