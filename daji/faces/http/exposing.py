"""The figures of this installation's processes, as Prometheus reads them; without a web stack, for workers as well."""

from __future__ import annotations

import os

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess


def figures(registry: CollectorRegistry = REGISTRY) -> bytes:
    """All figures as text: of this process, or the sum over the workers of one master, who share a folder.

    https://prometheus.github.io/client_python/multiprocess/
    """
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
