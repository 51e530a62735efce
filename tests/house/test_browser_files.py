"""What browsers load: its lock is complete and without addresses, each library has its reason, the wheel carries it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.house.test_locks import ROOT, ROW

WEB = ROOT / "web"
Lock = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def package() -> dict[str, Any]:
    return json.loads((WEB / "package.json").read_text())


@pytest.fixture(scope="module")
def lock() -> Lock:
    return json.loads((WEB / "package-lock.json").read_text())["packages"]


def faults(packages: Lock) -> list[str]:
    """What is wrong with a lock: addresses, missing hashes, and optional packages of other systems left out,

    which makes `npm ci` refuse the lock on those systems, and with npm 11 on all of them.
    """
    found = []
    for path, entry in packages.items():
        if not path:
            continue
        if "resolved" in entry:
            found.append(f"{path} names an address")
        if "integrity" not in entry:
            found.append(f"{path} lacks a hash")
        for name in entry.get("optionalDependencies", {}):
            homes = (f"{path}/node_modules/{name}", f"node_modules/{name}")
            if not any(home in packages for home in homes):
                found.append(f"{path} misses {name}")
    return found


def test_the_lock_is_complete_and_without_addresses(lock: Lock):
    assert faults(lock) == []
    assert "://" not in json.dumps([entry.get("version") for entry in lock.values()])


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"integrity": "sha512-x", "resolved": "there"}, "node_modules/a names an address"),
        ({}, "node_modules/a lacks a hash"),
        ({"integrity": "x", "optionalDependencies": {"b": "1"}}, "node_modules/a misses b"),
    ],
)
def test_a_bad_lock_is_found(entry: dict[str, Any], fault: str):
    assert faults({"": {}, "node_modules/a": entry}) == [fault]


def test_each_library_is_pinned_exactly_and_has_its_reason(package: dict[str, Any]):
    wanted = package["dependencies"] | package["devDependencies"]
    assert [name for name, version in wanted.items() if not version[0].isdigit()] == []
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").partition("## In the browser")[2]
    rows = {row["name"]: (row["reason"].strip(), row["licence"].strip()) for row in ROW.finditer(page)}
    assert set(rows) == set(wanted)
    assert all(reason and licence for reason, licence in rows.values())


def test_a_wheel_carries_what_browsers_load(tmp_path: Path):
    """Whoever installs the wheel needs no Node."""
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
            *("--disable-pip-version-check", "--wheel-dir", str(tmp_path), str(ROOT)),
        ],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    for surface in ("store", "console"):
        folder = f"daji/faces/assets/{surface}/"
        manifest = json.loads((ROOT / folder / "manifest.json").read_text())
        assert {folder + chunk["file"] for chunk in manifest.values()} <= held
    assert not [name for name in held if "node_modules" in name]


@pytest.fixture
def web_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The build tool, on a checkout of its own."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    monkeypatch.delitem(sys.modules, "web_build", raising=False)
    import web_build  # noqa: PLC0415 - found only now

    for name, path in {
        "ROOT": tmp_path,
        "WEB": tmp_path / "web",
        "ASSETS": tmp_path / "assets",
        "STAMP": tmp_path / "assets" / ".stamp",
        "INSTALLED": tmp_path / "web" / "node_modules" / ".daji-lock",
        "_TEMPLATES": tmp_path / "templates",
    }.items():
        monkeypatch.setattr(web_build, name, path)
    (tmp_path / "web" / "node_modules").mkdir(parents=True)
    (tmp_path / "web" / "package-lock.json").write_text("{}")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "home.html").write_text("<p>")
    return web_build


def build(web_build: ModuleType) -> list[str]:
    """Build with a stand-in for npm; what it was asked."""
    asked = []

    def run(command: list[str], folder: Path) -> None:
        asked.append(command[1])
        for surface in web_build.SURFACES:
            (web_build.ASSETS / surface).mkdir(parents=True, exist_ok=True)
            (web_build.ASSETS / surface / "manifest.json").write_text("{}")

    if web_build.needs_install():
        web_build.install("npm", run)
    web_build.build("npm", run)
    return asked


def test_it_is_built_once_and_again_when_a_source_changes(web_build: ModuleType, tmp_path: Path):
    assert not web_build.is_current()
    assert build(web_build) == ["ci", "run"]
    assert web_build.is_current()
    (tmp_path / "templates" / "home.html").write_text("<p class=x>")
    assert not web_build.is_current()
    assert build(web_build) == ["run"]
    (tmp_path / "web" / "node_modules" / "vue.js").write_text("not a source")
    assert web_build.is_current()
    (tmp_path / "web" / "package-lock.json").write_text("{ }")
    assert build(web_build) == ["ci", "run"]


def test_a_build_that_fails_leaves_no_stamp(web_build: ModuleType):
    build(web_build)

    def fail(command: list[str], folder: Path) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        web_build.build("npm", fail)
    assert not web_build.is_current()


def test_a_machine_without_node_is_told_what_to_do(web_build: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(web_build.shutil, "which", lambda _name: None)
    with pytest.raises(web_build.WebError, match="install Node 20"):
        web_build.find_npm()
