"""Named points at which a test or a rehearsal may break the process, to prove that work resumes.

`DAJI_FAULT=place_order.place.after_commit` kills the process hard the first time the point is reached, as a
power cut would: no exception handlers, no flush. In-process tests install a hook instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

KILLED = 137
"""Exit code of a process that a fault killed: what a shell shows for SIGKILL."""

_hook: Callable[[str], None] | None = None
_fatal = os.environ.get("DAJI_FAULT", "")


def reach(point: str) -> None:
    """Say that `point` was reached; costs one comparison when nothing is armed."""
    if _fatal and point == _fatal:
        os._exit(KILLED)
    if _hook is not None:
        _hook(point)


@contextmanager
def armed(hook: Callable[[str], None]) -> Iterator[None]:
    """Call `hook(point)` at every point inside the block; what it raises breaks the work there."""
    global _hook  # noqa: PLW0603 - one process-wide seam, replaced as a whole
    before, _hook = _hook, hook
    try:
        yield
    finally:
        _hook = before
