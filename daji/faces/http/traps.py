"""Addresses that no reader finds: one is linked where only a program looks, the others are what scanners try."""

from __future__ import annotations

from typing import Any

from litestar import get

from daji.faces.http.throttle import TRAP
from daji.kit.problems import NotFound

LINKED = ("/zh/offers/all", "/en/offers/all")
"""Pages carry a hidden link here, and robots.txt asks not to follow it: a polite crawler never comes."""
TRIED = ("/.env", "/.git/config", "/wp-login.php", "/xmlrpc.php", "/phpmyadmin")

_OPT: dict[str, Any] = {"permission": "public", "auth": False, TRAP: True}


@get([*LINKED, *TRIED], opt=_OPT, include_in_schema=False, sync_to_thread=False)
def trap() -> None:
    """There is nothing here; the meter has noted who asked."""
    raise NotFound


ROUTES = [trap]
