"""Finds published events that are missing or have versions out of place, because all else said of them would be wrong.

A History that lost an entry, or has two in each other's place, makes other versions look changed, and an event under
another name looks new. So such an event is told by its cause alone.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas import avro_schema
from schemas.event_catalogue import BY_TYPE
from schemas.event_history import History
from schemas.evolving.class_lint import lint
from schemas.evolving.derived_files import version_removed
from schemas.evolving.published_schemas import PublishedState
from schemas.evolving.rule_checks import class_names
from schemas.evolving.violations import Violation


@dataclass(frozen=True, slots=True)
class Misplaced:
    """`events` are those of which nothing else is to be said."""

    violations: tuple[Violation, ...] = ()
    events: frozenset[str] = frozenset()


def misplaced(base: PublishedState) -> Misplaced:
    found: list[Violation] = []
    events: set[str] = set()
    for event_type, versions in base.versions().items():
        history = BY_TYPE.get(event_type)
        if history is None:
            alike = _alike(base, event_type)
            told = [_event_removed(event_type, alike)]
            events.update(alike)
        elif history.newest_version < versions[-1]:
            told = list(_lost(history, versions[-1]))
        else:
            told = _in_other_places(history)
        if told:
            events.add(event_type)
            found += told
    return Misplaced(tuple(found), frozenset(events))


def _lost(history: History, published: int) -> Iterator[Violation]:
    there = {cls.__name__ for cls in history.versions}
    declared = vars(sys.modules[history.newest.__module__])
    for number, name in enumerate(class_names(history.event_type, published), start=1):
        if name not in there:
            yield version_removed(f"{history.event_type}.v{number}", name, is_declared=name in declared)


def _in_other_places(history: History) -> list[Violation]:
    """Two that are one class are no matter of order."""
    if len(set(history.versions)) < history.newest_version:
        return []
    return [violation for violation in lint([history]) if violation.rule == "named"]


def _alike(base: PublishedState, event_type: str) -> Sequence[str]:
    """New events with the same fields: it may be one of them under another name."""
    known = base.versions()
    was = json.loads(base.schemas[f"{event_type}.v{known[event_type][0]}.avsc"])["fields"]
    return [
        history.event_type
        for history in BY_TYPE.values()
        if history.event_type not in known and avro_schema.schema(history, 1)["fields"] == was
    ]


def _event_removed(event_type: str, alike: Sequence[str]) -> Violation:
    return Violation(
        rule="event-removed",
        where=event_type,
        what=f"it is gone; {alike[0]} looks like it under another name" if alike else "it is gone",
        why="its events are stored for ever, and consumers know them by this name",
        fix=f"put its History back in schemas/events/{event_type.partition('.')[0]}.py; an event that happens no "
        "more is just not written, and a better name is a new event beside it. If it was published after this branch "
        "began, merge it in",
    )
