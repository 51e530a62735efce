"""What an installation says about itself by its environment, and the secret that it keeps."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from daji.kit import settings
from daji.kit.carriage import CarriageSettings
from daji.kit.db import DatabaseSettings


class HouseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`DAJI_HOME`, `DAJI_HOST`, `DAJI_PORT`, `DAJI_PUBLIC_URL`, `DAJI_SANDBOX_PORT`, `DAJI_LOG_LEVEL` and what more
    than one machine needs: `DAJI_SECRET` (the same everywhere, instead of a file), `DAJI_PROXIES` (trusted proxies in
    front of us), `DAJI_METRICS_TOKEN` (who may read figures from elsewhere), `DAJI_SANDBOX_URL`, `DAJI_WORK_PORT`
    (where a worker tells its health and figures; 0: nowhere). `DAJI_PAYMENTS`: who takes the money of new orders, the
    payment sandbox or the shop's own till, which trusts whoever orders.
    """

    home: Path = Path(".daji")
    host: str = "127.0.0.1"
    port: int = 8000
    sandbox_port: int = 8010
    sandbox_url: str = ""
    public_url: str = ""
    log_level: str = "INFO"
    secret: Annotated[str, msgspec.Meta(pattern=r"^(.{32,})?$")] = ""
    proxies: Annotated[int, msgspec.Meta(ge=0, le=5)] = 0
    metrics_token: str = ""
    work_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    payments: Literal["sandbox", "till"] = "sandbox"

    def __post_init__(self) -> None:
        if not self.sandbox_url:
            msgspec.structs.force_setattr(self, "sandbox_url", f"http://127.0.0.1:{self.sandbox_port}")

    @property
    def base_url(self) -> str:
        return self.public_url or f"http://127.0.0.1:{self.port}"


def read_settings(env: Mapping[str, str] | None = None) -> tuple[HouseSettings, DatabaseSettings]:
    """Settings from the environment.

    Raises
    ------
    settings.BadSetting
        Naming the variable that cannot be read.
    """
    source = os.environ if env is None else env
    return (
        settings.read(HouseSettings, "DAJI_", source),
        settings.read(DatabaseSettings, "DAJI_DATABASE_", source),
    )


def read_carriage(env: Mapping[str, str] | None = None) -> CarriageSettings:
    """Whether, and over which line, events are carried to satellites.

    Raises
    ------
    settings.BadSetting
        Naming the variable that cannot be read.
    """
    return settings.read(CarriageSettings, "DAJI_NATS_", os.environ if env is None else env)


def make_secret(home: Path, given: str = "") -> bytes:
    """The installation's secret for cookies and cursors: `given`, else made once and kept in `home/secret`."""
    if given:
        return hashlib.sha256(given.encode()).digest()
    home.mkdir(parents=True, exist_ok=True)
    path = home / "secret"
    if not path.exists():
        # Linked into place whole, so that a second process never reads half a secret.
        draft = home / f".secret.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_bytes()
