"""Holds all classes of events against the rules."""

from collections.abc import Iterable

from schemas.event_catalogue import HISTORIES
from schemas.event_history import History
from schemas.evolving.class_rules import RULES
from schemas.evolving.violations import Violation


def lint(histories: Iterable[History] = HISTORIES) -> list[Violation]:
    """Every rule that is broken somewhere; a class inside several events is named once."""
    found = [
        Violation(rule=rule.id, where=f"{_file(history)} {where}", what=what, why=rule.why, fix=rule.fix)
        for history in histories
        for rule in RULES
        for where, what in rule.broken(history)
    ]
    return list(dict.fromkeys(found))


def _file(history: History) -> str:
    return f"schemas/events/{history.aggregate}.py"
