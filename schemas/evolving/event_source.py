"""Reads and edits the source of an aggregate's events by the places its syntax tree gives.

What nobody wants changed keeps its words, comments and form: classes are cut out and put in as text, names are replaced
where they are used as names, and never in a docstring.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

VERSIONED = re.compile(r"^(\w+?)V(\d+)$")


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `start` up to `end` become `text`."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class SourceFile:
    """One Python file. `classes` are those at its top level, in their order."""

    text: str
    classes: dict[str, ast.ClassDef] = field(init=False)
    tree: ast.Module = field(init=False)
    _starts: list[int] = field(init=False)
    _lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.text)
        self.classes = {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}
        self._lines = self.text.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def place(self, line: int, column: int) -> int:
        """The character at a line (from 1) and a column in bytes, as the tree counts them."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        return self.place(node.lineno, node.col_offset), self.place(node.end_lineno or 0, node.end_col_offset or 0)

    def class_span(self, name: str) -> tuple[int, int]:
        """A class with its decorators, the comments directly above it and those at its end."""
        node = self.classes[name]
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        while first > 1 and self._lines[first - 2].startswith("#"):
            first -= 1
        last = ahead = node.end_lineno or 0
        while ahead < len(self._lines) and re.match(r"\s*$|\s+#", self._lines[ahead]):
            ahead += 1
            last = ahead if self._lines[ahead - 1].strip() else last
        return self._starts[first - 1], self._starts[last - 1] + len(self._lines[last - 1].rstrip("\n"))

    def class_text(self, name: str) -> str:
        """The same as text; empty where there is no such class."""
        return self.text[slice(*self.class_span(name))] if name in self.classes else ""

    def edited(self, edits: list[Edit]) -> str:
        text = self.text
        for edit in sorted(edits, key=lambda each: each.start, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text


def renamed(class_text: str, names: Mapping[str, str]) -> str:
    """A class whose own name and every name it uses is replaced, in annotations that are texts, too."""
    source = SourceFile(class_text)
    edits = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and node.name in names:
            start = class_text.index(node.name, source.place(node.lineno, node.col_offset) + len("class"))
            edits.append(Edit(start, start + len(node.name), names[node.name]))
        elif isinstance(node, ast.Name) and node.id in names:
            edits.append(Edit(*source.span(node), names[node.id]))
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, names)) + r")\b")
    for written in _texts_in_annotations(source.tree):
        start, end = source.span(written)
        edits.append(Edit(start, end, pattern.sub(lambda found: names[found[1]], class_text[start:end])))
    return source.edited(edits)


def held(annotation: ast.expr, names: frozenset[str]) -> frozenset[str]:
    """Which of these classes an annotation speaks of."""
    found = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    texts = [node.value for node in ast.walk(annotation) if isinstance(node, ast.Constant)]
    return names & (found | {word for text in texts if isinstance(text, str) for word in re.findall(r"\w+", text)})


def own_fields(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """The fields of a dataclass with their annotations, also where these are written as texts."""
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(name), annotation=ast.Constant(str(hint))):
                yield name, ast.parse(hint, mode="eval").body
            case ast.AnnAssign(target=ast.Name(name), annotation=hint):
                yield name, hint


def _texts_in_annotations(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        annotations: list[ast.expr | None] = []
        if isinstance(node, ast.AnnAssign):
            annotations = [node.annotation]
        elif isinstance(node, ast.FunctionDef):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            annotations = [node.returns, *(each.annotation for each in given)]
        for annotation in annotations:
            for inner in ast.walk(annotation) if annotation else ():
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    yield inner
