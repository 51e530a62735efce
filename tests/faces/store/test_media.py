"""How pictures and 3D models are handed out."""

from __future__ import annotations

import io

from PIL import Image

from daji.base.media import api as media
from daji.kit import ids
from tests.faces.real_app import RealShop
from tests.rooms.base.test_media_prepared import BLUR, MODEL, READY


async def test_a_picture_is_sent_in_the_width_asked_or_the_nearest_there_is(shop: RealShop) -> None:
    kept = await media.keep_prepared(
        shop.house.db,
        storage=shop.house.storage,
        prepared=media.Prepared(renditions=READY, blur=BLUR),
        owner="system:demo",
        purpose="demo",
        now=shop.house.clock.now(),
    )
    shown = ids.show("med", kept.id)
    guest = shop.client()
    for asked, sent in ((160, 160), (320, 320), (640, 640), (1280, 640)):
        answer = await guest.get(f"/media/{shown}/{asked}.webp")
        assert (answer.status_code, answer.content) == (200, READY[sent])
        assert answer.headers["Content-Type"] == "image/webp"
        assert "immutable" in answer.headers["Cache-Control"]
        with Image.open(io.BytesIO(answer.content)) as image:
            assert image.width == sent
    for wrong in ("161.webp", "160.png", "model.glb", "..%2f160.webp"):
        assert (await guest.get(f"/media/{shown}/{wrong}")).status_code == 404


async def test_a_model_is_sent_as_what_it_is_and_is_no_picture(shop: RealShop) -> None:
    kept = await media.keep_model(
        shop.house.db,
        storage=shop.house.storage,
        content=MODEL,
        owner="system:demo",
        purpose="demo",
        now=shop.house.clock.now(),
    )
    shown = ids.show("med", kept.id)
    guest = shop.client()
    answer = await guest.get(f"/media/{shown}/model.glb")
    assert (answer.status_code, answer.content) == (200, MODEL)
    assert answer.headers["Content-Type"] == "model/gltf-binary"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await guest.get(f"/media/{shown}/640.webp")).status_code == 404
