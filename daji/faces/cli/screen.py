"""Where commands write for people: loaded by those that do, since a process that serves writes for nobody."""

from __future__ import annotations

from rich.console import Console

console = Console()
errors = Console(stderr=True)
