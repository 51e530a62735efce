"""Which pages may be kept for the next visitor, and what a page depends on besides its address."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any

from daji.faces.http.kept import Ends, Keep
from daji.faces.store import display, region

_COOKIES = re.compile(rf"(?:^|;)\s*({display.COOKIE}|{region.COOKIE})=([^;]*)")


def look(headers: Mapping[str, str], now: datetime) -> Hashable:
    """How this reader sees pages: what they chose, what their connection says, and the hour, which rules go by.

    The hour also holds what a page says of a day: goods arrive a whole number of hours from now.
    """
    signals = display.Signals.read(headers, now)
    cookie = headers.get("cookie")
    return (
        now.date(),
        signals.hour,
        signals.saving,
        signals.network,
        tuple(_COOKIES.findall(cookie)) if cookie else (),
    )


def page(opt: Mapping[str, Any], *, ends_with: Ends) -> dict[str, Any]:
    """The `opt` of a page that may be kept; see `Keep.ends_with`."""
    return {**opt, "kept": Keep(ends_with=ends_with, look=look)}
