"""A machine with Python and nothing of ours: the wheel, its locked libraries, no Node, no checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.live import ROOT, LiveShop, running_shop

NODE = {"node", "nodejs", "npm", "npx", "corepack"}
FILES = re.compile(r'(?:src|href)="(/static/[^"]+)"')
PICTURE = re.compile(r'src="(/media/[^"]+\.webp)"')


def programs_but_node(folder: Path) -> Path:
    """A folder of what is on the PATH, Node and what comes with it left out."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in sorted(Path(place).glob("*")):
            here = folder / program.name
            if program.name not in NODE and not here.is_symlink():
                here.symlink_to(program)
    return folder


@pytest.fixture(scope="module")
def machine() -> Iterator[Path]:
    """A folder for all of it. Not below pytest's own, which is closed to the user that an embedded database has as root."""
    with tempfile.TemporaryDirectory(prefix="daji-wheel-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def installed(machine: Path) -> Path:
    """The Python of a fresh environment that the wheel and the lock were installed into."""
    python = machine / "venv" / "bin" / "python"
    uv = [sys.executable, "-m", "uv"]
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*wheel, "--wheel-dir", str(machine), str(ROOT)], check=True)
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(machine / "venv")], check=True)
    add = [*uv, "pip", "install", "--quiet", "--python", str(python)]
    lock = ROOT / "requirements" / "run.lock"
    subprocess.run([*add, "--require-hashes", "--requirement", str(lock)], check=True, cwd=machine)
    (built,) = machine.glob("*.whl")
    subprocess.run([*add, "--no-deps", str(built)], check=True, cwd=machine)
    return python


@pytest.fixture(scope="module")
def shop(installed: Path, machine: Path) -> Iterator[LiveShop]:
    empty, home = machine / "empty", machine / "home"
    for place in (empty, home):
        place.mkdir(mode=0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(programs_but_node(machine / "programs")))
        patch.delenv("PYTHONPATH", raising=False)
        assert shutil.which("node") is None
        with running_shop(None, home, python=str(installed), folder=empty) as found:
            yield found
    assert list(empty.iterdir()) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", ["/zh/", "/en/", "/console/"])
def test_pages_come_with_all_that_they_load(shop: LiveShop, page: str):
    with httpx.Client(base_url=shop.url, follow_redirects=True, timeout=60) as reader:
        answer = reader.get(page)
        assert answer.status_code == 200
        wanted = set(FILES.findall(answer.text))
        assert {".js", ".css"} <= {Path(one).suffix for one in wanted}
        assert {one: reader.get(one).status_code for one in wanted} == dict.fromkeys(wanted, 200)
        if page != "/console/":
            assert reader.get(PICTURE.findall(answer.text)[0]).headers["content-type"] == "image/webp"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_it_is_the_wheel_that_runs(installed: Path, shop: LiveShop, tmp_path: Path):
    said = subprocess.run(
        [installed, "-c", "import daji; print(daji.__file__)"],
        cwd=tmp_path,
        env={**shop.env},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "site-packages" in said
