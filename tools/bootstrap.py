"""Set Daji up on a machine that has only Python 3.11 or newer (standard library only).

Usage: ``python tools/bootstrap.py run|dev|lock [--upgrade]``

- ``run``: `.venv` with the libraries of `requirements/run.lock`, Daji itself, editable, and the files that browsers
  load, built from `web/`.
- ``dev``: the same from `requirements/dev.lock`, and a Chromium for the browser tests.
- ``lock``: resolve `pyproject.toml` into both lock files again.

Exit code 0 when everything is in place, 1 with one sentence that names the fix, 130 when interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import web_build

ROOT = Path(__file__).resolve().parent.parent
MINIMUM_PYTHON = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT_PACKAGES = ("chromium", "fonts-noto-cjk")
STAMP = "daji-setup.json"
# Settings of a user's own pip that would send packages elsewhere than into the virtual environment,
# or refuse the editable install, which has no hash.
PIP_SETTINGS_IN_THE_WAY = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_HASHES")
# What pip or uv prints -> what the reader should do. The first match wins, so causes come before symptoms:
# without a network pip ends on "no matching distribution", which alone would mislead.
FIXES = (
    ("no space left on device", "Free some disk space, then run the same command again."),
    (
        "do not match the hashes",
        (
            "A downloaded file is not the one that {lock} names: check the proxy or mirror in between,"
            " or clear the download cache with `pip cache purge`, then run the same command again."
        ),
    ),
    (
        "connection|name resolution|network is unreachable|timed out|proxyerror|sslerror|dns error|max retries",
        (
            "The package index cannot be reached: check the network or the proxy, or name a mirror near you"
            " (PIP_INDEX_URL for Python, npm_config_registry for npm), then run the same command again."
        ),
    ),
    (
        "no matching distribution",
        (
            "No package of {lock} fits this Python or this machine: use CPython 3.11 to 3.13"
            " on 64-bit Linux, macOS or Windows, or set PIP_INDEX_URL to a complete mirror."
        ),
    ),
    ("permission denied", "Give yourself write access to this folder, then run the same command again."),
)


class SetupError(Exception):
    """Set-up cannot go on; the message is the fix, ``details`` is what the failing program said."""

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)


class Progress:
    """Numbered steps with their seconds; on a terminal the running step also shows how far it is."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.number = 0
        self.label = ""

    @contextlib.contextmanager
    def step(self, label: str) -> Iterator[None]:
        self.number += 1
        self.label = f"[{self.number}/{self.total}] {label}"
        began = time.monotonic()
        sys.stdout.write(f"{self.label} ...")
        sys.stdout.flush()
        try:
            yield
        except BaseException:
            self._close(f"failed after {time.monotonic() - began:.1f} s")
            raise
        self._close(f"{time.monotonic() - began:.1f} s")

    def detail(self, text: str) -> None:
        if sys.stdout.isatty():
            sys.stdout.write(f"\r{self.label} ... {text}\033[K")
            sys.stdout.flush()

    def _close(self, text: str) -> None:
        sys.stdout.write(f"\r{self.label} ... {text}\033[K\n" if sys.stdout.isatty() else f" {text}\n")
        sys.stdout.flush()


def fix_for(output: str, lock: str) -> str | None:
    """Return the sentence that names the fix for what pip or uv printed, or None when it is unknown."""
    text = output.lower()
    for needles, fix in FIXES:
        if any(needle in text for needle in needles.split("|")):
            return fix.format(lock=lock)
    return None


def call(
    command: Sequence[str], *, lock: str, on_line: Callable[[str], None] | None = None, folder: Path = ROOT
) -> None:
    """Run ``command`` in ``folder`` and keep its output for the case that it fails.

    Raises
    ------
    SetupError
        When it exits non-zero; carries the last lines that it printed.
    """
    env = {name: value for name, value in os.environ.items() if name not in PIP_SETTINGS_IN_THE_WAY}
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if on_line is not None:
                on_line(line)
    if process.returncode:
        fix = (
            fix_for("\n".join(lines), lock)
            or "See what it printed above, mend it and run the same command again."
        )
        raise SetupError(fix, [f"$ {' '.join(command)}", *lines[-15:]])


