"""How is a broken rule told? What, where, why it matters, and what to do: a sentence or a command to run."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from schemas.comparing import Change, changes
from schemas.history import History
from schemas.rendering import schema
from schemas.shapes import classes_in, stem


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """`where` is an event's version (`order.placed@1`), a class or a file."""

    rule: str
    where: str
    what: str
    why: str
    fix: str


def shown(violation: Violation) -> str:
    """For people, in four lines."""
    return (
        f"✗ {violation.where}: {violation.rule}\n"
        f"    what  {violation.what}\n"
        f"    why   {violation.why}\n"
        f"    fix   {violation.fix}"
    )


def merged(violations: Iterable[Violation]) -> list[Violation]:
    """One for each cause: a class that was changed inside five events is told once, with all five places."""
    places: dict[Violation, list[str]] = {}
    for violation in violations:
        places.setdefault(replace(violation, where=""), []).append(violation.where)
    return [replace(cause, where=", ".join(where)) for cause, where in places.items()]


def told(found: Iterable[Change]) -> str:
    """All changes in a line: `order.lines[].colour: added, string; …`."""
    return "; ".join(f"{change.path}: {change.what}" if change.path else change.what for change in found)


def changed_in_place(history: History, version: int, was: object) -> Violation:
    """The class of a published version, or a class inside it, is no longer what it was."""
    found = changes(was, schema(history, version))
    source = f"schemas/events/{history.aggregate}.py"
    own = history.event_type.partition(".")[2]
    names = {stem(cls): cls.__name__ for cls in classes_in(history.versions[version - 1])}
    inner = sorted({names.get(change.record, change.record) for change in found} - {own, ""})
    culprits = inner or [history.versions[version - 1].__name__]
    back = f"put {' and '.join(culprits)} in {source} back as it was (`git diff {source}`)"
    if any(culprit != stem(culprit) for culprit in culprits):
        fix = f"{back}: an old version is kept, never mended"
    else:
        asked = " ".join(f"--changing {name}" for name in inner) or history.event_type
        fix = f"{back}, run `rustok schemas new-version {asked}` and make the change in the new class"
    return Violation(
        rule="published-changed",
        where=f"{history.event_type}@{version}",
        what=told(found) or "its Avro form is written differently",
        why="events of this version are stored for ever: nobody could say any more what their bytes mean",
        fix=fix,
    )
