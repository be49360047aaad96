"""Tells a broken rule: what, where, why it matters, and what to do, as a sentence or a command to run."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from schemas.avro_schema import schema
from schemas.event_history import History
from schemas.evolving.rule_checks import classes_in, stem
from schemas.evolving.schema_comparison import REWORDED, SchemaChange, changes

#: So many places of one violation are told to people.
FEW: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """`where` is an event's version (`order.placed@1`), a class or a file."""

    rule: str
    where: str
    what: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Breaks no rule, and somebody should look at it."""

    where: str
    says: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`new` are the versions that nobody has seen yet."""

    violations: tuple[Violation, ...]
    published: int
    new: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()


def shown(violation: Violation) -> str:
    """For people, in four lines."""
    return (
        f"✗ {_few(violation.where)}: {violation.rule}\n"
        f"    what  {violation.what}\n    why   {violation.why}\n    fix   {violation.fix}"
    )


def hinted(hint: Hint) -> str:
    return f"? {_few(hint.where)}: {hint.says}"


def _few(where: str) -> str:
    places = where.split(", ")
    return ", ".join(places[:FEW]) + (f" and {len(places) - FEW} more" if len(places) > FEW else "")


def merged(violations: Iterable[Violation]) -> list[Violation]:
    """One for each cause: a class that was changed inside five events is told once, with all five places."""
    places: dict[Violation, list[str]] = {}
    for violation in violations:
        places.setdefault(replace(violation, where=""), []).append(violation.where)
    return [replace(cause, where=", ".join(where)) for cause, where in places.items()]


def told(found: Iterable[SchemaChange]) -> str:
    """All changes in a line: `order.lines[].colour: added, string; …`."""
    return "; ".join(f"{change.path}: {change.what}" if change.path else change.what for change in found)


def changed_in_place(history: History, version: int, was: object) -> Violation:
    """The class of a published version, or a class inside it, is no longer what it was."""
    found = changes(was, schema(history, version))
    own = history.event_type.partition(".")[2]
    classes = classes_in(history.versions[version - 1])
    names = {stem(cls): cls.__name__ for cls in classes}
    inner = sorted({names.get(change.record, change.record) for change in found} - {own, ""})
    culprits = inner or [history.versions[version - 1].__name__]
    is_old = version < history.newest_version if not inner else any(name != stem(name) for name in inner)
    what = f"{' and '.join(culprits)} in schemas/events/{history.aggregate}.py"
    gone = [name for name in inner if name not in names.values()]
    if gone:
        fix = f"call {' and '.join(gone)} so again: the name of a record is part of its schema, for good"
    elif all(change.what == REWORDED for change in found):
        fix = f"put the first line of the docstring of {what} back: it is in the schema. Below it write what you like"
    elif is_old:
        fix = f"put {what} back as it was: an old version is kept, never mended"
    else:
        fix = f"rustok schemas new-version {' '.join(f'--changing {name}' for name in inner) or history.event_type}"
    return Violation(
        rule="published-changed",
        where=f"{history.event_type}@{version}",
        what=told(found) or "its Avro form is written differently",
        why="events of this version are stored for ever: nobody could say any more what their bytes mean",
        fix=fix,
    )
