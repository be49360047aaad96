"""Requires a sentence for every field of today's events, and hands out the line to fill in."""

from collections.abc import Iterable, Iterator
from dataclasses import fields

from schemas.event_catalogue import HISTORIES
from schemas.event_history import History
from schemas.evolving.rule_checks import classes_in, stem
from schemas.evolving.violations import Violation
from schemas.field_meanings import UNSAID, meaning


def unexplained(histories: Iterable[History] = HISTORIES) -> list[Violation]:
    """One for each field of a newest version, or a class inside it, that has no line in `schemas/field_meanings.py`."""
    return list(dict.fromkeys(found for history in histories for found in _of(history)))


def _of(history: History) -> Iterator[Violation]:
    for cls in classes_in(history.newest):
        for field in fields(cls):
            if not meaning(cls, field.name):
                yield Violation(
                    rule="unexplained",
                    where=f"schemas/events/{history.aggregate}.py {cls.__name__}.{field.name}",
                    what="nobody says what it means",
                    why="the catalogue of events is all that most consumers ever read of it",
                    fix=f"put this line into MEANINGS of schemas/field_meanings.py, and say it there:  "
                    f'"{stem(cls)}.{field.name}": "{UNSAID}",',
                )
