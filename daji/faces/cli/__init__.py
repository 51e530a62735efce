"""The command line: `daji up · restart · serve · work · migrate · demo · doctor · import · replay · rehearse · audit · backup · restore`."""

from __future__ import annotations

import typer

from daji.faces.cli import (
    audit,
    backup,
    demo,
    doctor,
    import_goods,
    migrate,
    rehearse,
    replay,
    restart,
    serve,
    up,
    vitals,
    work,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Daji, a full-chain commerce engine.")
app.command("up")(up.up)
app.command("restart")(restart.restart)
app.command("serve")(serve.serve)
app.command("work")(work.work)
app.command("migrate")(migrate.migrate)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("import")(import_goods.import_goods)
app.command("audit")(audit.audit)
app.command("vitals")(vitals.vitals)
app.command("mend")(vitals.mend)
app.add_typer(replay.app, name="replay")
app.add_typer(rehearse.app, name="rehearse")
app.add_typer(backup.app, name="backup")
app.command("restore")(backup.restore_to)


def main() -> None:
    """Entry point of the `daji` command."""
    app()
