"""Run the gateway: `python -m daji.adapters.payment.sandbox`."""

from __future__ import annotations

import asyncio
import os
import signal

import uvloop
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from daji.adapters.payment.sandbox.service.app import app_from_env, port_from_env
from daji.kit import heap


def serve() -> None:
    """Serve on DAJI_SANDBOX_PORT, of this machine only unless DAJI_SANDBOX_HOST says otherwise, until interrupted."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())


async def _serve() -> None:
    # In this process: a master of one worker would hold all of it once more.
    server = Server(
        app_from_env(),
        address=os.environ.get("DAJI_SANDBOX_HOST", "127.0.0.1"),
        port=port_from_env(),
        interface=Interfaces.ASGI,
        websockets=False,
        log_level=LogLevels.error,
    )
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, server.stop)
    heap.settle()
    await server.serve()


if __name__ == "__main__":
    serve()
