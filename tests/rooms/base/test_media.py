"""Pictures from strangers: U-118 and U-119."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from daji.adapters.storage import BadName, LocalFolder
from daji.base.media import api as media
from daji.kit.db import Database, WireInsideTransaction
from daji.kit.ids import new_id
from daji.kit.problems import NotFound

OWNER = "staff:1"


def picture(kind: str = "PNG", size: tuple[int, int] = (2000, 1000), mode: str = "RGB", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **more)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG whose head promises more pixels than anybody should decode."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


async def keep(db: Database, folder: Path, content: bytes, now: datetime, **more: Any) -> media.Media:
    given: dict[str, Any] = {
        "storage": LocalFolder(folder),
        "declared_type": "image/png",
        "owner": OWNER,
        "purpose": "product",
        **more,
    }
    return await media.store(db, content=content, now=now, **given)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_a_picture_is_kept_in_four_sizes(db: Database, tmp_path: Path, now: datetime) -> None:
    kept = await keep(db, tmp_path, picture(), now)
    assert (kept.width, kept.height) == (2000, 1000)
    assert [(one.width, one.pixels) for one in kept.renditions] == [
        (160, (160, 80)),
        (320, (320, 160)),
        (640, (640, 320)),
        (1280, (1280, 640)),
    ]
    storage = LocalFolder(tmp_path)
    for one in kept.renditions:
        assert one.name == media.path_of(kept.id, one.width)
        content = await storage.read(one.name)
        assert content is not None
        assert len(content) == one.bytes
        with Image.open(io.BytesIO(content)) as image:
            assert (image.format, image.size) == ("WEBP", one.pixels)
        assert storage.path(one.name).stat().st_mode & 0o777 == 0o644
    async with db.read() as session:
        assert await media.get_media(session, media_id=kept.id) == kept
        assert await media.find_media(session, media_ids=[kept.id, new_id()]) == {kept.id: kept}
        with pytest.raises(NotFound):
            await media.get_media(session, media_id=new_id())


@pytest.mark.parametrize(
    ("kind", "mode", "declared"),
    [
        ("JPEG", "CMYK", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "I;16", "image/png"),
        ("PNG", "1", "image/png"),
        ("GIF", "P", "image/gif"),
        ("WEBP", "RGBA", "image/webp"),
    ],
)
async def test_every_mode_a_camera_or_program_writes_is_taken(
    db: Database, tmp_path: Path, now: datetime, kind: str, mode: str, declared: str
) -> None:
    out = io.BytesIO()
    Image.new(mode, (5, 7)).save(out, kind)
    kept = await keep(db, tmp_path, out.getvalue(), now, declared_type=declared)
    # Small pictures are not blown up, and every asked width has its file.
    assert [one.pixels for one in kept.renditions] == [(5, 7)] * len(media.WIDTHS)


async def test_where_and_when_a_picture_was_taken_is_forgotten(
    db: Database, tmp_path: Path, now: datetime
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "SECRET-PLACE"
    lying = picture("JPEG", (400, 200), exif=exif)
    assert b"SECRET-PLACE" in lying
    kept = await keep(db, tmp_path, lying + b"<script>alert(1)</script>", now, declared_type="image/jpeg")
    assert (kept.width, kept.height) == (200, 400)
    for path in files(tmp_path):
        content = path.read_bytes()
        assert b"SECRET" not in content
        assert b"script" not in content
        with Image.open(io.BytesIO(content)) as image:
            assert not image.getexif()
            assert image.height > image.width


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PHP = b"<?php system($_GET['c']); ?>"


@pytest.mark.parametrize(
    ("content", "declared", "refusal"),
    [
        (SVG, "image/svg+xml", media.UnsupportedType),
        (SVG, "image/png", media.Unreadable),
        (b"<html><script>alert(1)</script>", "text/html", media.UnsupportedType),
        (b"<html><script>alert(1)</script>", "image/jpeg", media.Unreadable),
        (PHP, "image/png", media.Unreadable),
        (b"GIF89a" + PHP, "image/gif", media.Unreadable),
        (b"", "image/png", media.Unreadable),
        (b"\x89PNG\r\n\x1a\n", "image/png", media.Unreadable),
        (picture()[:200], "image/png", media.Unreadable),
        (picture("JPEG"), "image/png", media.TypeMismatch),
        (picture("PNG"), "image/jpeg", media.TypeMismatch),
        (picture("BMP"), "image/png", media.Unreadable),
        (picture("TIFF"), "image/jpeg", media.Unreadable),
        (bomb(60_000, 60_000), "image/png", media.TooLarge),
        (bomb(2**31 - 1, 1), "image/png", media.TooLarge),
        (bomb(9_000, 9_000), "image/png", media.TooLarge),
        (b"x" * (media.MAX_BYTES + 1), "image/png", media.TooLarge),
    ],
)
async def test_u118_what_is_no_picture_is_refused_and_leaves_nothing(
    db: Database, tmp_path: Path, now: datetime, content: bytes, declared: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await keep(db, tmp_path, content, now, declared_type=declared)
    assert files(tmp_path) == []


@pytest.mark.parametrize("owner", ["", "guest:1", "anonymous", "staff\x00:"])
async def test_u119_an_upload_needs_somebody_who_answers_for_it(
    db: Database, tmp_path: Path, now: datetime, owner: str
) -> None:
    with pytest.raises(media.NoOwner):
        await keep(db, tmp_path, picture(), now, owner=owner)


async def test_u119_a_day_has_a_quota_that_rivals_cannot_overrun(
    db: Database, tmp_path: Path, now: datetime
) -> None:
    small = picture(size=(4, 4))
    quota = media.Quota(files=3)

    async def upload(at: datetime) -> bool:
        try:
            await keep(db, tmp_path, small, at, quota=quota)
        except media.QuotaExceeded:
            return False
        return True

    assert sum(await asyncio.gather(*(upload(now) for _ in range(8)))) == 3
    assert len(files(tmp_path)) == 3 * len(media.WIDTHS)
    assert await upload(now + timedelta(days=1, seconds=1))
    with pytest.raises(media.QuotaExceeded):
        await keep(db, tmp_path, small, now, owner="staff:2", quota=media.Quota(bytes=len(small) - 1))
    assert await keep(db, tmp_path, small, now, owner="staff:2", quota=quota)


async def test_no_file_is_written_inside_a_transaction(db: Database, tmp_path: Path, now: datetime) -> None:
    async with db.transaction():
        with pytest.raises(WireInsideTransaction):
            await keep(db, tmp_path, picture(), now)


async def test_a_storage_that_fails_midway_leaves_no_row(db: Database, tmp_path: Path, now: datetime) -> None:
    class Full(LocalFolder):
        async def put(self, name: str, content: bytes) -> None:
            if name.endswith("-1280.webp"):
                raise media.StorageUnavailable("full")
            await super().put(name, content)

    with pytest.raises(media.StorageUnavailable):
        await keep(db, tmp_path, picture(), now, storage=Full(tmp_path))
    assert files(tmp_path) == []
    async with db.read() as session:
        assert await session.value("SELECT count(*) FROM media.media") == 0


@settings(max_examples=400, deadline=None)
@given(
    name=st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                ["..", ".", "", "a", "/", "\\", "%2e%2e", "c:", "~", "b.webp", ".hidden", "\x00", "é"]
            ),
            max_size=8,
        ).map("/".join),
    )
)
def test_u119_no_name_ever_leads_out_of_the_folder(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.getbasetemp() / "property"
    try:
        path = LocalFolder(root).path(name)
    except BadName:
        return
    assert path.is_relative_to(root.resolve())
    assert path != root.resolve()


async def test_u119_a_link_in_the_folder_does_not_lead_out(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / "ab").symlink_to(outside)
    storage = LocalFolder(root)
    for work in (storage.put("ab/x.webp", b"x"), storage.read("ab/x.webp"), storage.delete("ab/x.webp")):
        with pytest.raises(BadName):
            await work
    assert files(outside) == []


async def test_the_folder_keeps_replaces_and_forgets(tmp_path: Path) -> None:
    storage = LocalFolder(tmp_path)
    assert await storage.read("a/b.webp") is None
    await storage.put("a/b.webp", b"one")
    await storage.put("a/b.webp", b"two")
    assert await storage.read("a/b.webp") == b"two"
    assert [path.name for path in files(tmp_path)] == ["b.webp"]
    await storage.delete("a/b.webp")
    await storage.delete("a/b.webp")
    assert await storage.read("a/b.webp") is None
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(media.StorageUnavailable):
        await storage.put("file/x.webp", b"x")


@settings(max_examples=60, deadline=None)
@given(
    cut=st.integers(0, 3000),
    noise=st.binary(max_size=60),
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]),
)
def test_broken_bytes_meet_a_refusal_and_no_crash(cut: int, noise: bytes, kind: str) -> None:
    from daji.base.media import rules  # noqa: PLC0415 - the rule under the door, where no database is needed

    whole = picture(kind, (40, 30))
    content = whole[: cut % len(whole)] + noise + whole[cut % len(whole) + len(noise) :]
    try:
        made = rules.make(content, declared_type=f"image/{kind.lower()}")
    except (media.Unreadable, media.TooLarge, media.TypeMismatch):
        return
    assert made.width > 0


def test_only_known_widths_have_a_name() -> None:
    with pytest.raises(ValueError, match="kept in"):
        media.path_of(new_id(), 321)