def venv_binary(name: str) -> Path:
    """Return where the virtual environment keeps the program ``name`` on this system."""
    return (
        ROOT
        / ".venv"
        / ("Scripts" if os.name == "nt" else "bin")
        / (f"{name}.exe" if os.name == "nt" else name)
    )


def venv_works() -> bool:
    """Tell whether the environment's Python starts and is new enough; its base may have been removed."""
    question = f"import sys; sys.exit(sys.version_info[:2] < {MINIMUM_PYTHON})"
    try:
        answer = subprocess.run(
            [venv_binary("python"), "-I", "-c", question], capture_output=True, check=False
        )
    except OSError:
        return False
    return answer.returncode == 0


def lock_path(profile: str) -> str:
    return f"requirements/{profile}.lock"


def digest(profile: str) -> str:
    """Return what the installed state depends on: the lock and the project file."""
    total = hashlib.sha256()
    for name in (lock_path(profile), "pyproject.toml"):
        try:
            total.update((ROOT / name).read_bytes())
        except OSError as error:
            raise SetupError(
                f"{name} cannot be read: run this inside a complete checkout of Daji."
            ) from error
    return total.hexdigest()


def read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads((ROOT / ".venv" / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(stamp: dict[str, str]) -> None:
    path = ROOT / ".venv" / STAMP
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"root": str(ROOT), **stamp}))
    fresh.replace(path)


def is_current(profile: str) -> bool:
    stamp = read_stamp()
    same = stamp.get(profile) == digest(profile) and stamp.get("root") == str(ROOT)
    return same and venv_binary("daji").exists() and venv_works()


def make_venv() -> None:
    """Make `.venv`, or keep the one that works."""
    stamp = read_stamp()
    # Scripts name the environment's own path, so one that was moved or copied along is of no use.
    at_home = stamp.get("root", str(ROOT)) == str(ROOT)
    if at_home and stamp.get("state") != "installing" and venv_works():
        return
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian splits it off; ask before a half-made folder exists
        import venv  # noqa: PLC0415
    except ImportError as error:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise SetupError(
            f"Python {version} lacks its venv module: install it (Debian and Ubuntu:"
            f" apt-get install python{version}-venv), then run the same command again."
        ) from error
    try:
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=os.name != "nt").create(ROOT / ".venv")
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(
            f"{ROOT / '.venv'} cannot be made ({error}): free disk space and write access to this folder are needed."
        ) from error


def install(profile: str, progress: Progress) -> None:
    """Install the lock, every file checked against its hash, then Daji itself without touching a dependency."""
    lock = lock_path(profile)
    total = sum("==" in line for line in (ROOT / lock).read_text().splitlines())
    seen = 0

    def count(line: str) -> None:
        nonlocal seen
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            seen += 1
            progress.detail(f"{min(seen, total)} of {total} packages")
        elif line.startswith("Installing collected"):
            progress.detail("unpacking")

    pip = [
        str(venv_binary("python")),
        "-I",
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
    ]
    with progress.step(f"Installing the libraries of {lock}"):
        call([*pip, "--progress-bar", "off", "--require-hashes", "-r", lock], lock=lock, on_line=count)
    with progress.step("Installing Daji into .venv"):
        call([*pip, "--no-deps", "--no-build-isolation", "--quiet", "-e", "."], lock=lock)


def set_up(profile: str) -> None:
    """Bring `.venv` to the state of the profile's lock; at once when it is there already."""
    if is_current(profile):
        return
    progress = Progress(3)
    with progress.step(f"Making .venv with Python {sys.version.split()[0]}"):
        make_venv()
    # A killed pip leaves half a package behind, which the next pip would take for whole.
    # This mark outlives the kill, and the next start makes the environment anew.
    write_stamp({"state": "installing"})
    try:
        install(profile, progress)
    except SetupError:
        write_stamp({})
        raise
    # The run lock is resolved under the pins of the dev lock, so that dev holds all of run.
    write_stamp({name: digest(name) for name in {"run", profile}})


