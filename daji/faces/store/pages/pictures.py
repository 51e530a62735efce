"""Pictures: the stored ones, and a drawn stand-in where there is none."""

from __future__ import annotations

import hashlib

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import File

from daji.base.media import api as media
from daji.faces.evidence import evidence_file, near
from daji.faces.store.buyer import Asking, HouseGiven, known_owner
from daji.kit import ids
from daji.kit.problems import NotFound
from daji.views import store_orders

EVIDENCE = {"permission": "guest"}
OPEN = {"permission": "public", "auth": False, "html": False}
FOREVER = "public, max-age=31536000, immutable"
MAX_KEY = 160
AT_ONCE = 64 * 1024
MODEL = "model.glb"

# Shapes that stand for any goods: a picture of the wrong thing would be worse than none.
_HUES = (12, 28, 45, 95, 150, 178, 205, 228, 262, 330)
_GLYPHS = (
    "M22 40 50 26l28 14v30L50 84 22 70zM22 40l28 14 28-14M50 54v30",
    "M28 40h44l5 42H23zM38 40v-6a12 12 0 0 1 24 0v6",
    "M24 46h52v34H24zM20 34h60v12H20zM50 34v46M50 34c-6-14-24-12-18-2 3 4 12 2 18 2 6 0 15 2 18-2 6-10-12-12-18 2z",
    "M26 28h24l28 28-24 24-28-28zM36 38a3 3 0 1 0 .1 0",
    "M20 46h60l-7 34H27zM32 46l12-20M68 46 56 26M40 56v14M50 56v14M60 56v14",
)


@get("/media/{media_id:str}/{name:str}", opt=OPEN, include_in_schema=False)
async def picture(house: HouseGiven, media_id: FromPath[str], name: FromPath[str]) -> File | Response[bytes]:
    """Serve a rendition or a 3D model; its content never changes under its address."""
    known = ids.read("med", media_id)
    if name == MODEL:
        names, media_type = [media.model_path_of(known)], media.MODEL_TYPE
    else:
        names, media_type = [media.path_of(known, width) for width in near(name)], "image/webp"
    path = next((one for one in (house.media_folder / stored for stored in names) if one.is_file()), None)
    if path is None:
        raise NotFound(kind="media")
    headers = {"Cache-Control": FOREVER, "X-Content-Type-Options": "nosniff"}
    if path.stat().st_size <= AT_ONCE:
        # A page asks for thirty of these: a few kilobytes are read sooner than they are handed to a thread and back.
        return Response(path.read_bytes(), media_type=media_type, headers=headers)
    return File(path, media_type=media_type, content_disposition_type="inline", headers=headers)


@get("/evidence/{case:str}/{picture:str}/{name:str}", opt=EVIDENCE, include_in_schema=False)
async def evidence(
    house: HouseGiven,
    principal: Asking,
    case: FromPath[str],
    picture: FromPath[str],
    name: FromPath[str],
) -> File:
    """Serve a photo of returned goods to the buyer whose return it is; for everybody else there is none (U-114)."""
    async with house.db.read() as session:
        found = await store_orders.get_case_photo(
            session,
            case_id=ids.read("cas", case),
            media_id=ids.read("med", picture),
            owner=known_owner(principal),
        )
    return evidence_file(house, found.id, name)


@get("/glyph/{name:str}", opt=OPEN, include_in_schema=False)
async def glyph(name: FromPath[str]) -> Response[str]:
    """Draw the stand-in for a product or category: the same key always looks the same."""
    key, dot, kind = name.rpartition(".")
    if not dot or kind != "svg" or not key or len(key) > MAX_KEY:
        raise NotFound(kind="media")
    return Response(
        draw(key), media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=604800"}
    )


def draw(key: str) -> str:
    """Make an SVG of 100 by 100 from nothing but the key's digest: no text of anybody gets into it."""
    digest = hashlib.sha256(key.encode(errors="replace")).digest()
    hue = _HUES[digest[0] % len(_HUES)]
    path = _GLYPHS[digest[1] % len(_GLYPHS)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="640" height="640">'
        f'<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop stop-color="hsl({hue} 42% 90%)"/>'
        f'<stop offset="1" stop-color="hsl({hue} 34% 80%)"/></linearGradient></defs>'
        '<rect width="100" height="100" fill="url(#g)"/>'
        f'<path d="{path}" fill="none" stroke="hsl({hue} 38% 42%)" stroke-width="3" stroke-linejoin="round"'
        ' stroke-linecap="round"/></svg>'
    )


ROUTES = [picture, evidence, glyph]
