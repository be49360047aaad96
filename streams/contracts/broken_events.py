"""Refuses to compare an event with what runs while this tree cannot read what is stored of it."""

from typing import Final

from schemas.event_history import History
from schemas.evolving.compatibility_check import check
from schemas.evolving.published_schemas import PublishedState
from schemas.evolving.rule_checks import classes_in
from schemas.evolving.violations import Violation

#: Rules without which no event of this tree is what the log has.
NEEDED: Final = frozenset(
    {
        "agreed-types",
        "event-removed",
        "golden-changed",
        "golden-unreadable",
        "lifts",
        "named",
        "published-changed",
        "version-removed",
    }
)


def broken_of(history: History, base: PublishedState) -> list[Violation]:
    """What `rustok schemas check` says of this event, as far as it matters here."""
    return [each for each in check(base).violations if each.rule in NEEDED and _is_about(history, each)]


def _is_about(history: History, violation: Violation) -> bool:
    classes = {cls.__name__ for version in history.versions for cls in classes_in(version)}
    for place in violation.where.split(", "):
        name = place.rpartition(" ")[2].removeprefix("tests/golden/")
        if name == history.event_type or name.startswith((f"{history.event_type}@", f"{history.event_type}.v")):
            return True
        if name in classes:
            return True
    return False
