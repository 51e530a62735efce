"""What runs in browsers is tested and typed by the tools of its own language."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"


@pytest.mark.timeout(400)
@pytest.mark.parametrize("script", ["test", "check"])
def test_npm(script: str) -> None:
    npm = shutil.which("npm")
    if npm is None or not (WEB / "node_modules").is_dir():
        pytest.skip("the build tools of web/ are not installed: make setup")
    done = subprocess.run([npm, "run", script], cwd=WEB, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
