"""What this room refuses, as data."""

from __future__ import annotations

from daji.kit.problems import Problem


class NoticeKnown(Problem):
    """A notice of this `number` is known already."""

    code = "supply.notice_known"
    status = 409


class NoticeEnded(Problem):
    """The notice has ended, or has begun and cannot be cancelled any more; `notice_status` says where it is."""

    code = "supply.notice_ended"
    status = 409
