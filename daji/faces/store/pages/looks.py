"""How the shop looks to this reader: explained, chosen, kept in a cookie; and the shop as an app of the device."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from litestar import Response, get, post

from daji.faces.assets import asset
from daji.faces.http import state
from daji.faces.store import display, markets
from daji.faces.store.buyer import Asked
from daji.faces.store.markets import HTML_LANG, LANGUAGES
from daji.faces.store.pages.forms import OPEN_FORM, PAGE
from daji.faces.store.pages.pictures import OPEN
from daji.faces.store.pages.scene import Here, Reader, displayed, fill, render
from daji.views.store_shell import Shell

THEMES = ("auto", "system", "light", "dark")
TEXTS = ("normal", "large")
SAVERS = ("auto", "on", "off")
ICONS = ("icon-192.png", "icon-512.png", "maskable-512.png")
_NOTHING = Shell(categories=(), in_cart=0, currency=None)


@get("/display", opt=PAGE, include_in_schema=False)
async def show(scene: Here) -> Response[str]:
    """Explain how pages are shown now and why, and let the reader choose."""
    return await scene.show(
        "display.html",
        now_shown=displayed(scene.request, scene.now),
        rules=display.rules(),
        themes=THEMES,
        texts=TEXTS,
        savers=SAVERS,
        saved=bool(scene.request.query_params.get("saved")),
    )


@post("/display", opt=OPEN_FORM, include_in_schema=False)
async def choose(scene: Here) -> Response[Any]:
    """Keep what the reader chose; a choice left out stays as it was."""
    known = state.of(scene.request)
    before = display.read(scene.request.cookies.get(display.COOKIE))
    wish = display.make({**msgspec.structs.asdict(before), **await scene.form()})
    known.new_cookies[display.COOKIE] = display.write(wish, secure=known.settings.secure)
    return scene.go("/display?saved=1")


@get("/offline", opt={**PAGE, "auth": False}, include_in_schema=False, sync_to_thread=False)
def offline(scene: Here) -> Response[str]:
    """What a device shows while it has no connection; nobody's own, so that it may be kept."""
    answer = render("offline.html", request=scene.request, market=scene.market, shell=_NOTHING, now=scene.now)
    answer.headers["Cache-Control"] = "public, max-age=600"
    return answer


@get("/manifest.webmanifest", opt=OPEN, include_in_schema=False, sync_to_thread=False)
def manifest(scene: Here) -> Response[bytes]:
    """The shop as an app (W3C, Web Application Manifest)."""
    t, base = scene.reader.t, scene.base
    shortcuts = [("tab_cart", "/cart"), ("tab_categories", "/categories"), ("tab_me", "/account")]
    body = {
        "id": base + "/",
        "name": t("front.app_name"),
        "short_name": t("shop"),
        "description": t("tagline"),
        "lang": HTML_LANG[scene.lang],
        "start_url": base + "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f8f5ef",
        "theme_color": "#f8f5ef",
        "icons": [
            {
                "src": f"/static/store/{name}",
                "sizes": "192x192" if "192" in name else "512x512",
                "type": "image/png",
                "purpose": "maskable" if name.startswith("maskable") else "any",
            }
            for name in ICONS
        ],
        "shortcuts": [{"name": t(f"front.{name}"), "url": base + path} for name, path in shortcuts],
    }
    return Response(
        msgspec.json.encode(body),
        media_type="application/manifest+json",
        headers={"Cache-Control": "public, max-age=3600"},
    )


@get("/sw.js", opt=OPEN, include_in_schema=False, sync_to_thread=False)
def worker(request: Asked) -> Response[str]:
    """The service worker, at the root because that is how far its scope reaches; its version is that of its files."""
    built, open_here = asset("store", "main.ts"), markets.of(request).items
    keep = [*built.css, built.js, *built.imports, *(f"{one.base}/offline" for one in open_here)]
    said = "".join(Reader(lang).t("front.offline_title") for lang in LANGUAGES)
    version = hashlib.sha256("".join([*keep, said]).encode()).hexdigest()[:12]
    text = fill("sw.js", version=version, keep=keep, prefixes=[one.code for one in open_here])
    return Response(text, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


PAGES = [show, choose, offline, manifest]
ROUTES = [worker]
