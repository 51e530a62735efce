"""Who an unnamed visitor may be: networks instead of addresses, crawlers by their names, programs by their manners.

A score is never more than a reason to let somebody wait longer; nobody is refused for a missing header alone.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections import OrderedDict, deque
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import msgspec

MAX_VISITORS = 20_000
TRAPPED_SECONDS = 3600.0
SUSPECT, BOT = 40, 75
"""Scores from which on every request costs four and twelve times as much."""

_FILE = Path(__file__).with_name("crawlers.toml")
_ARRIVALS = 16
_OUTCOMES = 32
_FEWEST_MISSES = 10
_EVEN = 0.1
_SLOWEST = 30.0

_PROGRAMS = (
    "python", "curl", "wget", "scrapy", "httpx", "aiohttp", "go-http-client", "okhttp", "java/", "libwww", "phantomjs",
    "headless", "node-fetch", "axios", "ruby", "perl", "postman",
)  # fmt: skip
_NO_AGENT, _PROGRAM, _NO_LANGUAGE, _NO_ACCEPT = 30, 25, 25, 10
_REGULAR, _MISSES, _TRAP, _PRETENDER = 25, 25, 60, 50

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Crawler(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A crawler that says its name: `token` in its user agent, in small letters; `networks` where it comes from."""

    name: str
    token: str
    networks: tuple[str, ...] = ()

    def comes_from(self, address: str) -> bool:
        return any(within(address, network) for network in self.networks)


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    crawlers: tuple[Crawler, ...]


Standing = Literal["verified", "declared", "pretender"]


@lru_cache(maxsize=1)
def crawlers() -> tuple[Crawler, ...]:
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), _File).crawlers


@lru_cache(maxsize=4096)
def crawler_of(agent: str, address: str) -> tuple[Crawler, Standing] | None:
    """Which crawler the user agent names, and whether it comes from where that one comes from."""
    small = agent.lower()
    for one in crawlers():
        if one.token in small:
            if not one.networks:
                return one, "declared"
            return one, "verified" if one.comes_from(address) else "pretender"
    return None


@lru_cache(maxsize=10_000)
def networks(address: str) -> tuple[str, ...]:
    """What is counted together for an address: the /24 of IPv4; the /64 and the /48 of IPv6.

    An owner of IPv6 has 2^64 addresses at least, and often all 65,536 networks of a /48. An IPv4 address in IPv6's
    clothes counts as what it is. What is no address (a Unix socket) counts as one.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ("net:?",)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return tuple(f"net:{ipaddress.ip_network((parsed, length), strict=False)}" for length in (64, 48))
        parsed = parsed.ipv4_mapped
    return (f"net:{ipaddress.ip_network((parsed, 24), strict=False)}",)


@lru_cache(maxsize=10_000)
def within(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network)
    except ValueError:
        return False


class _Manners:
    """What was seen of one visitor."""

    __slots__ = ("arrivals", "outcomes", "trapped_until")

    def __init__(self) -> None:
        self.arrivals: deque[float] = deque(maxlen=_ARRIVALS)
        self.outcomes: deque[bool] = deque(maxlen=_OUTCOMES)
        self.trapped_until = float("-inf")


class Watch:
    """Remembers the manners of unnamed visitors, the latest twenty thousand."""

    def __init__(self, *, most: int = MAX_VISITORS) -> None:
        self._most = most
        self._seen: OrderedDict[str, _Manners] = OrderedDict()

    def __len__(self) -> int:
        return len(self._seen)

    def arrives(self, key: str, *, now: float) -> None:
        """Note a request for something that is made for it, not for a file."""
        self._of(key).arrivals.append(now)

    def leaves(self, key: str, *, missed: bool) -> None:
        """Note whether there was such a thing."""
        self._of(key).outcomes.append(missed)

    def trap(self, key: str, *, now: float) -> None:
        """Note that somebody took what no reader sees."""
        self._of(key).trapped_until = now + TRAPPED_SECONDS

    def score(self, key: str, headers: Mapping[str, str], standing: Standing | None, *, now: float) -> int:
        """From 0, a reader, to 100; a crawler that stands by its name has no manners to be judged."""
        manners = self._seen.get(key)
        points = _TRAP if manners is not None and now < manners.trapped_until else 0
        if standing == "pretender":
            points += _PRETENDER
        elif standing is not None:
            return points
        points += _of_headers(headers)
        if manners is not None:
            points += _REGULAR if _is_regular(manners.arrivals) else 0
            missed = sum(manners.outcomes)
            points += _MISSES if missed >= _FEWEST_MISSES and missed * 2 >= len(manners.outcomes) else 0
        return min(points, 100)

    def _of(self, key: str) -> _Manners:
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = _Manners()
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        else:
            self._seen.move_to_end(key)
        return found


def _of_headers(headers: Mapping[str, str]) -> int:
    agent = headers.get("user-agent", "")
    points = 0
    if not agent:
        points += _NO_AGENT
    elif _is_program(agent):
        points += _PROGRAM
    elif "accept-language" not in headers:
        # Every browser sends one; a program that calls itself a browser forgets it.
        points += _NO_LANGUAGE
    return points + (0 if headers.get("accept") else _NO_ACCEPT)


@lru_cache(maxsize=4096)
def _is_program(agent: str) -> bool:
    small = agent.lower()
    return any(name in small for name in _PROGRAMS)


def _is_regular(arrivals: deque[float]) -> bool:
    """Whether somebody comes like a clock: people's pauses differ by far more than a tenth."""
    if len(arrivals) < _ARRIVALS:
        return False
    pauses = [later - earlier for earlier, later in pairwise(arrivals)]
    mean = sum(pauses) / len(pauses)
    if not 0 < mean < _SLOWEST:
        return False
    # By hand: `statistics` reckons with fractions, which takes longer than to answer the visitor.
    spread = sum((pause - mean) ** 2 for pause in pauses) / len(pauses)
    return spread < (_EVEN * mean) ** 2
