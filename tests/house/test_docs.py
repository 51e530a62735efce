"""The docs name only what exists: repository paths, make targets, daji subcommands, linked files.

Docs rot unless a test reads them. Prose is free; what stands in code spans and code blocks is checked.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import pytest
import typer.main

ROOT = Path(__file__).resolve().parents[2]

FENCE = re.compile(r"^(?P<mark>`{3,}|~{3,})[^\n]*\n(?P<body>.*?)^(?P=mark)[ \t]*$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|<img[^>]+src=\"([^\"]+)\"")
PATH = re.compile(
    r"(?<![\w./-])(?:daji|docs|tests|tools|deploy|benchmarks|requirements|\.ci)/(?:[\w./*,{}-]|<\w+>)*"
)
COMMAND = re.compile(r"(?:^|[\s;&|(])(?:\.venv/bin/)?(make|daji)((?:[ ]+[^\s;&|#()]+)*)", re.MULTILINE)
REMARK = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)
QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
WORD = re.compile(r"[a-z][a-z0-9-]*\Z")
TARGET = re.compile(r"^([a-z][a-z0-9-]*):(?!=)", re.MULTILINE)
BRACES = re.compile(r"\{([^{}]*)\}")

Commands = Mapping[str, Any]
"""Subcommand -> its own subcommands; empty for a command that takes arguments."""


def doc_files() -> list[Path]:
    named = [*ROOT.glob("README*.md"), ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    return sorted(path for path in named if path.is_file())


def code_of(text: str) -> list[str]:
    """Return what stands in code blocks and code spans."""
    blocks = [match["body"] for match in FENCE.finditer(text)]
    return blocks + [match[2] for match in SPAN.finditer(FENCE.sub("", text))]


def expand(pattern: str) -> Iterator[str]:
    """Turn `a/{x,y}/<z>.toml` into the globs `a/x/*.toml` and `a/y/*.toml`."""
    pieces = BRACES.split(re.sub(r"<\w+>", "*", pattern))
    choices = [piece.split(",") if number % 2 else [piece] for number, piece in enumerate(pieces)]
    return ("".join(parts) for parts in product(*choices))


def missing_paths(code: str, root: Path) -> Iterator[str]:
    for match in PATH.finditer(code):
        named = match[0].rstrip(".,")
        for path in expand(named):
            if not any(root.glob(path.rstrip("/"))):
                yield f"path {path} does not exist"


def wrong_targets(words: list[str], targets: frozenset[str]) -> Iterator[str]:
    for word in words:
        if "=" in word or word.startswith("-"):
            continue
        if not WORD.match(word):
            return
        if word not in targets:
            yield f"make {word} is no target"


def wrong_commands(words: list[str], commands: Commands) -> Iterator[str]:
    walked = "daji"
    for word in words:
        if not commands:
            return
        if word.startswith("-"):
            continue
        if not WORD.match(word):
            return
        walked = f"{walked} {word}"
        if word not in commands:
            yield f"{walked} is no subcommand"
            return
        commands = commands[word]


def broken_links(text: str, folder: Path) -> Iterator[str]:
    for match in LINK.finditer(text):
        target = (match[1] or match[2]).split("#")[0]
        if (
            target
            and "://" not in target
            and not target.startswith("mailto:")
            and not (folder / target).exists()
        ):
            yield f"link {target} leads nowhere"


def faults(
    text: str, *, root: Path, folder: Path, targets: frozenset[str], commands: Commands | None
) -> list[str]:
    """Return what the page names and the repository lacks; `commands` None leaves the subcommands unchecked."""
    found = list(broken_links(FENCE.sub("", text), folder))
    for code in code_of(text):
        found += missing_paths(code, root)
        for match in COMMAND.finditer(QUOTED.sub("''", REMARK.sub("", code))):
            if match[1] == "make":
                found += wrong_targets(match[2].split(), targets)
            elif commands is not None:
                found += wrong_commands(match[2].split(), commands)
    return found


def make_targets(makefile: str) -> frozenset[str]:
    return frozenset(TARGET.findall(makefile))


def has_cli() -> bool:
    try:
        return importlib.util.find_spec("daji.faces.cli") is not None
    except ModuleNotFoundError:
        return False


def cli_commands() -> Commands:
    """Return the tree of subcommands of the Typer app."""
    app = importlib.import_module("daji.faces.cli").app

    def tree(command: object) -> Commands:
        return {name: tree(child) for name, child in getattr(command, "commands", {}).items()}

    return tree(typer.main.get_command(app))


@pytest.fixture(scope="module")
def targets() -> frozenset[str]:
    return make_targets((ROOT / "Makefile").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", doc_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_page_names_only_what_exists(page: Path, targets: frozenset[str]):
    text = page.read_text(encoding="utf-8")
    assert faults(text, root=ROOT, folder=page.parent, targets=targets, commands=None) == []


def test_pages_name_only_subcommands_that_exist(targets: frozenset[str]):
    if not has_cli():
        pytest.skip("daji.faces.cli does not exist yet")
    commands = cli_commands()
    assert commands, "the Typer app shows no subcommand, so this test would pass on anything"
    wrong = {
        page.name: found
        for page in doc_files()
        if (
            found := faults(
                page.read_text(encoding="utf-8"),
                root=ROOT,
                folder=page.parent,
                targets=targets,
                commands=commands,
            )
        )
    }
    assert wrong == {}


def test_every_page_that_must_exist_is_read():
    names = {path.relative_to(ROOT).as_posix() for path in doc_files()}
    assert {"README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/map.md", "docs/glossary.md"} <= names
    assert sum(name.startswith("docs/adr/") for name in names) >= 13


def test_make_lists_its_targets_with_a_line_each():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert {"help", "setup", "run", "test", "check", "fmt", "unit", "house", "clean", "lock"} <= listed


class TestTheCheckBites:
    TREE: ClassVar[Commands] = {"up": {}, "replay": {"olist": {}}}

    def faults(self, text: str, root: Path) -> list[str]:
        (root / "docs").mkdir()
        (root / "docs" / "here.md").touch()
        (root / "daji" / "zh").mkdir(parents=True)
        (root / "daji" / "zh" / "cart.toml").touch()
        targets = make_targets("BIN := x\nrun: setup ## go\n\techo\nsetup:\n")
        return faults(text, root=root, folder=root, targets=targets, commands=self.TREE)

    @pytest.mark.parametrize(
        "text",
        [
            "`docs/here.md`, `daji/`, ``docs/here.md``, [page](docs/here.md#part), [out](https://example.org/x)",
            "`daji/{zh}/<topic>.toml` and `daji/*/cart.toml`",
            "`make`, `make run`, `make setup run ARGS='-k refund'`, then make sure that daji does well",
            "```sh\n$ make run   # make nothing else\n.venv/bin/daji replay olist FOLDER\ndaji up --port 9000\n```",
            "`daji --help`, `daji up now`, `other/docs/gone.md`, daji/gone in prose",
        ],
    )
    def test_leaves_true_pages_alone(self, tmp_path: Path, text: str):
        assert self.faults(text, tmp_path) == []

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("see `docs/gone.md`.", "path docs/gone.md does not exist"),
            ("`python tools/gone.py`", "path tools/gone.py does not exist"),
            ("```\ncat daji/gone.py\n```", "path daji/gone.py does not exist"),
            ("`daji/{zh,en}/<topic>.toml`", "path daji/en/*.toml does not exist"),
            ("`make rnu`", "make rnu is no target"),
            ("`make run tset`", "make tset is no target"),
            ("```sh\ngit pull && make deploy\n```", "make deploy is no target"),
            ("`daji pu`", "daji pu is no subcommand"),
            ("`.venv/bin/daji replay olits FOLDER`", "daji replay olits is no subcommand"),
            ("[page](docs/gone.md)", "link docs/gone.md leads nowhere"),
            ("![shot](docs/gone.png)", "link docs/gone.png leads nowhere"),
            ('<img src="docs/gone.png" alt="">', "link docs/gone.png leads nowhere"),
        ],
    )
    def test_finds_the_seeded_violation(self, tmp_path: Path, text: str, fault: str):
        assert self.faults(text, tmp_path) == [fault]
