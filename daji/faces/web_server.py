"""The web server's master: sockets that outlive their workers, successors before farewells, and a leave that is told.

Granian binds one socket in each worker, so that a worker's end resets the connections that wait in its queue, and it
replaces a worker after a fixed pause. Here the master holds one socket per worker (SO_REUSEPORT, or those that a
supervisor hands down), an old worker and its successor share it, and the old one goes only when the new one has said
that it is ready. A successor that does not get ready is dropped, and the old worker stays.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from granian._granian import SocketHolder
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server.mp import MPServer

from daji.faces.http import leaving
from daji.faces.listening import BACKLOG, Pace
from daji.kit import readiness

log = structlog.get_logger(__name__)

_Server: Any = MPServer


class Master(_Server):  # type: ignore[misc]  # its types are partial
    """Granian's master process with the house's manners."""

    def __init__(self, *, host: str, port: int, sockets: Sequence[socket.socket], pace: Pace) -> None:
        super().__init__(
            "daji",
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            workers=len(sockets),
            loop=Loops.uvloop,
            websockets=False,
            backlog=BACKLOG,
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            workers_kill_timeout=max(1, int(pace.leave)),
        )
        self._shd: Any = None
        self._sockets = tuple(sockets)
        self._pace = pace
        self._ear = readiness.Ear()
        self._in_haste = False
        self._farewell = leaving.LEAVE

    def run(self, load: Callable[[], Any]) -> None:
        """Serve what `load` makes, in each worker, until a signal.

        SIGTERM: the instance leaves, in order. SIGUSR2: another one has taken over its sockets. SIGINT: at once.
        """
        supervisor = os.environ.get(readiness.VARIABLE)
        self._ear.give(os.environ)
        self.on_startup(lambda: self._tell(supervisor or ""))
        if leaving.CLOSE is not None and leaving.LEAVE is not None:
            signal.signal(leaving.CLOSE, self.signal_handler_interrupt)
            # Inherited: a worker that is too young to listen must not die of it.
            signal.signal(leaving.LEAVE, signal.SIG_IGN)
        try:
            self.serve(target_loader=load, wrap_loader=False)
        finally:
            self._ear.close()

    def _tell(self, supervisor: str) -> None:
        """Say READY=1 to whoever started us once every worker has said so; the serving loop goes on beside it."""

        def watch() -> None:
            while len(self.wrks) < self.workers or not all(
                self._ear.heard(one.inner.pid) for one in tuple(self.wrks)
            ):
                time.sleep(0.1)
            readiness.say(supervisor)

        threading.Thread(target=watch, name="daji-ready", daemon=True).start()

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        number: int | None = args[0] if args else None
        self._in_haste = self._in_haste or number == signal.SIGINT
        if number == leaving.CLOSE:
            self._farewell = leaving.CLOSE
        super().signal_handler_interrupt(*args, **kwargs)

    def _init_shared_socket(self) -> None:
        self._ssp = self._sso = None

    def _drop_shared_socket(self) -> None:
        """Keep the sockets to the last: what waits in their queues is answered while we leave."""

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:
        make: Any = SocketHolder  # takes more than its stub says
        self._shd = make(os.dup(self._sockets[idx].fileno()), False, BACKLOG)
        return super()._spawn_worker(idx=idx, target=target, callback_loader=callback_loader)

    def _respawn_workers(
        self, workers: Sequence[int], spawn_target: Any, target_loader: Any, delay: float = 0
    ) -> None:
        if not delay:
            # Granian's way to say that these died by themselves: nobody is there to be replaced.
            super()._respawn_workers(workers, spawn_target, target_loader)
            return
        for index in workers:
            old = self.wrks[index]
            young = self._spawn_worker(index, spawn_target, target_loader)
            young.start()
            if not self._gets_ready(young):
                log.error("successor_not_ready", worker=index)
                young.kill()
                young.join()
                continue
            self.wrks[index] = young
            self._part_with([old], leaving.CLOSE)
            old.terminate()
            old.join(self.workers_kill_timeout)
            if old.is_alive():
                old.kill()
                old.join()

    def _stop_workers(self) -> None:
        if not self._in_haste:
            self._part_with(self.wrks, self._farewell)
        super()._stop_workers()

    def _gets_ready(self, worker: Any) -> bool:
        deadline = time.monotonic() + self._pace.ready
        while time.monotonic() < deadline and worker.is_alive():
            if self._ear.heard(worker.inner.pid):
                return True
            time.sleep(0.05)
        return False

    def _part_with(self, workers: Sequence[Any], how: signal.Signals | None) -> None:
        """Tell workers that they go, and let them answer for a while."""
        for worker in workers:
            if how is not None and worker.is_alive():
                os.kill(worker.inner.pid, how)
        deadline = time.monotonic() + self._pace.drain
        while time.monotonic() < deadline and not self._in_haste:
            time.sleep(0.05)
