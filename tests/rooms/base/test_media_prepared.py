"""Pictures made before and 3D models: kept byte by byte, after a look at what they are."""

from __future__ import annotations

import base64
import io
import json
import struct
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from daji.adapters.storage import LocalFolder
from daji.base.media import api as media
from daji.kit.db import Database
from daji.views.shots import Shot, shots_of


def webp(width: int, height: int, *, kind: str = "WEBP") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, kind)
    return out.getvalue()


BLUR = "data:image/webp;base64," + base64.b64encode(webp(8, 8)).decode()
READY = {160: webp(160, 120), 320: webp(320, 240), 640: webp(640, 480)}


def glb(tree: Mapping[str, Any], *, tail: bytes = b"") -> bytes:
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    return (
        struct.pack("<4sII", b"glTF", 2, 20 + len(text) + len(tail))
        + struct.pack("<I4s", len(text), b"JSON")
        + text
        + tail
    )


MODEL = glb({"asset": {"version": "2.0"}, "buffers": [{"byteLength": 4}]}, tail=b"\4\0\0\0BIN\0abcd")


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def ready(
    db: Database, folder: Path, now: datetime, renditions: Mapping[int, bytes] = READY, blur: str = BLUR
) -> media.Media:
    return await media.keep_prepared(
        db,
        storage=LocalFolder(folder),
        prepared=media.Prepared(renditions=renditions, blur=blur),
        owner="system:demo",
        purpose="demo",
        now=now,
    )


async def test_ready_renditions_are_kept_as_they_are(db: Database, tmp_path: Path, now: datetime) -> None:
    kept = await ready(db, tmp_path, now)
    assert (kept.kind, kept.width, kept.height, kept.blur) == ("image", 640, 480, BLUR)
    assert [(one.width, one.pixels) for one in kept.renditions] == [
        (160, (160, 120)),
        (320, (320, 240)),
        (640, (640, 480)),
    ]
    for width, content in READY.items():
        assert await LocalFolder(tmp_path).read(media.path_of(kept.id, width)) == content
    async with db.read() as session:
        assert await media.get_media(session, media_id=kept.id) == kept


@pytest.mark.parametrize(
    ("change", "blur", "why"),
    [
        ({160: None}, BLUR, "widths"),
        ({1280: webp(1280, 960)}, BLUR, "widths"),
        ({320: webp(321, 240)}, BLUR, "size"),
        ({320: webp(320, 320)}, BLUR, "size"),
        ({320: webp(320, 240, kind="PNG")}, BLUR, "format"),
        ({640: READY[640][:200]}, BLUR, "format"),
        ({640: b"<svg/>"}, BLUR, "format"),
        ({640: READY[640] + bytes(400_000)}, BLUR, "bytes"),
        ({}, BLUR + "A" * 300, "blur"),
        ({}, "data:image/svg+xml;base64,PHN2Zy8+", "blur"),
        ({}, "data:image/webp;base64,PHN2Zy8+", "blur"),
        ({}, 'x" onerror="alert(1)', "blur"),
    ],
)
async def test_what_is_not_as_said_is_refused_and_leaves_nothing(
    db: Database, tmp_path: Path, now: datetime, change: dict[int, bytes | None], blur: str, why: str
) -> None:
    given = {width: content for width, content in (READY | change).items() if content is not None}
    with pytest.raises(media.NotPrepared) as refusal:
        await ready(db, tmp_path, now, given, blur)
    assert refusal.value.params == {"why": why}
    assert files(tmp_path) == []


async def test_an_upload_gets_a_blur_of_its_own_unless_it_is_seen_through(
    db: Database, tmp_path: Path, now: datetime
) -> None:
    async def upload(image: Image.Image) -> media.Media:
        out = io.BytesIO()
        image.save(out, "PNG")
        return await media.store(
            db,
            storage=LocalFolder(tmp_path),
            content=out.getvalue(),
            declared_type="image/png",
            owner="staff:1",
            purpose="product",
            now=now,
        )

    noise = Image.effect_noise((400, 200), 120).convert("RGB")
    kept = await upload(noise)
    assert kept.blur.startswith("data:image/webp;base64,")
    assert len(kept.blur) <= 300
    with Image.open(io.BytesIO(base64.b64decode(kept.blur.partition(",")[2]))) as tiny:
        assert (tiny.format, tiny.size) == ("WEBP", (16, 8))
    assert (await upload(Image.new("RGBA", (40, 40), (9, 9, 9, 60)))).blur == ""


async def test_a_model_is_kept_and_is_no_shot(db: Database, tmp_path: Path, now: datetime) -> None:
    model = await media.keep_model(
        db, storage=LocalFolder(tmp_path), content=MODEL, owner="staff:1", purpose="product", now=now
    )
    assert (model.kind, model.width, model.height, model.blur) == ("model3d", 0, 0, "")
    assert await LocalFolder(tmp_path).read(media.model_path_of(model.id)) == MODEL
    picture = await ready(db, tmp_path, now)
    async with db.read() as session:
        assert await media.get_media(session, media_id=model.id) == model
        assert await shots_of(session, [model.id, None, picture.id]) == {
            picture.id: Shot(id=picture.id, width=640, height=480, blur=BLUR, widths=(160, 320, 640))
        }


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", media.Unreadable),
        (b"glTF", media.Unreadable),
        (b"<script>alert(1)</script>" * 4, media.Unreadable),
        (MODEL[:-1], media.Unreadable),
        (glb({}), media.Unreadable),
        (glb({"asset": {"version": "1.0"}}), media.Unreadable),
        (
            glb({"asset": {"version": "2.0"}, "images": [{"uri": "https://elsewhere.test/x"}]}),
            media.Unreadable,
        ),
        (glb({"asset": {"version": "2.0"}, "buffers": 7}), media.Unreadable),
        (glb({"asset": 2}), media.Unreadable),
        (MODEL + bytes(media.MAX_MODEL_BYTES), media.TooLarge),
    ],
)
async def test_what_is_no_model_is_refused(
    db: Database, tmp_path: Path, now: datetime, content: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await media.keep_model(
            db, storage=LocalFolder(tmp_path), content=content, owner="staff:1", purpose="product", now=now
        )
    assert files(tmp_path) == []
