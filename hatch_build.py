"""The wheel carries what browsers load, so that whoever installs it needs no Node."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent / "tools"))
import web_build


class BrowserFiles(BuildHookInterface):  # type: ignore[type-arg]
    """Build `web/` before a wheel or a source archive is packed; files built before stand in where Node is absent."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raise `WebError` when there is neither Node nor anything built."""
        if version == "editable":
            return
        build_data["artifacts"].append("daji/faces/assets")
        if not web_build.WEB.is_dir() or web_build.is_current():
            return
        try:
            npm = web_build.find_npm()
        except web_build.WebError as error:
            if not web_build.is_built():
                raise
            self.app.display_warning(f"packing browser files of older sources: {error}")
            return
        if web_build.needs_install():
            web_build.install(npm, _run)
        web_build.build(npm, _run)


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603 - our own command
