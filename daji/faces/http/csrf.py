"""Against forged requests: an unsafe request must be sent by a page of ours, of this very session.

OWASP, Cross-Site Request Forgery Prevention: a token bound to the session by HMAC, with Fetch Metadata and the
Origin header as a second wall. Requests with a bearer header are exempt: no foreign page can make a browser send it.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from litestar.enums import RequestEncodingType

from daji.faces.http import state
from daji.faces.http.errors import CsrfFailed

HEADER = "x-csrf-token"
FIELD = "_csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = frozenset({RequestEncodingType.URL_ENCODED.value, RequestEncodingType.MULTI_PART.value})


async def check(request: state.AnyRequest) -> None:
    """Let an unsafe request pass. Raises CsrfFailed."""
    known = state.of(request)
    if request.method in SAFE or known.bearer:
        return
    proven = _from_own_page(request, known)
    who = known.principal
    if who.csrf is None or (who.kind == "guest" and proven):
        return
    presented = request.headers.get(HEADER) or await form_field(request, FIELD) or ""
    if not hmac.compare_digest(presented.encode(), who.csrf.encode()):
        raise CsrfFailed


def check_socket(socket: state.AnyConnection) -> None:
    """Let a socket open: it cannot carry a token, so that the page it comes from must be named. Raises CsrfFailed."""
    known = state.of(socket)
    if not known.bearer and not _from_own_page(socket, known):
        raise CsrfFailed


async def form_field(request: state.AnyRequest, name: str) -> str | None:
    """A text field of a form body; None when the body is no form."""
    if request.content_type[0] not in FORMS:
        return None
    value = (await request.form()).get(name)
    return value if isinstance(value, str) else None


def _from_own_page(request: state.AnyConnection, known: state.RequestState) -> bool:
    """Whether the browser vouches for the sender; False when it says nothing. Raises CsrfFailed when it objects."""
    origin = request.headers.get("origin")
    own = origin is not None and _is_own(origin, request.headers.get("host", ""), known)
    site = request.headers.get("sec-fetch-site")
    if (origin is not None and not own) or (site not in {None, "same-origin", "none"} and not own):
        raise CsrfFailed
    return own or site == "same-origin"


def _is_own(origin: str, host: str, known: state.RequestState) -> bool:
    # The scheme is left out of the comparison with Host: behind a proxy that ends TLS we do not see it.
    return origin in known.settings.origins or (bool(host) and urlsplit(origin).netloc == host)
