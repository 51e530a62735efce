"""As much of Go's `text/template` and of Helm's functions as our chart uses, so that tests need neither.

Source: https://pkg.go.dev/text/template and https://helm.sh/docs/chart_template_guide. What is not known here raises,
so that a chart which outgrows it is noticed. `test_chart.py` holds it against Go's own engine where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

Context = dict[str, Any]
_ACTION = re.compile(r"\{\{(-?)\s*(/\*.*?\*/|.*?)\s*(-?)\}\}", re.DOTALL)
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|:=|[()|,]|[$\w.\-]+)')


class TemplateError(Exception):
    """A template asks for what this renderer does not know, or for a value that is required and missing."""


class Node:
    """A branch: `kind` is text, out, if, with, range or define."""

    def __init__(self, kind: str, words: list[str], text: str = "") -> None:
        self.kind, self.words, self.text = kind, words, text
        self.body: list[Node] = []
        self.otherwise: list[Node] = []


def parse(source: str) -> Node:
    """Build the tree of a template."""
    root = Node("root", [])
    stack, sinks = [root], [root.body]
    at = 0
    trim = False
    for match in _ACTION.finditer(source):
        text = source[at : match.start()]
        text = text.lstrip() if trim else text
        text = text.rstrip() if match[1] else text
        sinks[-1].append(Node("text", [], text))
        at, trim = match.end(), bool(match[3])
        if match[2].startswith("/*"):
            continue
        words = _TOKEN.findall(match[2])
        head = words[0] if words else ""
        if head in {"if", "with", "range", "define"}:
            node = Node(head, words[1:])
            sinks[-1].append(node)
            stack.append(node)
            sinks.append(node.body)
        elif head == "else":
            sinks[-1] = stack[-1].otherwise
            if len(words) > 1:
                raise TemplateError(f"not known: {match[0]}")
        elif head == "end":
            stack.pop()
            sinks.pop()
        else:
            sinks[-1].append(Node("out", words))
    rest = source[at:]
    sinks[-1].append(Node("text", [], rest.lstrip() if trim else rest))
    if len(stack) != 1:
        raise TemplateError("a block has no end")
    return root


class Renderer:
    """Templates that know each other's definitions."""

    def __init__(self) -> None:
        self.defined: dict[str, Node] = {}

    def load(self, source: str) -> Node:
        """Parse, and remember what is defined."""
        tree = parse(source)
        for node in tree.body:
            if node.kind == "define":
                self.defined[node.words[0].strip('"')] = node
        return tree

    def render(self, node: Node, dot: Any, names: Context) -> str:
        return self._walk(node.body, dot, names)

    def _walk(self, nodes: list[Node], dot: Any, names: Context) -> str:
        return "".join(self._one(node, dot, names) for node in nodes)

    def _one(self, node: Node, dot: Any, names: Context) -> str:
        if node.kind == "text":
            return node.text
        if node.kind == "define":
            return ""
        if node.kind == "out":
            return _text(self.value(node.words, dot, names))
        if node.kind == "range":
            return self._range(node, dot, names)
        found = self.value(node.words, dot, names)
        if not found:
            return self._walk(node.otherwise, dot, names)
        return self._walk(node.body, found if node.kind == "with" else dot, names)

    def _range(self, node: Node, dot: Any, names: Context) -> str:
        variables: list[str] = []
        words = node.words
        if ":=" in words:
            cut = words.index(":=")
            variables = [word for word in words[:cut] if word != ","]
            words = words[cut + 1 :]
        found = self.value(words, dot, names)
        # Go walks the keys of a map in their order.
        pairs = sorted(found.items()) if isinstance(found, Mapping) else list(enumerate(found or ()))
        out = []
        for key, item in pairs:
            given = [item] if len(variables) == 1 else [key, item]
            inner = {**names, **dict(zip(variables, given, strict=False))}
            out.append(self._walk(node.body, item, inner))
        return "".join(out)

    def value(self, words: list[str], dot: Any, names: Context) -> Any:
        """Work out a pipeline."""
        stages: list[list[str]] = [[]]
        depth = 0
        for word in words:
            depth += (word == "(") - (word == ")")
            if word == "|" and not depth:
                stages.append([])
            else:
                stages[-1].append(word)
        found: Any = None
        for number, stage in enumerate(stages):
            arguments = self._arguments(stage[1:], dot, names)
            if number:
                arguments.append(found)
            found = self._call(stage, arguments, dot, names)
        return found

    def _call(self, stage: list[str], arguments: list[Any], dot: Any, names: Context) -> Any:
        head = stage[0]
        if head in FUNCTIONS:
            return FUNCTIONS[head](*arguments)
        if head == "include":
            name, given = arguments
            return self._walk(self.defined[name].body, given, {"$": given})
        found = self._arguments(stage, dot, names)
        if len(found) != 1:
            raise TemplateError(f"not known: {' '.join(stage)}")
        return found[0]

    def _arguments(self, words: list[str], dot: Any, names: Context) -> list[Any]:
        found: list[Any] = []
        at = 0
        while at < len(words):
            word = words[at]
            if word == "(":
                depth, end = 1, at
                while depth:
                    end += 1
                    depth += (words[end] == "(") - (words[end] == ")")
                found.append(self.value(words[at + 1 : end], dot, names))
                at = end
            else:
                found.append(_atom(word, dot, names))
            at += 1
        return found


