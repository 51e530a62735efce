"""The command line: `daji up · restart · serve · work · migrate · demo · doctor · import · replay · rehearse · audit · backup · restore`.

Only the command that is asked for is loaded: a process that supervises others, or serves, holds what it needs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

_COMMANDS = {
    "up": "up.up",
    "restart": "restart.restart",
    "serve": "serve.serve",
    "work": "work.work",
    "migrate": "migrate.migrate",
    "demo": "demo.demo",
    "doctor": "doctor.doctor",
    "import": "import_goods.import_goods",
    "audit": "audit.audit",
    "vitals": "vitals.vitals",
    "mend": "vitals.mend",
    "replay": "replay.app",
    "rehearse": "rehearse.app",
    "backup": "backup.app",
    "restore": "backup.restore_to",
}
"""Module and name of each command, or of a group of them."""
_LASTING = ("up", "serve", "work")


def make_app(names: Sequence[str] = tuple(_COMMANDS)) -> typer.Typer:
    """The command line with these commands."""
    made = typer.Typer(no_args_is_help=True, add_completion=False, help="Daji, a full-chain commerce engine.")
    # With one command only, Typer would take its name away.
    made.callback()(_daji)
    for name in names:
        module, _, attribute = _COMMANDS[name].partition(".")
        found = getattr(import_module(f"{__name__}.{module}"), attribute)
        if isinstance(found, typer.Typer):
            made.add_typer(found, name=name)
        else:
            made.command(name)(found)
    return made


def _log_plainly() -> None:
    """Let the log be loaded without Rich, which takes 5 MB for tracebacks in colours that no file shows."""
    if "rich" not in sys.modules and "structlog" not in sys.modules:
        sys.modules["rich"] = None  # type: ignore[assignment]  # which says that there is none
        import_module("structlog")
        del sys.modules["rich"]


def _daji() -> None:
    """Daji, a full-chain commerce engine."""


def __getattr__(name: str) -> typer.Typer:
    if name == "app":
        return make_app()
    raise AttributeError(name)


def main() -> None:
    """Entry point of the `daji` command."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    if asked in _LASTING:
        _log_plainly()
    make_app([asked] if asked in _COMMANDS else tuple(_COMMANDS))()
