"""`daji restart`: replace every process of a running `daji up` without losing a request."""

from __future__ import annotations

import os
import signal
import time

from daji.boot import read_settings
from daji.faces.cli import rounds
from daji.faces.cli.common import fail
from daji.faces.cli.screen import console
from daji.kit.settings import BadSetting

PATIENCE_SECONDS = 600


def restart() -> None:
    """Bring the schema up to date, then replace web and worker of the running `daji up`; waits until it is done."""
    try:
        house, _ = read_settings()
    except BadSetting as error:
        fail(str(error), "correct the variable or unset it")
    before = rounds.read(house.home)
    if before is None:
        fail(f"no `daji up` runs in {house.home}", "start it, or set DAJI_HOME to that of the one you mean")
    os.kill(before.pid, signal.SIGHUP)
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_SECONDS:
        now = rounds.read(house.home)
        if now is None:
            fail("`daji up` ended meanwhile", f"look into {house.home / 'logs'}")
        if now.number > before.number and now.state == "failed":
            fail(now.message, "what ran goes on; mend it and try again")
        if now.number > before.number and now.state == "done":
            console.print(f"replaced in {time.monotonic() - began:.1f} s")
            return
        time.sleep(0.1)
    fail(f"not done after {PATIENCE_SECONDS} s", f"look into {house.home / 'logs'}")
