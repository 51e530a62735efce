"""The shop is shut for a while: a file says so, and every buyer is told when to come back.

    touch $DAJI_HOME/maintenance            # shut; the answer is 503 with Retry-After: 600
    echo 1800 > $DAJI_HOME/maintenance      # shut, back in about half an hour
    rm $DAJI_HOME/maintenance               # open

Staff, gateways, carriers, health checks and static files are let through, so that what is under way can end and whoever
works on the shop can look at it.
"""

from __future__ import annotations

import time
from pathlib import Path

from litestar.types import ASGIApp, Middleware, Receive, Scope, Send

from daji.kit.problems import Problem

FILE = "maintenance"
RETRY_AFTER = 600
_LOOK_EVERY = 1.0
_OPEN = ("/health", "/metrics", "/static/", "/media/", "/glyph/", "/console", "/notify/")


class Maintenance(Problem):
    """The shop is shut on purpose; parameter `retry_after` in seconds."""

    code = "http.maintenance"
    status = 503


def watch(home: Path) -> Middleware:
    """Stands before every handler; it looks at the file at most once a second."""
    file = home / FILE
    looked, retry_after = -_LOOK_EVERY, 0

    def wrap(app: ASGIApp) -> ASGIApp:
        async def look(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal looked, retry_after
            now = time.monotonic()
            if now - looked >= _LOOK_EVERY:
                looked, retry_after = now, _read(file)
            if retry_after and not scope["path"].startswith(_OPEN):
                raise Maintenance(retry_after=retry_after, minutes=max(retry_after // 60, 1))
            await app(scope, receive, send)

        return look

    return wrap


def _read(file: Path) -> int:
    """Seconds until the shop is open again; 0 when it is."""
    try:
        said = file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return 0
    return min(int(said), 86_400) if said.isdigit() and int(said) else RETRY_AFTER
