"""Notices that a published version is lifted in another way than before: what is stored is then read differently.

It may be right, for an upcast that was wrong is mended so; whoever does it should know what it changes. What an upcast
says is compared, with the functions of its file that it calls: comments, docstrings and where a class stands in its
history are nothing to it.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schemas.evolving.event_source import SourceFile
from schemas.evolving.published_schemas import ROOT, PublishedState
from schemas.evolving.violations import Hint

LIFTS: Final = "from_previous"
_FOLDER: Final = "schemas/events"
_VERSION: Final = re.compile(r"(?<=\w)V\d+\b")
_SAYS: Final = (
    "it lifts in another way than in {name}, so what is stored is read differently: `rustok schemas impact` shows what"
    " changes, and read models made before have what was read then, until they are made again"
)


@dataclass(frozen=True, slots=True)
class _Upcast:
    """Of the class `owner`; `text` is what it does."""

    owner: str
    text: str


def changed_upcasts(base: PublishedState, root: Path = ROOT) -> tuple[Hint, ...]:
    """A hint for each class whose older form is lifted in another way than in `base`."""
    found = []
    for file, text in sorted(base.sources.items()):
        today = root / _FOLDER / file
        if not today.is_file():
            continue
        before, now = _upcasts(text), _upcasts(today.read_text())
        found += [
            Hint(f"{now[lifted].owner}.{LIFTS} in {_FOLDER}/{file}", _SAYS.format(name=base.name))
            for lifted, upcast in before.items()
            if lifted in now and now[lifted].text != upcast.text
        ]
    return tuple(found)


def _upcasts(text: str) -> dict[str, _Upcast]:
    """By the class that is lifted, which keeps its name for good."""
    try:
        source = SourceFile(text)
    except SyntaxError:  # of what is published: nothing can be compared with it
        return {}
    functions = {node.name: node for node in source.tree.body if isinstance(node, ast.FunctionDef)}
    found = {}
    for owner, node in source.classes.items():
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef) and statement.name == LIFTS and len(statement.args.args) > 1:
                lifted = statement.args.args[1].annotation
                called = _called(statement, functions)
                done = "\n".join(_done(one) for one in (statement, *called.values()))
                found[ast.unparse(lifted) if lifted else owner] = _Upcast(owner, done)
    return found


def _called(function: ast.FunctionDef, known: Mapping[str, ast.FunctionDef]) -> dict[str, ast.FunctionDef]:
    """The functions of the file that it uses, and those that they use."""
    found: dict[str, ast.FunctionDef] = {}
    left = [function]
    while left:
        for name in _names(left.pop()):
            if name in known and name not in found:
                found[name] = known[name]
                left.append(known[name])
    return found


def _names(function: ast.FunctionDef) -> Iterator[str]:
    return (node.id for node in ast.walk(function) if isinstance(node, ast.Name))


def _done(function: ast.FunctionDef) -> str:
    """What it does, as text: without docstring and annotations of its own, and without the numbers of versions."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return _VERSION.sub("", "\n".join(ast.unparse(statement) for statement in body))
