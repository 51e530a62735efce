"""`daji work`: the worker process."""

from __future__ import annotations

import os

from daji.boot import PATIENCE_SECONDS
from daji.faces import worker
from daji.faces.cli.common import with_house

# Its rounds come one after the other, and the deliveries beside them wait for each other rather than crowd the server.
_CONNECTIONS = {"DAJI_DATABASE_POOL": "4", "DAJI_DATABASE_READ_POOL": "2"}


def work() -> None:
    """Deliver events, fire timers and resume journeys until stopped."""
    with_house(worker.work, log_level="INFO", env={**_CONNECTIONS, **os.environ}, patience=PATIENCE_SECONDS)
