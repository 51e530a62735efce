"""Pictures that come with a form."""

from __future__ import annotations

from litestar.datastructures import UploadFile

from daji.faces.store.pages.scene import Scene
from daji.flows.post_review import Picture

MAX_PHOTO = 16 * 1024 * 1024
_BOTH = ["application/x-www-form-urlencoded", "multipart/form-data"]
PICTURES_FORM = {"permission": "guest", "html": True, "accepts": _BOTH}
PICTURES_FORM_ONCE = {**PICTURES_FORM, "idempotent": True}


async def pictures(scene: Scene, name: str) -> tuple[Picture, ...]:
    """What was chosen for a field; a field left empty sends a file without a name, which is none."""
    sent = (await scene.request.form()).getall(name, [])
    return tuple(
        [
            Picture(content=await one.read(), declared_type=one.content_type)
            for one in sent
            if isinstance(one, UploadFile) and one.filename
        ]
    )
