"""Headers that tell the browser what our pages never do."""

from __future__ import annotations

import re

from daji.faces.http.settings import HttpSettings

_YEAR = 365 * 24 * 3600

# The camera reads barcodes at the station, the microphone takes a spoken search, the last shows a product in the room.
_POWERS = ", ".join(
    [f"{power}=(self)" for power in ("camera", "geolocation", "microphone", "xr-spatial-tracking")]
    + [
        f"{power}=()"
        for power in ("browsing-topics", "display-capture", "hid", "midi", "payment", "serial", "usb")
    ]
)

_OF_FILES = frozenset({b"x-content-type-options", b"strict-transport-security"})
_DATA = re.compile(rb"application/([a-z]+\+)?json", re.IGNORECASE)
_INERT = re.compile(rb"(image/(?!svg)|font/|audio/|video/|model/|text/css)", re.IGNORECASE)

Headers = tuple[tuple[bytes, bytes], ...]


def build(settings: HttpSettings) -> Headers:
    """Headers for every answer that does not bring its own: no framing, no guessing of types, few of its powers."""
    found = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "strict-origin-when-cross-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": _POWERS,
        # For browsers that know no frame-ancestors.
        "x-frame-options": "DENY",
        # How fast the network is, so that a page can save data. Not critical: a browser would throw the first answer
        # away and ask again, which costs more than it saves.
        "accept-ch": "ECT",
    }
    if settings.secure:
        found["strict-transport-security"] = f"max-age={_YEAR}; includeSubDomains"
    return tuple((name.encode(), value.encode()) for name, value in found.items())


def for_files(headers: Headers) -> Headers:
    """What also matters for a file that can do nothing: its type is what it says, its host is spoken to by https."""
    return tuple((name, value) for name, value in headers if name in _OF_FILES)


def is_inert(kind: bytes) -> bool:
    """Tell whether an answer runs nothing and shows nothing by itself: a picture, a font, a style sheet, a model.

    A page of thirty pictures would carry the policies thirty times. An SVG is a document, which can run scripts.
    """
    return _INERT.match(kind) is not None


def is_data(kind: bytes) -> bool:
    """Tell whether an answer is for programs: a browser that is shown it runs nothing, whatever is in it."""
    return _DATA.match(kind) is not None


DATA_POLICY = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class ContentPolicy:
    """The Content-Security-Policy of one installation, each time with the nonce of the answer (CSP Level 3).

    A script runs when its element carries the nonce or when such a script loaded it; `'self'` beside it is for
    browsers that do not know `'strict-dynamic'`. Styles set through the DOM are no inline styles.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self._before = "default-src 'self'; script-src 'self' 'strict-dynamic' 'nonce-"
        self._between = "'; style-src 'self' 'nonce-"
        rest = [
            "'",
            "img-src 'self' data: blob:",
            # A 3D model's pictures are taken out of its own file, as blobs.
            " ".join(["connect-src 'self' blob:", *settings.connect_targets]),
            "worker-src 'self'",
            "manifest-src 'self'",
            # Browsers apply this to the redirect after a form, too: a payment page must be named.
            " ".join(["form-action 'self'", *settings.form_targets]),
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
        self._after = "; ".join(rest)

    def for_nonce(self, nonce: str) -> bytes:
        return f"{self._before}{nonce}{self._between}{nonce}{self._after}".encode()
