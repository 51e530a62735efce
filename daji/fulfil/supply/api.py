"""The door of what suppliers announce."""

from __future__ import annotations

from daji.fulfil.supply.commands.announce import announce
from daji.fulfil.supply.commands.end import end
from daji.fulfil.supply.commands.receive import receive
from daji.fulfil.supply.errors import NoticeEnded, NoticeKnown
from daji.fulfil.supply.facts import NewNotice, Notice, NoticeLine, Status
from daji.fulfil.supply.queries import get_notice

__all__ = [
    "NewNotice",
    "Notice",
    "NoticeEnded",
    "NoticeKnown",
    "NoticeLine",
    "Status",
    "announce",
    "end",
    "get_notice",
    "receive",
]
