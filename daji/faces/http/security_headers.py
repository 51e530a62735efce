"""Headers that tell the browser what our pages never do."""

from __future__ import annotations

from daji.faces.http.settings import HttpSettings

_YEAR = 365 * 24 * 3600

Headers = tuple[tuple[bytes, bytes], ...]


def build(settings: HttpSettings) -> Headers:
    """Headers for every answer that does not bring its own: no inline script, no framing, no guessing of types."""
    found = {
        "content-security-policy": _policy(settings),
        "x-content-type-options": "nosniff",
        "referrer-policy": "strict-origin-when-cross-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
        # For browsers that know no frame-ancestors.
        "x-frame-options": "DENY",
    }
    if settings.secure:
        found["strict-transport-security"] = f"max-age={_YEAR}; includeSubDomains"
    return tuple((name.encode(), value.encode()) for name, value in found.items())


def _policy(settings: HttpSettings) -> str:
    style = " 'unsafe-inline'" if settings.inline_styles else ""
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self'",
            f"style-src 'self'{style}",
            "img-src 'self' data: blob:",
            " ".join(["connect-src 'self'", *settings.connect_targets]),
            # Browsers apply this to the redirect after a form, too: a payment page must be named.
            " ".join(["form-action 'self'", *settings.form_targets]),
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )
