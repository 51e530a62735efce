"""`daji work`: the worker process."""

from __future__ import annotations

from daji.boot import PATIENCE_SECONDS
from daji.faces import worker
from daji.faces.cli.common import with_house


def work() -> None:
    """Deliver events, fire timers and resume journeys until stopped."""
    with_house(worker.work, log_level="INFO", patience=PATIENCE_SECONDS)
