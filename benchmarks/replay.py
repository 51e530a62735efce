"""What a replayed order costs: orders a second, statements, and the processor time of Python and of PostgreSQL.

Usage: ``python benchmarks/replay.py FOLDER [--limit 1000] [--together 2000]``

Runs `daji replay olist` in a home of its own on the embedded database, and adds up what the server's processes used
while it ran. Statements and this process's time are of the steps alone; the server's are of the import and the
migrations as well, which `--limit` with two values tells apart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

LOOK_SECONDS = 0.2


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", type=Path)
    given.add_argument("--limit", type=int)
    given.add_argument("--together", type=int)
    asked = given.parse_args()
    with tempfile.TemporaryDirectory(prefix="daji-replay-") as home:
        result = Path(home) / "result.json"
        command = [sys.executable, "-m", "daji", "replay", "olist", str(asked.folder), "--json", str(result)]
        for name in ("limit", "together"):
            if (value := getattr(asked, name)) is not None:
                command += [f"--{name}", str(value)]
        env = {name: value for name, value in os.environ.items() if name != "DAJI_DATABASE_URL"}
        process = subprocess.Popen(command, env={**env, "DAJI_HOME": home}, stdout=subprocess.DEVNULL)
        used: dict[int, float] = {}
        while process.poll() is None:
            used |= of_server(Path(home))
            time.sleep(LOOK_SECONDS)
        if process.returncode:
            raise SystemExit(f"the replay ended with {process.returncode}")
        told = json.loads(result.read_text())
    orders, server = told["orders"], sum(used.values())
    print(
        f"{orders:,} orders in {told['seconds']:.1f} s: {told['orders_per_second']:.1f} orders/s, "
        f"{told['statements'] / orders:.1f} statements, {told['cpu_seconds'] * 1000 / orders:.2f} ms of Python and "
        f"{server * 1000 / orders:.2f} ms of PostgreSQL (import and migrations included) for each"
    )


def of_server(home: Path) -> dict[int, float]:
    """Processor seconds of each process of the server whose data lie in `home`."""
    found: dict[int, float] = {}
    for file in home.glob("postgres*/**/postmaster.pid"):
        with suppress(psutil.Error, OSError, ValueError):
            leader = psutil.Process(int(file.read_text().split("\n", 1)[0]))
            for one in (leader, *leader.children(recursive=True)):
                with suppress(psutil.Error):
                    times = one.cpu_times()
                    found[one.pid] = times.user + times.system
    return found


if __name__ == "__main__":
    main()