def set_up_web() -> None:
    """Build what browsers load, when it is not built from these very sources. Files that came with a wheel do too."""
    if web_build.is_current():
        return
    try:
        npm = web_build.find_npm()
    except web_build.WebError as error:
        if not web_build.is_built():
            raise SetupError(str(error)) from error
        print(f"The browser files are of older sources and stay as they are. {error}")
        return

    def run(command: list[str], folder: Path) -> None:
        call(command, lock="web/package-lock.json", folder=folder)

    fresh = web_build.needs_install()
    progress = Progress(1 + fresh)
    if fresh:
        with progress.step("Installing the build tools of web/package-lock.json"):
            web_build.install(npm, run)
    with progress.step("Building the shop's and the console's browser files"):
        web_build.build(npm, run)


def find_browser() -> str | None:
    """Return the path of a Chromium on PATH, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def set_up_browser() -> None:
    """See that a Chromium is there. Without one the browser tests skip; that is not an error of set-up."""
    if find_browser() is not None:
        return
    packages = " ".join(APT_PACKAGES)
    if shutil.which("apt-get") is None or os.name == "nt" or os.geteuid() != 0:
        print(
            f"No Chromium on PATH, so the browser tests will skip. Fix: apt-get install {packages} (as root)."
        )
        return
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    progress = Progress(2)
    try:
        with progress.step("Reading the package lists of apt"):
            call(["apt-get", "update"], lock="apt")
        with progress.step(f"Installing {packages}"):
            call(
                ["apt-get", "install", "-y", "--no-install-recommends", *APT_PACKAGES],
                lock="apt",
                on_line=lambda line: progress.detail(line.strip()[:60]),
            )
    except SetupError as error:
        print("\n".join(error.details))
    if find_browser() is None:
        print(
            f"Chromium could not be installed, so the browser tests will skip. Fix: apt-get install {packages}."
        )


def find_uv() -> str:
    inside = venv_binary("uv")
    found = str(inside) if inside.exists() else shutil.which("uv")
    if found is None:
        raise SetupError(
            "uv is not installed: run `python tools/bootstrap.py dev` first, which brings it along."
        )
    return found


def write_locks(*, upgrade: bool) -> None:
    """Resolve `pyproject.toml` for every supported system; pins stay where they are unless ``upgrade``.

    The build back end comes along from `[build-system]`, because Daji is installed without build isolation.
    """
    import tomllib  # noqa: PLC0415 - absent before Python 3.11, where the version check must still be reached

    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    common = [find_uv(), "pip", "compile", "--quiet", "--no-config", "--generate-hashes", "--universal"]
    common += ["--python-version", ".".join(map(str, MINIMUM_PYTHON)), "--annotation-style", "line"]
    common += ["--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock"]
    common += ["--upgrade"] if upgrade else []
    profiles = {"dev": ["--extra", "dev"], "run": ["--constraints", lock_path("dev")]}
    progress = Progress(len(profiles))
    for profile, options in profiles.items():
        lock = lock_path(profile)
        with progress.step(f"Resolving {lock}"):
            command = [*common, *options, "--output-file", lock, "pyproject.toml", "-"]
            answer = subprocess.run(
                command, cwd=ROOT, input="\n".join(build), capture_output=True, text=True, check=False
            )
            if answer.returncode:
                said = answer.stdout + answer.stderr
                raise SetupError(
                    fix_for(said, lock) or "Mend pyproject.toml as uv says.", said.splitlines()[-15:]
                )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Set Daji up.")
    parser.add_argument("what", choices=("run", "dev", "lock"))
    parser.add_argument("--upgrade", action="store_true", help="with lock: take the newest versions")
    options = parser.parse_args(arguments)
    try:
        if sys.version_info[:2] < MINIMUM_PYTHON:
            raise SetupError(  # noqa: TRY301 - one place prints every fix
                f"Daji needs Python 3.11 or newer and this is {sys.version.split()[0]}:"
                " install a newer one, then run `make PYTHON=/path/to/python setup`."
            )
        if options.what == "lock":
            write_locks(upgrade=options.upgrade)
        else:
            set_up(options.what)
            set_up_web()
        if options.what == "dev":
            set_up_browser()
    except SetupError as error:
        for line in error.details:
            print(f"    {line}", file=sys.stderr)
        print(f"Set-up stopped. {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up stopped by you. Run the same command again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
