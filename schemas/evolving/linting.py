"""Do all classes of events keep the rules?"""

from collections.abc import Iterable

from schemas.catalogue import HISTORIES
from schemas.evolving.rules import RULES
from schemas.evolving.violations import Violation
from schemas.history import History


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
