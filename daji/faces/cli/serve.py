"""`daji serve`: the web process."""

from __future__ import annotations

from typing import Annotated

import typer
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

from daji.boot import read_settings
from daji.faces.cli.common import fail
from daji.kit.settings import BadSetting

LEAVE_SECONDS = 5


def serve(
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer requests.")] = 1,
) -> None:
    """Serve store, console and API on DAJI_HOST:DAJI_PORT."""
    try:
        house, _ = read_settings()
    except BadSetting as error:
        fail(str(error), "correct the variable or unset it")
    Granian(
        "daji.faces.app:app_from_env",
        address=house.host,
        port=house.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=workers,
        loop=Loops.uvloop,
        websockets=False,
        backlog=2048,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        # An open stream of news never ends by itself; requests have this long to finish.
        workers_kill_timeout=LEAVE_SECONDS,
    ).serve()
