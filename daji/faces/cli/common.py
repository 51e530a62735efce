"""What the commands share: opening a house, JSON results, errors a person can act on."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import asyncpg
import msgspec
import typer
import uvloop

from daji.installation import read_settings
from daji.kit import telemetry
from daji.kit.settings import BadSetting

if TYPE_CHECKING:
    from daji.boot import House

T = TypeVar("T")

APPLICATION = "daji-cli"

JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the result as JSON to this file.")]


def fail(message: str, fix: str) -> NoReturn:
    """End the command with what is wrong and what to do about it."""
    from daji.faces.cli.screen import errors  # noqa: PLC0415 - not for a process that serves

    errors.print(f"[bold red]✗[/] {message}", highlight=False)
    errors.print(f"  → {fix}", highlight=False)
    raise typer.Exit(1)


def write_json(path: Path | None, result: object) -> None:
    """Write `result` to `path` when one was asked for."""
    if path is not None:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")


def says_yes(host: str, port: int, path: str) -> bool:
    """Whether a server of this machine answers `path` with success within two seconds; blocks meanwhile."""
    line = http.client.HTTPConnection(host, port, timeout=2)
    try:
        line.request("GET", path)
        return line.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def unhurried(url: str) -> str:
    """Let commits reach the disk a moment later, which is a third of the time of a replay or a simulation.

    Nothing is lost with a killed process, and a machine that loses its power in these seconds leaves a history that
    ends a little earlier (https://www.postgresql.org/docs/current/wal-async-commit.html).
    """
    return f"{url}{'&' if '?' in url else '?'}synchronous_commit=off"


def with_house(
    work: Callable[[House], Awaitable[T]],
    *,
    log_level: str = "WARNING",
    env: Mapping[str, str] | None = None,
    patience: float = 0,
) -> T:
    """Open a house, do `work`, close it; a dead or unknown database ends in one clear sentence.

    `patience` as in `open_house`.
    """
    from daji.boot import open_house  # noqa: PLC0415 - a command that opens no house need not hold one

    telemetry.configure(service="daji-cli", level=log_level)

    async def run() -> T:
        house = await open_house(env=env, application=APPLICATION, patience=patience)
        try:
            return await work(house)
        finally:
            await house.close()

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(run())
    except BadSetting as error:
        fail(str(error), "correct the variable or unset it")
    except (
        OSError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.InvalidAuthorizationSpecificationError,
    ) as error:
        fail(
            f"the database does not answer: {error}",
            "run `daji doctor`, or unset DAJI_DATABASE_URL to use the embedded one",
        )
    except asyncpg.UndefinedTableError as error:
        fail(f"the database is behind this code: {error}", "run `daji migrate`")


def settings_or_fail() -> tuple[object, object]:
    """Settings, or a clear end of the command."""
    try:
        return read_settings()
    except BadSetting as error:
        fail(str(error), "correct the variable or unset it")
