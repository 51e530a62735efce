"""How a supervisor and its children agree: sockets that are handed down, readiness that is said, rounds that are told."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from daji.faces import listening
from daji.faces.cli import rounds
from daji.kit import readiness


def test_sockets_are_handed_down_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    (mine,) = listening.bind("127.0.0.1", 0, 1)
    env: dict[str, str] = {}
    numbers = listening.hand_down([mine], env)
    copy = os.dup(numbers[0])
    monkeypatch.setenv("DAJI_LISTEN_FDS", str(copy))
    (theirs,) = listening.inherited()
    assert theirs.getsockname() == mine.getsockname()
    # Once: a grandchild must not believe that the numbers are its own.
    assert listening.inherited() == []
    assert env == {"DAJI_LISTEN_FDS": str(numbers[0])}
    theirs.close()
    mine.close()


def test_a_socket_unit_s_sockets_count_for_the_process_that_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAJI_LISTEN_FDS", raising=False)
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", str(os.getpid() + 1))
    assert listening.inherited() == []


def test_two_workers_listen_at_one_address_and_one_alone_shares_it_with_nobody() -> None:
    (alone,) = listening.bind("127.0.0.1", 0, 1)
    port = alone.getsockname()[1]
    with pytest.raises(OSError, match="in use"):
        listening.bind("127.0.0.1", port, 2)
    alone.close()
    pair = listening.bind("127.0.0.1", port, 2)
    assert {one.getsockname()[1] for one in pair} == {port}
    for one in pair:
        one.close()


def test_a_child_says_that_it_is_ready() -> None:
    ear = readiness.Ear()
    env = dict(os.environ)
    ear.give(env)
    child = subprocess.Popen(
        [sys.executable, "-c", "from daji.kit import readiness; assert readiness.say()"], env=env
    )
    assert not ear.heard(child.pid)
    assert child.wait(30) == 0
    assert ear.heard(child.pid)
    assert not ear.heard(child.pid + 1)
    path = ear.path
    ear.close()
    assert not Path(path).exists()


def test_nonsense_is_not_taken_for_readiness() -> None:
    ear = readiness.Ear()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        for said in (
            b"",
            b"\xff\xfe",
            b"READY=1",
            b"READY=1\nMAINPID=x",
            b"READY=0\nMAINPID=7",
            b"STATUS=well",
        ):
            wire.sendto(said, ear.path)
    assert not ear.heard(7)
    ear.close()


def test_without_a_supervisor_nothing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not readiness.say()
    assert not readiness.say(str(tmp_path / "nobody"))


def test_a_round_is_read_as_it_was_told_and_a_dead_supervisor_is_none(tmp_path: Path) -> None:
    assert rounds.read(tmp_path) is None
    said = rounds.Round(pid=os.getpid(), number=3, state="failed", message="why")
    rounds.write(tmp_path, said)
    assert rounds.read(tmp_path) == said
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(30)
    rounds.write(tmp_path, rounds.Round(pid=gone.pid, number=1, state="done"))
    assert rounds.read(tmp_path) is None
    (tmp_path / "up.json").write_text("{")
    assert rounds.read(tmp_path) is None
    rounds.leave(tmp_path)
    rounds.leave(tmp_path)
