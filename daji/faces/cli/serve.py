"""`daji serve`: the web process, of one face or of all."""

from __future__ import annotations

import gc
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from daji.faces import listening, web_server
from daji.faces.cli.common import fail
from daji.faces.face import Face
from daji.installation import read_settings
from daji.kit import heap, settings
from daji.kit.settings import BadSetting

if TYPE_CHECKING:
    from daji.faces.app import Prepared

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"


def serve(
    face: Annotated[
        Face, typer.Argument(help="What to serve; each can run, and be scaled, by itself.")
    ] = Face.ALL,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer requests.")] = 1,
) -> None:
    """Serve store, console, station and live streams, or one of them, on DAJI_HOST:DAJI_PORT.

    SIGTERM leaves in order, SIGINT at once; SIGHUP replaces one worker after the other without losing a request.
    """
    try:
        house, _ = read_settings()
        pace = settings.read(listening.Pace, "DAJI_SERVE_", os.environ)
    except BadSetting as error:
        fail(str(error), "correct the variable or unset it")
    try:
        sockets = listening.inherited() or listening.bind(house.host, house.port, workers)
    except OSError as error:
        fail(
            f"cannot listen on {house.host}:{house.port}: {error.strerror}",
            "stop what uses it, or set DAJI_PORT",
        )
    with tempfile.TemporaryDirectory(prefix="daji-figures-") as folder:
        prepared = None
        if len(sockets) > 1:
            # Each worker keeps its own figures; whoever asks any of them gets the sum.
            os.environ.setdefault(MULTIPROCESS, str(Path(folder)))
            prepared = _share(face)
        master = web_server.Master(host=house.host, port=house.port, sockets=sockets, pace=pace)
        master.run(partial(_load, face, prepared))


def _share(face: Face) -> Prepared | None:
    """Load and make before the workers are forked what they never change, so that they hold it together and not each by itself.

    Frozen, it is left alone by the collector, which would write to every page of it.
    """
    from daji.faces import app  # noqa: PLC0415 - a master of one worker stays small

    prepared = app.warm_up(face)
    gc.collect()
    heap.give_back()
    gc.freeze()
    return prepared


def _load(face: Face, prepared: Prepared | None) -> Any:
    from daji.faces import app  # noqa: PLC0415 - in the worker only, where there is one

    return app.app_for(face, prepared)
