"""Settings: declared, bounded, versioned, and never a reason for the shop to stop."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from daji.base.settings import api, store
from daji.kit import ids
from daji.kit.db import Database, counting
from daji.kit.problems import Invalid, Stale

DAYS = api.Setting(
    key="returns.window_days", kind="number", default=7, group="returns", unit="days", minimum=7, maximum=365
)
CARRIER = api.Setting(
    key="delivery.carrier", kind="choice", default="sf", group="delivery", choices=("sf", "yto")
)

NAME = api.Setting(key="shop.name", kind="texts", default={}, group="shop", maximum=6, choices=("zh", "en"))


async def put(
    db: Database, now: datetime, setting: api.Setting, value: object, version: int
) -> api.SettingNow:
    async with db.transaction() as tx:
        return await api.change(tx, setting=setting, value=value, version=version, by=ids.new_id(), now=now)


async def test_what_nobody_changed_is_the_default(db: Database) -> None:
    async with db.read() as session:
        with counting() as tally:
            found = await api.list_settings(session, declared=(DAYS, CARRIER))
        assert tally.count == 1
        assert found == (
            api.SettingNow(setting=DAYS, value=7, version=0),
            api.SettingNow(setting=CARRIER, value="sf", version=0),
        )
        assert await api.values(session, declared=(CARRIER, DAYS)) == {DAYS.key: 7, CARRIER.key: "sf"}


async def test_a_change_is_kept_with_who_and_when(db: Database, now: datetime) -> None:
    first = await put(db, now, DAYS, 14, 0)
    second = await put(db, now + timedelta(hours=1), DAYS, 30, first.version)
    assert (first.version, second.version, second.value) == (1, 2, 30)
    async with db.read() as session:
        assert await api.get_setting(session, setting=DAYS) == second
    assert second.changed_at == now + timedelta(hours=1)
    assert second.changed_by not in {None, first.changed_by}


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        (DAYS, 6, "too_small"),
        (DAYS, 366, "too_large"),
        (DAYS, 10**30, "too_large"),
        (DAYS, True, "wrong_type"),
        (DAYS, "14", "wrong_type"),
        (DAYS, 14.0, "wrong_type"),
        (DAYS, None, "wrong_type"),
        (CARRIER, "dhl", "unknown_value"),
        (CARRIER, 1, "unknown_value"),
        (CARRIER, "", "unknown_value"),
        (NAME, "Daji", "wrong_type"),
        (NAME, {"zh": 1}, "wrong_type"),
        (NAME, {"fr": "Foire"}, "unknown_value"),
        (NAME, {"zh": "春和景明百货商店"}, "too_long"),
        (NAME, {"en": "a\nb"}, "one_line"),
        (NAME, {"en": "a\x00"}, "one_line"),
    ],
)
async def test_what_the_declaration_does_not_take_is_refused(
    db: Database, now: datetime, setting: api.Setting, value: object, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await put(db, now, setting, value, 0)
    assert [(one.pointer, one.code) for one in refused.value.fields] == [("/value", code)]
    async with db.read() as session:
        assert (await api.get_setting(session, setting=setting)).version == 0


@pytest.mark.parametrize("version", [0, 2, 99, -1])
async def test_whoever_saw_another_version_is_stale(db: Database, now: datetime, version: int) -> None:
    await put(db, now, DAYS, 14, 0)
    with pytest.raises(Stale):
        await put(db, now, DAYS, 15, version)


async def test_a_version_of_what_was_never_changed_is_stale(db: Database, now: datetime) -> None:
    with pytest.raises(Stale):
        await put(db, now, DAYS, 14, 1)


async def test_words_of_the_shop_s_own_are_trimmed_and_may_be_given_back(db: Database, now: datetime) -> None:
    own = await put(db, now, NAME, {"zh": " 春和 ", "en": "  "}, 0)
    assert own.value == {"zh": "春和"}
    assert (await put(db, now, NAME, {}, own.version)).value == {}


async def test_of_rivals_one_wins(db: Database, now: datetime) -> None:
    done = await asyncio.gather(*(put(db, now, DAYS, 10 + n, 0) for n in range(6)), return_exceptions=True)
    won = [one for one in done if isinstance(one, api.SettingNow)]
    assert len(won) == 1
    assert sum(isinstance(one, Stale) for one in done) == 5
    async with db.read() as session:
        assert (await api.get_setting(session, setting=DAYS)).value == won[0].value


async def test_what_no_longer_fits_counts_as_not_set_and_can_be_changed(db: Database, now: datetime) -> None:
    """The declaration moved, or somebody wrote the row by hand: the shop goes on with its default."""
    async with db.transaction() as tx:
        await store.put(tx, DAYS.key, {"days": [14]}, version=0, by=None, now=now)
        await store.put(tx, CARRIER.key, "gone", version=0, by=None, now=now)
    async with db.read() as session:
        assert await api.values(session, declared=(DAYS, CARRIER)) == {DAYS.key: 7, CARRIER.key: "sf"}
        assert (await api.get_setting(session, setting=DAYS)).version == 1
    assert (await put(db, now, DAYS, 21, 1)).value == 21
