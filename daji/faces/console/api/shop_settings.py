"""Settings of the shop: what may be changed while it runs."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get, put
from litestar.params import FromPath, JSONBody

from daji.base.settings import api as settings
from daji.faces.console.api.docs import answers
from daji.faces.console.asking import Acting, HouseGiven, Now, P, can
from daji.faces.console.audited import Deed, write
from daji.faces.console.wire import answer
from daji.kit.problems import NotFound

TAG = ["Settings"]


class SettingIn(msgspec.Struct, frozen=True, kw_only=True):
    """The new value; `version` is the one that was seen, 0 for a setting that was never changed."""

    value: int | str | dict[str, str]
    version: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


@get(
    "/settings",
    opt=can(P.SETTINGS_MANAGE),
    summary="List settings",
    operation_id="console_list_settings",
    responses=answers(tuple[settings.SettingNow, ...], "With bounds, defaults and versions."),
    tags=TAG,
)
async def list_settings(house: HouseGiven) -> Response[bytes]:
    """Show every setting as it stands."""
    async with house.db.read() as session:
        return answer(await settings.list_settings(session, declared=house.declared_settings))


@put(
    "/settings/{key:str}",
    opt=can(P.SETTINGS_MANAGE),
    summary="Change a setting",
    operation_id="console_change_setting",
    responses=answers(settings.SettingNow, "In force here now, elsewhere within seconds.", 404, 409, 422),
    tags=TAG,
)
async def change_setting(
    key: FromPath[str], data: JSONBody[SettingIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Change one setting, if nobody else has since `version`."""
    setting = next((found for found in house.declared_settings if found.key == key), None)
    if setting is None:
        raise NotFound
    done = await write(
        house,
        actor,
        Deed(action="settings.change", kind="setting", subject=key),
        lambda tx: settings.change(
            tx, setting=setting, value=data.value, version=data.version, by=actor.staff_id, now=now
        ),
        before=lambda tx: settings.get_setting(tx, setting=setting),
        now=now,
    )
    await house.refresh()
    return answer(done)


ROUTES = [list_settings, change_setting]
