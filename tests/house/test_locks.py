"""The locks hold every direct dependency, hash by hash, and no address; each dependency has its reason.

Also what `tools/bootstrap.py` decides when it installs them: when to do nothing, and which fix to name.
"""

from __future__ import annotations

import re
import sys
import tomllib
import venv
from pathlib import Path
from types import ModuleType

import pytest

from tests.loading import load

ROOT = Path(__file__).resolve().parents[2]
PROFILES = ("run", "dev")
# An address of a registry or a path of the machine that resolved would send every reader there.
FORBIDDEN = ("http:", "https:", "://", "find-links", "index-url", "file:", "git+", " @ ")
PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[\w.!+]+)(?P<marker> ;[^\\]*)?(?P<hashes>(?: \\\n.*)*)$",
    re.MULTILINE,
)
HASH = re.compile(r"^ {4}--hash=sha256:[0-9a-f]{64}(?: \\)?$", re.MULTILINE)
ROW = re.compile(r"^\| `(?P<name>[^`]+)` \|(?P<reason>[^|\n]*)\|(?P<licence>[^|\n]*)\|$", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> frozenset[str]:
    return frozenset(normal(re.split(r"[^\w.-]", requirement)[0]) for requirement in requirements)


def pins(lock: str) -> frozenset[tuple[str, str]]:
    return frozenset((normal(match["name"]), match["version"]) for match in PIN.finditer(lock))


def lock_faults(lock: str, direct: frozenset[str]) -> list[str]:
    """Return what is wrong with a lock that must hold the direct dependencies."""
    found = [f"holds {word!r}" for word in FORBIDDEN if word in lock]
    found += [
        f"line is no exact pin: {line}"
        for line in lock.splitlines()
        if line and not line.startswith((" ", "#")) and not PIN.match(line.removesuffix(" \\"))
    ]
    for match in PIN.finditer(lock):
        hashes = [line for line in match["hashes"].splitlines() if line.strip() not in {"", "\\"}]
        if not hashes or not all(HASH.match(line) for line in hashes):
            found.append(f"{match['name']} lacks a hash")
    found += [f"{name} is missing" for name in sorted(direct - {name for name, _ in pins(lock)})]
    return found


def reason_faults(page: str, direct: frozenset[str]) -> list[str]:
    """Return the dependencies without a line of reason and licence, and the lines without a dependency."""
    rows = [
        (normal(match["name"]), match["reason"].strip(), match["licence"].strip())
        for match in ROW.finditer(page)
    ]
    told = [name for name, _, _ in rows]
    found = [f"{name} has no line" for name in sorted(direct - set(told))]
    found += [f"{name} is no direct dependency" for name in sorted(set(told) - direct)]
    found += [f"{name} has two lines" for name in sorted({name for name in told if told.count(name) > 1})]
    return found + [
        f"{name} lacks reason or licence" for name, reason, licence in rows if not (reason and licence)
    ]


@pytest.fixture(scope="module")
def direct() -> dict[str, frozenset[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run = names(project["project"]["dependencies"]) | names(project["build-system"]["requires"])
    return {"run": run, "dev": run | names(project["project"]["optional-dependencies"]["dev"])}


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the set-up tool, working on a checkout of its own."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    module = load(ROOT / "tools" / "bootstrap.py")
    (tmp_path / "requirements").mkdir()
    for name in ("requirements/run.lock", "requirements/dev.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def read_lock(profile: str) -> str:
    return (ROOT / "requirements" / f"{profile}.lock").read_text(encoding="utf-8")


@pytest.mark.parametrize("profile", PROFILES)
def test_lock_is_complete(profile: str, direct: dict[str, frozenset[str]]):
    assert lock_faults(read_lock(profile), direct[profile]) == []


def test_dev_lock_holds_every_pin_of_the_run_lock():
    """A developer's environment serves `make run` too, so both must name the same versions."""
    assert pins(read_lock("run")) - pins(read_lock("dev")) == frozenset()


def test_each_direct_dependency_has_its_reason(direct: dict[str, frozenset[str]]):
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    page = page.partition("## In the browser")[0]
    assert reason_faults(page, direct["dev"]) == []


class TestTheChecksBite:
    HASHED = f"a-lib==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:{'0' * 64}\n    # via b\n"

    def test_a_good_lock_passes(self):
        assert lock_faults(f"# made by make lock\n{self.HASHED}", frozenset({"a-lib"})) == []

    @pytest.mark.parametrize(
        ("lock", "fault"),
        [
            ("a-lib==1.0\n", "a-lib lacks a hash"),
            ("a-lib==1.0 \\\n    --hash=sha256:123\n", "a-lib lacks a hash"),
            (f"a-lib>=1.0 \\\n    --hash=sha256:{'0' * 64}\n{HASHED}", "line is no exact pin: a-lib>=1.0 \\"),
            (f"--find-links folder\n{HASHED}", "holds 'find-links'"),
            (f"# from https://example.org\n{HASHED}", "holds '://'"),
            (f"# at file:/srv\n{HASHED}", "holds 'file:'"),
            ("", "a-lib is missing"),
        ],
    )
    def test_a_bad_lock_is_found(self, lock: str, fault: str):
        assert fault in lock_faults(lock, frozenset({"a-lib"}))

    @pytest.mark.parametrize(
        ("page", "fault"),
        [
            ("", "a-lib has no line"),
            ("| `a_lib` | | MIT |", "a-lib lacks reason or licence"),
            ("| `a-lib` | why | |", "a-lib lacks reason or licence"),
            ("| `a-lib` | why | MIT |\n| `b` | why | MIT |", "b is no direct dependency"),
            ("| `a-lib` | why | MIT |\n| `a-lib` | why | MIT |", "a-lib has two lines"),
        ],
    )
    def test_a_bad_page_is_found(self, page: str, fault: str):
        assert fault in reason_faults(page, frozenset({"a-lib"}))


class TestBootstrap:
    @pytest.mark.parametrize(
        ("said", "fix"),
        [
            (
                "Failed to establish a new connection\nERROR: No matching distribution found for alembic==1.20.1",
                "package index cannot be reached",
            ),
            ("ERROR: No matching distribution found for alembic==1.20.1", "fits this Python or this machine"),
            (
                "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE",
                "requirements/run.lock names",
            ),
            ("OSError: [Errno 28] No space left on device", "Free some disk space"),
        ],
    )
    def test_names_the_cause_and_not_the_symptom(self, bootstrap: ModuleType, said: str, fix: str):
        assert fix in bootstrap.fix_for(said, "requirements/run.lock")

    def test_has_no_fix_for_what_it_does_not_know(self, bootstrap: ModuleType):
        assert bootstrap.fix_for("something else", "requirements/run.lock") is None

    def test_does_nothing_only_while_lock_project_and_environment_stay(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(bootstrap, "venv_binary", lambda _name: Path(sys.executable))
        assert not bootstrap.is_current("run")
        bootstrap.write_stamp({"run": bootstrap.digest("run")})
        assert bootstrap.is_current("run")
        assert not bootstrap.is_current("dev")
        (bootstrap.ROOT / "requirements" / "run.lock").write_text("changed")
        assert not bootstrap.is_current("run")
        bootstrap.write_stamp({"run": bootstrap.digest("run")})
        bootstrap.write_stamp({"run": bootstrap.digest("run"), "root": "elsewhere"})
        assert not bootstrap.is_current("run")
        bootstrap.write_stamp({"run": bootstrap.digest("run")})
        monkeypatch.setattr(bootstrap, "venv_works", lambda: False)
        assert not bootstrap.is_current("run")

    @pytest.mark.parametrize("stamp", [{"state": "installing"}, {"root": "elsewhere"}])
    def test_a_half_made_or_moved_environment_is_made_anew(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, stamp: dict[str, str]
    ):
        made: list[Path] = []
        monkeypatch.setattr(bootstrap, "venv_works", lambda: True)
        monkeypatch.setattr(venv.EnvBuilder, "create", lambda _self, folder: made.append(folder))
        bootstrap.write_stamp({})
        bootstrap.make_venv()
        assert made == []
        bootstrap.write_stamp(stamp)
        bootstrap.make_venv()
        assert made == [bootstrap.ROOT / ".venv"]

    def test_a_killed_install_leaves_its_mark(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch):
        def killed(profile: str, progress: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(bootstrap, "make_venv", lambda: None)
        monkeypatch.setattr(bootstrap, "install", killed)
        assert bootstrap.main(["run"]) == 130
        assert bootstrap.read_stamp()["state"] == "installing"

    def test_a_refused_install_may_simply_be_repeated(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
    ):
        def refused(profile: str, progress: object) -> None:
            raise bootstrap.SetupError("no network")

        monkeypatch.setattr(bootstrap, "make_venv", lambda: None)
        monkeypatch.setattr(bootstrap, "install", refused)
        assert bootstrap.main(["run"]) == 1
        assert "state" not in bootstrap.read_stamp()

    def test_an_old_python_is_told_what_to_do(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        monkeypatch.setattr(bootstrap, "MINIMUM_PYTHON", (99, 0))
        assert bootstrap.main(["run"]) == 1
        assert "install a newer one" in capsys.readouterr().err

    def test_a_missing_venv_module_is_named_before_anything_is_made(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        monkeypatch.setitem(sys.modules, "ensurepip", None)
        assert bootstrap.main(["run"]) == 1
        assert "-venv" in capsys.readouterr().err
        assert list((bootstrap.ROOT / ".venv").iterdir()) == []

    def test_an_incomplete_checkout_is_told(self, bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]):
        (bootstrap.ROOT / "pyproject.toml").unlink()
        bootstrap.write_stamp({"run": "x"})
        assert bootstrap.main(["run"]) == 1
        assert "complete checkout" in capsys.readouterr().err

    def test_the_browser_is_asked_for_by_its_packages(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: None)
        bootstrap.set_up_browser()
        assert "apt-get install chromium fonts-noto-cjk" in capsys.readouterr().out
