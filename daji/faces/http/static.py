"""Files that a browser may keep: sent compressed once made, never asked for again when their name says what is in them.

Files are read when first asked for and kept in memory with their compressed forms; there are few, and they change only
with a release. During development a changed file is noticed by its time.
"""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
from litestar import HttpMethod, Response
from litestar import route as serve
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from daji.faces.http import compress, state
from daji.kit.problems import NotFound

FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "public, no-cache"
MOST_FILES = 1000
BROTLI_QUALITY, GZIP_LEVEL = 9, 9

# Vite writes a digest of the content into the name.
_HASHED = re.compile(r"-[\w-]{8}\.[a-z0-9]+$")
_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".glb": "model/gltf-binary"}
_OPT = {"permission": "public", "auth": False, "html": False}


class _Kept(msgspec.Struct, frozen=True):
    modified: int
    media_type: str
    etag: str
    forms: dict[str, bytes]


class Shelf:
    """The files below some folders, the first folder that has one counts."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folder.resolve() for folder in folders)
        self._kept: dict[Path, _Kept] = {}

    async def find(self, path: str) -> _Kept:
        """Raise NotFound for anything that is no file below the folders."""
        try:
            file = self._locate(path)
            modified = file.stat().st_mtime_ns
            kept = self._kept.get(file)
            if kept is None or kept.modified != modified:
                kept = await asyncio.to_thread(_read, file, modified)
                if len(self._kept) >= MOST_FILES:
                    self._kept.clear()
                self._kept[file] = kept
        except OSError:
            # A name too long for any file, or one that went away a moment ago.
            raise NotFound(kind="file") from None
        return kept

    def _locate(self, path: str) -> Path:
        wanted = path.lstrip("/")
        # A name that begins with a point is nobody's business, and a backslash a way out on some systems.
        if (
            not wanted.isprintable()
            or "\\" in wanted
            or any(part.startswith(".") for part in wanted.split("/"))
        ):
            raise NotFound(kind="file")
        for folder in self._folders:
            file = (folder / wanted).resolve()
            if file.is_relative_to(folder) and file.is_file():
                return file
        raise NotFound(kind="file")


def route(path: str, folders: Sequence[Path], *, name: str) -> HTTPRouteHandler:
    """Serve the files of `folders` below `path`."""
    shelf = Shelf(folders)

    @serve(
        f"{path}/{{file_path:path}}",
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        opt=_OPT,
        include_in_schema=False,
        name=name,
    )
    async def static_file(request: state.AnyRequest, file_path: FromPath[str]) -> Response[bytes | None]:
        kept = await shelf.find(file_path)
        encoding = compress.choose(request.headers.get("accept-encoding", ""))
        form = encoding if encoding in kept.forms else ""
        # A digest for each form: a cache must not take one for the other (RFC 9110, 8.8.3.3).
        etag = f'"{kept.etag}{"-" + form if form else ""}"'
        keep = FOR_EVER if _HASHED.search(file_path) or "v" in request.query_params else ASK_FIRST
        headers = {"Cache-Control": keep, "ETag": etag}
        if len(kept.forms) > 1:
            headers["Vary"] = "Accept-Encoding"
        if _matches(request.headers.get("if-none-match", ""), etag):
            return Response(None, status_code=304, headers=headers)
        if form:
            headers["Content-Encoding"] = form
        return Response(kept.forms[form or ""], headers=headers, media_type=kept.media_type)

    return static_file


def _matches(header: str, etag: str) -> bool:
    """Weak comparison (RFC 9110, 13.1.2)."""
    return header.strip() == "*" or etag in (part.strip().removeprefix("W/") for part in header.split(","))


def _read(file: Path, modified: int) -> _Kept:
    plain = file.read_bytes()
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    forms = {"": plain}
    if compress.is_worth(kind.encode()) and len(plain) >= compress.LEAST:
        for encoding in ("br", "gzip"):
            packed = compress.pack(plain, encoding, quality=BROTLI_QUALITY, level=GZIP_LEVEL)
            if len(packed) < len(plain):
                forms[encoding] = packed
    return _Kept(modified, kind, sha256(plain).hexdigest()[:20], forms)
