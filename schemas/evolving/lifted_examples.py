"""Lifts many made events of every older version to the newest: what golden files have no example of may be stored, too.

A golden file is written once and has three examples. Which fields are null together, and inside of what, are more ways
than that; an upcast has to take all of them.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from schemas.event_history import History
from schemas.evolving import golden_files
from schemas.evolving.random_events import Generator
from schemas.evolving.violations import Violation

#: Of each version. Of what can be null half is.
_EXAMPLES: Final = 20
_NULLS: Final = 0.5


def not_lifted(histories: Iterable[History]) -> Iterator[Violation]:
    """One for each version of which an event cannot be lifted."""
    for history in histories:
        for version in range(1, history.newest_version):
            reason = why_not(history, version)
            if reason:
                yield Violation(
                    rule="not-lifted",
                    where=f"{history.event_type}@{version}",
                    what=reason,
                    why="an event like this may be stored, and nobody could read it any more",
                    fix=f"mend {reason.partition(':')[0] if '.from_previous:' in reason else 'its from_previous'}",
                )


def why_not(history: History, version: int) -> str:
    """What is wrong with lifting events of this version; nothing when all is well."""
    generator = Generator(nulls=_NULLS)
    for _ in range(_EXAMPLES):
        event = generator.event(history.versions[version - 1])
        try:
            lifted = history.upcast(event, version)
            if type(lifted) is not history.newest:
                return f"lifting it ends at {type(lifted).__name__}, not at {history.newest.__name__}"
            golden_files.body(history, history.newest_version, lifted)
        except Exception as failed:  # noqa: BLE001  # whatever an upcast raises, it does not lift
            return f"{golden_files.culprit(failed)}{type(failed).__name__}: {failed}"
    return ""
