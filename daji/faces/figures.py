"""Figures that alarms stand on, kept fresh by each worker and told at its port; `deploy/observability` reads them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable

from prometheus_client import Counter, Gauge

from daji.boot import House
from daji.kit.db.reading import Reader, reading_as
from daji.views import vital_signs

ROUND_SECONDS = 15.0
SLOW_EVERY = 4

JOBS = Counter("daji_jobs", "Deliveries of events that ended", ["outcome"])
LOOKED = Gauge("daji_signs_timestamp_seconds", "When these figures were last read from the database")

_SIGNS: dict[str, tuple[str, str]] = {
    "outbox_waiting": ("daji_outbox_waiting", "Deliveries of events that wait or are at work"),
    "outbox_oldest_s": ("daji_outbox_oldest_seconds", "Age of the oldest delivery that waits"),
    "parked": ("daji_outbox_parked", "Deliveries given up after all tries"),
    "timers_overdue": ("daji_timers_overdue", "Timers whose moment has passed"),
    "timers_oldest_s": ("daji_timers_oldest_seconds", "How late the latest of them is"),
    "runs_stale": ("daji_runs_stale", "Journeys whose process died and that nobody has taken over yet"),
    "runs_oldest_s": ("daji_runs_oldest_seconds", "Age of the oldest of those journeys"),
    "workers_alive": ("daji_workers_alive", "Workers heard within the last 20 s"),
    "processes_silent": ("daji_processes_silent", "Processes that stopped being heard without a farewell"),
    "connections_share": ("daji_database_connections_ratio", "Share of the server's connections in use"),
    "longest_transaction_s": ("daji_database_longest_transaction_seconds", "Age of the oldest transaction"),
    "waiting_for_locks": ("daji_database_waiting_for_locks", "Sessions that wait for a lock"),
    "bytes": ("daji_database_bytes", "Size of the database"),
    "wraparound_share": (
        "daji_database_wraparound_ratio",
        "Share of the transaction ids used before a freeze",
    ),
    "replica_lag_s": ("daji_replica_lag_seconds", "How far the reading server is behind"),
    "carrier_behind_s": (
        "daji_carrier_behind_seconds",
        "Age of the oldest event that satellites have not been sent",
    ),
}
_SLOW: dict[str, tuple[str, str]] = {
    "captured": ("daji_tenders_captured", "Payments of the last quarter of an hour that brought money"),
    "declined": ("daji_tenders_declined", "Payments of the last quarter of an hour that were declined"),
    "unknown": (
        "daji_tenders_unknown",
        "Payments of the last quarter of an hour whose gateway has not answered",
    ),
    "oversold": ("daji_oversold_units", "Units promised beyond what is on hand: must be 0"),
    "late": ("daji_orders_late", "Orders on their way whose promise is broken"),
}
_GAUGES: dict[str, Gauge] = {field: Gauge(name, text) for field, (name, text) in (_SIGNS | _SLOW).items()}
DISK = Gauge("daji_home_free_ratio", "Free share of the disk that DAJI_HOME is on")


class Figures:
    """Looks at the database in rounds; every fourth one takes the slower looks too."""

    def __init__(self, house: House, *, wall: Callable[[], float] = time.time) -> None:
        self._house = house
        self._round = 0
        self._wall = wall

    async def look(self) -> None:
        """One round."""
        now = self._house.clock.now()
        db = self._house.db
        # No matter how far the replica is behind: these are looks at the whole, and better taken there.
        with reading_as(Reader()):
            async with db.transaction() as fresh, db.read() as replica:
                signs = await vital_signs.get_vital_signs(fresh, at=now, behind_s=db.behind_s)
                slow = None
                if self._round % SLOW_EVERY == 0:
                    slow = await vital_signs.get_slow_signs(replica, at=now)
        self._round += 1
        for field in _SIGNS:
            _GAUGES[field].set(getattr(signs, field))
        for field in _SLOW:
            if slow is not None:
                _GAUGES[field].set(getattr(slow, field))
        disk = shutil.disk_usage(self._house.settings.home)
        DISK.set(disk.free / disk.total)
        LOOKED.set(self._wall())
