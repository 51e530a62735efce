"""For crawlers and for those who share: robots, sitemaps, and a picture of 1200 by 630 for each shot."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import File
from PIL import Image, ImageFilter

from daji.base.media import api as media
from daji.faces.store import markets
from daji.faces.store.buyer import Asked, HouseGiven
from daji.faces.store.pages.pictures import FOREVER, OPEN
from daji.faces.store.seo import alternates
from daji.kit import ids
from daji.kit.problems import NotFound
from daji.views import store_sitemap

DAY = {"Cache-Control": "public, max-age=3600"}
SHARE = (1200, 630)
FROM_WIDTH = 640
_XML = "application/xml"
_FIXED = ("/", "/categories", "/help", "/privacy", "/terms")
# Of no use to anybody but the one who sees them, or endless.
_CLOSED = ("/checkout", "/pay/", "/paid/", "/orders", "/returns", "/account", "/login", "/register", "/search", "/suggest", "/offers/all")  # fmt: skip


@get("/robots.txt", opt=OPEN, include_in_schema=False, sync_to_thread=False)
def robots(request: Asked, house: HouseGiven) -> Response[str]:
    """What crawlers may read."""
    closed = [f"Disallow: {one.base}{path}" for one in markets.of(request).items for path in _CLOSED]
    lines = [
        "User-agent: *",
        "Disallow: /console",
        "Disallow: /store/v1",
        *closed,
        "Allow: /",
        "",
        f"Sitemap: {_origin(house)}/sitemap.xml",
    ]
    return Response("\n".join(lines) + "\n", media_type="text/plain", headers=DAY)


@get("/sitemap.xml", opt=OPEN, include_in_schema=False)
async def index(house: HouseGiven) -> Response[str]:
    """Name the sitemaps (sitemaps.org, sitemap index)."""
    async with house.db.read() as session:
        files, changed = await store_sitemap.count_files(session)
    stamp = f"<lastmod>{_day(changed)}</lastmod>" if changed else ""
    names = ["pages", *(f"goods-{n}" for n in range(files))]
    body = "".join(
        f"<sitemap><loc>{escape(_origin(house))}/sitemaps/{name}.xml</loc>{stamp}</sitemap>" for name in names
    )
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</sitemapindex>')


@get("/sitemaps/{name:str}", opt=OPEN, include_in_schema=False)
async def sitemap(request: Asked, house: HouseGiven, name: FromPath[str]) -> Response[str]:
    """List addresses, each with the same page in the other markets."""
    kind, _, number = name.removesuffix(".xml").partition("-")
    if not name.endswith(".xml") or (kind, bool(number)) not in {("pages", False), ("goods", True)}:
        raise NotFound
    async with house.db.read() as session:
        if kind == "pages":
            found = await store_sitemap.list_categories(session)
            return _urls(request, house, [(path, None) for path in _FIXED] + _under("/c/", found))
        if not (number.isascii() and number.isdigit() and len(number) < 6):  # noqa: PLR2004 - far more than there are
            raise NotFound
        goods = await store_sitemap.list_products(session, file=int(number))
    if not goods:
        raise NotFound
    return _urls(request, house, _under("/p/", goods))


@get("/og/{name:str}", opt=OPEN, include_in_schema=False)
async def share(house: HouseGiven, name: FromPath[str]) -> File:
    """Make the picture that shows when a product's address is shared, once."""
    shown, dot, kind = name.rpartition(".")
    if not dot or kind != "jpg":
        raise NotFound(kind="media")
    media_id = ids.read("med", shown)
    source = house.media_folder / media.path_of(media_id, FROM_WIDTH)
    made = house.settings.home / "og" / f"{media_id.hex}.jpg"
    if not made.is_file():
        if not source.is_file():
            raise NotFound(kind="media")
        await asyncio.to_thread(_make, source, made)
    return File(
        made, media_type="image/jpeg", content_disposition_type="inline", headers={"Cache-Control": FOREVER}
    )


def _make(source: Path, made: Path) -> None:
    """The shot whole in the middle, on a blurred and stretched copy of itself."""
    with Image.open(source) as opened:
        shot = opened.convert("RGB")
    width, height = SHARE
    ground = shot.resize((width, width)).crop((0, (width - height) // 2, width, (width + height) // 2))
    ground = ground.filter(ImageFilter.GaussianBlur(60))
    side = shot.resize((height, height), Image.Resampling.LANCZOS)
    # The edges of the shot fade into the ground, so that it does not look pasted.
    mask = Image.new("L", (height, height), 0)
    mask.paste(255, (48, 0, height - 48, height))
    ground.paste(side, ((width - height) // 2, 0), mask.filter(ImageFilter.GaussianBlur(24)))
    made.parent.mkdir(parents=True, exist_ok=True)
    part = made.with_suffix(f".{os.getpid()}.part")
    ground.save(part, "JPEG", quality=86, optimize=True, progressive=True)
    part.replace(made)


def _origin(house: HouseGiven) -> str:
    return house.settings.base_url.rstrip("/")


def _under(prefix: str, found: Sequence[store_sitemap.Address]) -> list[tuple[str, datetime | None]]:
    return [(prefix + one.slug, one.changed_at) for one in found]


def _urls(request: Asked, house: HouseGiven, paths: Iterable[tuple[str, datetime | None]]) -> Response[str]:
    origin, known = escape(_origin(house)), markets.of(request)
    out = []
    for path, changed in paths:
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href="{address}"/>'
            for code, address in alternates(known, origin, path)
        )
        stamp = f"<lastmod>{_day(changed)}</lastmod>" if changed else ""
        out += [f"<url><loc>{origin}{one.base}{path}</loc>{stamp}{others}</url>" for one in known.indexed]
    return _xml(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:xhtml="http://www.w3.org/1999/xhtml">{"".join(out)}</urlset>'
    )


def _xml(body: str) -> Response[str]:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n', media_type=_XML, headers=DAY)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


ROUTES = [robots, index, sitemap, share]