def _atom(word: str, dot: Any, names: Context) -> Any:
    if word.startswith('"'):
        return word[1:-1].replace('\\"', '"')
    if re.fullmatch(r"-?\d+", word):
        return int(word)
    if word in {"true", "false"}:
        return word == "true"
    if word == ".":
        return dot
    if word.startswith("."):
        return _dig(dot, word[1:])
    if word.startswith("$"):
        name, _, path = word.partition(".")
        return _dig(names[name], path) if path else names[name]
    raise TemplateError(f"not known: {word}")


def _dig(found: Any, path: str) -> Any:
    for step in path.split("."):
        if not isinstance(found, Mapping):
            raise TemplateError(f"nothing below {step} of {path}")
        found = found.get(step)
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _required(message: str, value: Any) -> Any:
    if value in (None, ""):
        raise TemplateError(message)
    return value


def _to_yaml(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=False, sort_keys=True).rstrip("\n")


def _indent(count: int, value: str) -> str:
    return "\n".join(" " * count + line if line else line for line in value.split("\n"))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "quote": lambda value: '"' + _text(value).replace("\\", "\\\\").replace('"', '\\"') + '"',
    "default": lambda fallback, value: value or fallback,
    "printf": lambda form, *values: form % values,
    "eq": lambda one, two: one == two,
    "not": lambda value: not value,
    "list": lambda *values: list(values),
    "required": _required,
    "toYaml": _to_yaml,
    "nindent": lambda count, value: "\n" + _indent(count, value),
}


def render_chart(folder: Path, values: Mapping[str, Any], *, release: str = "shop") -> dict[str, str]:
    """Every template of a chart as text, by file name; `values` are laid over the chart's own."""
    chart = yaml.safe_load((folder / "Chart.yaml").read_text())
    own = yaml.safe_load((folder / "values.yaml").read_text())
    dot = {
        "Values": merge(own, values),
        "Chart": {"AppVersion": chart["appVersion"], "Name": chart["name"]},
        "Release": {"Name": release, "Service": "Helm", "Namespace": "default"},
    }
    renderer = Renderer()
    trees = {path.name: renderer.load(path.read_text()) for path in sorted((folder / "templates").iterdir())}
    return {
        name: renderer.render(tree, dot, {"$": dot})
        for name, tree in trees.items()
        if not name.startswith("_")
    }


def merge(below: Any, above: Any) -> Any:
    """Values as Helm lays them over each other: maps are merged, all else is replaced."""
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return {
            key: merge(below.get(key), above[key]) if key in above else below[key]
            for key in {**below, **above}
        }
    return above
