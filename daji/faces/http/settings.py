"""What the machinery needs to know of the installation."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` signs cookies and tokens. `secure` says that readers come by https.

    `origins` are further origins whose pages may post to us. `proxies` is the number of trusted proxies in front,
    each of which appends to X-Forwarded-For. `fresh_sessions` looks sessions up on the writing server, for
    installations whose replicas lag. `form_targets` and `connect_targets` widen the content policy, for example by
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


def for_url(base_url: str, *, secret: bytes, **more: object) -> HttpSettings:
    """Settings for an installation that readers reach at `base_url`."""
    parts = urlsplit(base_url)
    given = {
        "secret": secret,
        "secure": parts.scheme == "https",
        "origins": (f"{parts.scheme}://{parts.netloc}",),
    } | more
    return msgspec.convert(given, HttpSettings)
