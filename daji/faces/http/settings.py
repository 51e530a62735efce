"""What the machinery needs to know of the installation."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`DAJI_LIMIT_MODE`, `DAJI_LIMIT_SCALE`, `DAJI_LIMIT_TRUSTED_NETWORKS`, `DAJI_LIMIT_SHARED_URL`.

    `mode` watch counts and logs without refusing anybody. `scale` multiplies every budget. `trusted_networks`
    are not counted, separated by commas: the machine itself unless said otherwise, which also is what a proxy in front
    looks like until it is declared. `shared_url` (redis://…) is a Redis or Valkey in which several nodes count together.
    """

    mode: Literal["on", "watch", "off"] = "on"
    scale: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 1.0
    trusted_networks: str = "127.0.0.0/8,::1/128"
    shared_url: str = ""

    @property
    def trusted(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.trusted_networks.split(",") if part.strip())


NO_LIMITS = LimitSettings(mode="off")


class CrowdSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`DAJI_CROWD_MOST`: readers in hand of one process from which on others are turned away; five times as many writers."""

    most: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 64


NO_CROWD = CrowdSettings(most=1_000_000)


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` signs cookies and tokens. `secure` says that readers come by https.

    `origins` are further origins whose pages may post to us. `proxies` is the number of trusted proxies in front,
    each of which appends to X-Forwarded-For. `fresh_sessions` looks sessions up on the writing server, for
    installations whose replicas lag. `limits` says how much may be asked, `crowd` how much at once.
    `form_targets` and `connect_targets` widen the content policy, for example by
    a payment page on another origin.
    """

    secret: bytes
    secure: bool = False
    origins: tuple[str, ...] = ()
    proxies: int = 0
    fresh_sessions: bool = False
    metrics_token: str | None = None
    form_targets: tuple[str, ...] = ()
    connect_targets: tuple[str, ...] = ()
    limits: LimitSettings = NO_LIMITS
    crowd: CrowdSettings = NO_CROWD


def for_url(base_url: str, *, secret: bytes, **more: object) -> HttpSettings:
    """Settings for an installation that readers reach at `base_url`."""
    parts = urlsplit(base_url)
    given = {
        "secret": secret,
        "secure": parts.scheme == "https",
        "origins": (f"{parts.scheme}://{parts.netloc}",),
    } | more
    return msgspec.convert(given, HttpSettings)
