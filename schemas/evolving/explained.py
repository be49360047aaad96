"""Does somebody say what every field of today's events means? Whoever adds one gets the line to fill in."""

from collections.abc import Iterable, Iterator
from dataclasses import fields

from schemas.catalogue import HISTORIES
from schemas.evolving.shapes import classes_in, stem
from schemas.evolving.violations import Violation
from schemas.history import History
from schemas.meanings import UNSAID, meaning


def unexplained(histories: Iterable[History] = HISTORIES) -> list[Violation]:
    """One for each field of a newest version, or of a class inside it, that has no line in `schemas/meanings.py`."""
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
                    fix=f"put this line into MEANINGS of schemas/meanings.py, and say it there:  "
                    f'"{stem(cls)}.{field.name}": "{UNSAID}",',
                )
