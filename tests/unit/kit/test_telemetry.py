"""Logs are for people; they never decide whether somebody is answered."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator

import pytest
import structlog

from daji.kit import telemetry


class Full(io.StringIO):
    """A stream on a disk without room."""

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_full_disk_costs_lines_not_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Full())
    telemetry.configure(service="test", json_lines=True)
    before = telemetry.lost()._value.get()
    structlog.get_logger("test").error("something")
    assert telemetry.lost()._value.get() == before + 1


def test_what_can_be_written_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    telemetry.configure(service="test", json_lines=True)
    telemetry.bind_request("req_1")
    structlog.get_logger("test").warning("something", n=1)
    telemetry.unbind_request()
    assert '"event":"something"' in stream.getvalue()
    assert '"request_id":"req_1"' in stream.getvalue()


def test_a_master_does_not_decide_for_its_workers_how_figures_are_kept() -> None:
    asked = "import sys, daji.faces.cli.serve; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
