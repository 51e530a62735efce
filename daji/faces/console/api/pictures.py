"""Pictures and 3D models for products."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from daji.base.media import api as media
from daji.faces.console.api.docs import answers
from daji.faces.console.asking import Acting, Asked, HouseGiven, Now, P, can
from daji.faces.console.audited import Deed, note
from daji.faces.console.wire import answer
from daji.kit import ids
from daji.kit.problems import FieldProblem, Invalid

TAG = ["Catalogue"]
_FIELD = "file"
# The boundaries and headers of a multipart body come on top of the picture.
_MAX_BODY = max(media.MAX_BYTES, media.MAX_MODEL_BYTES) + 16 * 1024
# Binary glTF 2.0, 4.4.2: how such a file begins.
_MODEL = b"glTF"


@post(
    "/media",
    opt=can(P.CATALOG_WRITE, accepts=("multipart/form-data",)),
    status_code=201,
    request_max_body_size=_MAX_BODY,
    summary="Upload a picture or a 3D model (form field `file`)",
    operation_id="console_upload_media",
    responses=answers(
        media.Media,
        "A picture, kept in three widths as WebP, or a model as it is.",
        413,
        415,
        422,
        429,
        status=201,
    ),
    tags=TAG,
)
async def upload(request: Asked, actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Take a picture or a binary glTF in: its type is what its bytes say, its name is ours, what it tells of its maker is cut off."""
    given = (await request.form()).get(_FIELD)
    if not isinstance(given, UploadFile):
        raise Invalid(fields=(FieldProblem(pointer=f"/{_FIELD}", code="required"),))
    content = await given.read()
    if content.startswith(_MODEL):
        kept = await media.keep_model(
            house.db, storage=house.storage, content=content, owner=actor.by, purpose="catalog", now=now
        )
    else:
        kept = await media.store(
            house.db,
            storage=house.storage,
            content=content,
            declared_type=given.content_type,
            owner=actor.by,
            purpose="catalog",
            now=now,
        )
    shown = ids.show("med", kept.id)
    await note(house, actor, Deed(action="media.upload", kind="media", subject=shown), now=now)
    return answer(kept, status=201)


@get(
    "/media/{picture:str}",
    opt=can(P.CATALOG_READ),
    summary="One picture",
    operation_id="console_get_media",
    responses=answers(media.Media, "Its sizes and where they are kept.", 404),
    tags=TAG,
)
async def get_media(picture: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Tell what is known of a picture."""
    async with house.db.read() as session:
        return answer(await media.get_media(session, media_id=ids.read("med", picture)))


ROUTES = [upload, get_media]
