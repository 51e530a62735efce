"""Where copies go and how long they stay: `backup.toml`, and what the 3-2-1 rule says about it.

    keep_days = 14
    [[targets]]
    name = "disk"
    folder = "/srv/backup/daji"
    medium = "second disk"
    [[targets]]
    name = "nas"
    folder = "/mnt/nas/daji"
    medium = "nas"
    offsite = true

Three copies of what matters, the running database included, on two media, one of them elsewhere
(US-CERT: Data Backup Options, Ruggiero and Heckathorn, 2012).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

FILE = "backup.toml"
_COPIES = 3
_MEDIA = 2


class BadPlan(Exception):
    """The file cannot be read; the message names what is wrong in it."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One place for copies. `medium` tells which disk or machine it is, `offsite` that a fire here leaves it whole."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,40}$")]
    folder: Path
    medium: str
    offsite: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`key` is the file of the key; keep another copy of it away from the copies that it opens."""

    targets: Annotated[tuple[Target, ...], msgspec.Meta(min_length=1)]
    key: Path = Path("backup.key")
    keep_days: Annotated[int, msgspec.Meta(ge=1)] = 14
    wal_seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 60


def find(home: Path) -> Plan | None:
    """The plan of the installation at `home`, None when it makes no copies; relative paths are below `home`.

    Raises
    ------
    BadPlan
        When there is one that cannot be read.
    """
    path = home / FILE
    if not path.exists():
        return None
    try:
        plan = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Plan, dec_hook=_decode)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadPlan(f"{path}: {error}") from error
    names = [target.name for target in plan.targets]
    if len(set(names)) < len(names):
        raise BadPlan(f"{path}: two targets have the same name")
    return msgspec.structs.replace(
        plan,
        key=home / plan.key,
        targets=tuple(msgspec.structs.replace(one, folder=home / one.folder) for one in plan.targets),
    )


def shortfalls(plan: Plan) -> tuple[str, ...]:
    """In what the plan misses the rule: `copies`, `media`, `offsite`."""
    found = []
    if 1 + len(plan.targets) < _COPIES:
        found.append("copies")
    if len({target.medium for target in plan.targets}) < _MEDIA:
        found.append("media")
    if not any(target.offsite for target in plan.targets):
        found.append("offsite")
    return tuple(found)


def _decode(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise NotImplementedError(f"no reader for {kind.__name__}")
