"""Gives an event its next version: keeps its class as it is under the old version's name, and copies it.

The old class (`OrderPlacedV1`) stays frozen as published. The new one has the event's name, a docstring that asks why
it came, and `from_previous`, which copies every field. A class *inside* events (`Order`) is changed the same way: then
every class and every event that holds it gets a new version, and what is old goes on holding the old one.

Whoever has changed a class already need not undo it: what is kept is the class as it is published, where that is known.
A class whose newest version is not published yet takes in what changes inside it, and gets no further number.
"""

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schemas.evolving.event_guess import no_event
from schemas.evolving.event_source import VERSIONED, Edit, SourceFile, held, own_fields, renamed
from schemas.evolving.next_class import UNSAID, copied, lifted_anew

EVENTS: Final = Path(__file__).parents[1] / "events"


class NotPossible(ValueError):
    """No version can be made from what was asked for; the message says why."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """`events` are `(event type, its new version)`, `frozen` maps each class to the name its old form has now.

    `taken_in` are events whose unpublished version has the change now, `beside` classes inside events that are not as
    they are published and that nobody asked for.
    """

    path: Path
    text: str
    events: tuple[tuple[str, int], ...]
    frozen: Mapping[str, str]
    taken_in: tuple[tuple[str, int], ...] = ()
    beside: tuple[str, ...] = ()


def prepare(
    event_types: Sequence[str],
    changing: Sequence[str] = (),
    why: str = UNSAID,
    folder: Path = EVENTS,
    published: Mapping[str, str] | None = None,
) -> list[Prepared]:
    """The files as they would be; writes nothing. `published` are sources by file name. Raises `NotPossible`."""
    files = {
        path: _Events(SourceFile(path.read_text()), SourceFile((published or {}).get(path.name, "")))
        for path in sorted(folder.glob("*.py"))
        if path.stem != "__init__"
    }
    for name in changing:
        if not any(name in each.source.classes for each in files.values()):
            raise NotPossible(f"there is no class {name} in schemas/events")
    for event_type in event_types:
        if not any(event_type in each.histories for each in files.values()):
            events = [name for each in files.values() for name in each.histories]
            raise NotPossible(no_event(event_type, events, _classes(files.values())))
    prepared = []
    for path, each in files.items():
        named = [name for name in event_types if name in each.histories]
        inner = [name for name in changing if name in each.source.classes]
        if named or inner:
            prepared.append(each.with_new_versions(path, named, inner, why))
    return prepared


def _classes(files: Iterable["_Events"]) -> dict[str, str]:
    """Each class of today, and the event it is the class of."""
    found: dict[str, str] = {}
    for each in files:
        found |= dict.fromkeys(each.source.classes, "")
        found |= {cls.id: event_type for event_type, versions in each.histories.items() for cls in versions}
    return found


class _Events:
    """One file: its classes, and each event's versions as its `History` lists them."""

    def __init__(self, source: SourceFile, published: SourceFile) -> None:
        self.source = source
        self.published = published
        self.histories: dict[str, list[ast.Name]] = {}
        for node in ast.walk(source.tree):
            match node:
                case ast.Call(func=ast.Name("History"), args=[ast.Constant(str(event_type)), ast.Tuple(elts=versions)]):
                    self.histories[event_type] = [each for each in versions if isinstance(each, ast.Name)]

    def with_new_versions(self, path: Path, event_types: list[str], changing: list[str], why: str) -> Prepared:
        touched = self._touched(event_types, changing)
        asked = {*changing, *(self.histories[event_type][-1].id for event_type in event_types)}
        waiting = [name for name in touched if name not in asked and self._is_unpublished(name)]
        touched = [name for name in touched if name not in waiting]
        events = {event_type: each for event_type, each in self.histories.items() if each[-1].id in touched}
        numbers = {each[-1].id: len(each) for each in self.histories.values()}
        frozen = {name: f"{name}V{numbers.get(name, self._number(name))}" for name in touched}
        edits = [self._class_edit(name, frozen, numbers, why, waiting) for name in self.source.classes]
        for versions in events.values():
            start, end = self.source.span(versions[-1])
            both = f"{frozen[versions[-1].id]}, {versions[-1].id}"
            # A tuple of one has a comma that a tuple of two does not need.
            end += len(",") if len(versions) == 1 and self.source.text[end] == "," else 0
            edits.append(Edit(start, end, both))
        taken_in = {event_type: len(each) for event_type, each in self.histories.items() if each[-1].id in waiting}
        return Prepared(
            path,
            self.source.edited([edit for edit in edits if edit is not None]),
            tuple((event_type, len(each) + 1) for event_type, each in events.items()),
            frozen,
            tuple(taken_in.items()),
            tuple(name for name in self.source.classes if name not in frozen and self._is_changed(name)),
        )

    def _is_unpublished(self, name: str) -> bool:
        """Nobody has seen its newest version: the class before it, or it itself, is not where everybody builds on."""
        if not self.published.classes:
            return False
        number = next((len(each) for each in self.histories.values() if each[-1].id == name), self._number(name))
        return (name if number == 1 else f"{name}V{number - 1}") not in self.published.classes

    def _is_changed(self, name: str) -> bool:
        """A class inside events has other fields than it is published with, under the same number."""
        is_event = any(each[-1].id == name for each in self.histories.values())
        was = self.published.classes.get(name)
        if was is None or is_event or self._is_old(name) or self._is_unpublished(name):
            return False
        return _told(was) != _told(self.source.classes[name])

    def _touched(self, event_types: list[str], changing: list[str]) -> list[str]:
        """The classes that change, and all of today's that hold one of them, in the order of the file."""
        newest = {each[-1].id: event_type for event_type, each in self.histories.items()}
        for name in changing:
            if name in newest:
                raise NotPossible(f"{name} is an event: `rustok schemas new-version {newest[name]}`")
            if self._is_old(name):
                raise NotPossible(f"{name} is old already; an old version is kept, not changed")
            if self._is_unpublished(name):
                raise NotPossible(
                    f"version {self._number(name)} of {name} is not published yet: edit its class instead."
                )
        touched = frozenset(changing)
        while True:
            holders = {
                name
                for name, node in self.source.classes.items()
                if not self._is_old(name) and any(held(hint, touched) for _, hint in own_fields(node))
            }
            if holders <= touched:
                break
            touched |= holders
        touched |= {self.histories[event_type][-1].id for event_type in event_types}
        return [name for name in self.source.classes if name in touched]

    def _is_old(self, name: str) -> bool:
        versioned = VERSIONED.match(name)
        return versioned is not None and versioned[1] in self.source.classes

    def _number(self, name: str) -> int:
        """The version that today's form of a class inside events has."""
        found = [VERSIONED.match(other) for other in self.source.classes]
        return 1 + max((int(each[2]) for each in found if each and each[1] == name), default=0)

    def _class_edit(
        self, name: str, frozen: Mapping[str, str], numbers: Mapping[str, int], why: str, waiting: Sequence[str]
    ) -> Edit | None:
        start, end = self.source.class_span(name)
        text = self.source.class_text(name)
        if name in frozen:
            number = 1 + numbers.get(name, self._number(name))
            was = self.published.class_text(name) or text
            return Edit(start, end, f"{renamed(was, frozen)}\n\n\n{copied(text, was, number, frozen, why)}")
        if name in waiting:
            return Edit(start, end, lifted_anew(text, {each: each for each in (*frozen, *waiting)}))
        return Edit(start, end, renamed(text, frozen)) if self._is_old(name) else None


def _told(node: ast.ClassDef) -> list[tuple[str, str]]:
    return [(name, ast.unparse(hint)) for name, hint in own_fields(node)]
