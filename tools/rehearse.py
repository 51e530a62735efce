"""Play all rehearsals one after the other, each as its own command, and print one table: what, bar, figure, passed.

    python tools/rehearse.py [--long] [--only NAME ...] [--json FILE]

The short form takes a quarter of an hour of a quiet machine, the long one more than an hour. Each is real: processes,
PostgreSQL, load. Exit code 1 when one bar was missed, or a rehearsal ended without telling its bars.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from shop import ROOT

from daji.faces.cli.rehearsing import bars

PYTHON = sys.executable


@dataclass(frozen=True, kw_only=True)
class Play:
    """One rehearsal: its command, what the short and the long form add, and whether it tells by --json or by environment."""

    name: str
    command: tuple[str, ...]
    short: tuple[str, ...] = ()
    long: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    """For the long form, like DAJI_CHAOS_SECONDS."""
    report: str = ""
    """The variable that names the file, of a command that knows no --json."""

    def line(self, *, long: bool, file: Path) -> list[str]:
        told = () if self.report else ("--json", str(file))
        return [*self.command, *(self.long if long else self.short), *told]

    def env(self, *, long: bool, file: Path) -> dict[str, str]:
        given = {**os.environ, **(self.settings if long else {})}
        return {**given, self.report: str(file)} if self.report else given


PLAYS = (
    Play(
        name="flash-sale",
        command=(PYTHON, "-m", "daji", "rehearse", "flash-sale"),
        short=("--attempts", "10000", "--stock", "100"),
        long=("--attempts", "100000", "--stock", "500"),
    ),
    Play(
        name="overload",
        command=(PYTHON, "benchmarks/overload.py"),
        short=("--seconds", "6", "--soak", "2"),
        long=("--seconds", "15", "--soak", "20"),
    ),
    Play(
        name="chaos",
        command=(PYTHON, "-m", "pytest", "-q", "-s"),
        short=("-m", "not slow", "tests/chaos/test_kills.py"),
        long=("-m", "", "tests/chaos"),
        settings={"DAJI_CHAOS_SECONDS": "600"},
        report="DAJI_CHAOS_REPORT",
    ),
    Play(
        name="restart",
        command=(PYTHON, "tools/rehearse_restart.py"),
        long=("--times", "5"),
    ),
    Play(
        name="failover",
        command=(PYTHON, "tools/rehearse_failover.py"),
        long=("--seconds", "15"),
    ),
    Play(
        name="restore",
        command=(PYTHON, "tools/rehearse_restore.py"),
        long=("--seconds", "60", "--wal-seconds", "60"),
    ),
)


def play(one: Play, *, long: bool) -> list[bars.Verdict]:
    """Run it; its verdicts, of which one that ends badly or tells nothing has a missed bar more."""
    with tempfile.TemporaryDirectory(prefix="daji-rehearse-") as folder:
        file = Path(folder) / "verdict.json"
        began = time.monotonic()
        code = subprocess.run(
            one.line(long=long, file=file), cwd=ROOT, env=one.env(long=long, file=file), check=False
        ).returncode
        seconds = time.monotonic() - began
        found = read(file)
    print(f"{one.name}: {seconds:.0f} s", flush=True)
    if code and all(verdict.passed for verdict in found):
        found.append(bars.judge(one.name, (bars.exactly("exit code", code),), {"seconds": seconds}))
    if not found:
        found.append(bars.judge(one.name, (bars.at_least("verdicts told", 0, 1),), {"seconds": seconds}))
    return found


def read(file: Path) -> list[bars.Verdict]:
    """One verdict, or one on each line."""
    if not file.exists():
        return []
    content = file.read_bytes()
    try:
        return [msgspec.json.decode(content, type=bars.Verdict)]
    except msgspec.DecodeError:
        return msgspec.json.Decoder(bars.Verdict).decode_lines(content)


def main() -> int:
    names = [one.name for one in PLAYS]
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=str(names))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    verdicts = []
    for one in PLAYS:
        if one.name in given.only:
            print(f"== {one.name}", flush=True)
            verdicts += play(one, long=given.long)
    bars.show(verdicts, title=f"rehearsals, {'long' if given.long else 'short'} form")
    if given.json:
        content = msgspec.json.format(msgspec.json.encode(verdicts), indent=2)
        given.json.write_bytes(content + b"\n")
    return 0 if all(verdict.passed for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
