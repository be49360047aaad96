"""How is a broken rule told? What, where, why it matters, and what to do: a sentence or a command to run."""

from dataclasses import dataclass

from schemas.comparing import Change, changes
from schemas.history import History
from schemas.rendering import schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """`where` is an event version, a class or a file."""

    rule: str
    where: str
    what: str
    why: str
    fix: str


def listed(found: tuple[Change, ...]) -> str:
    """All changes in a line: `order.lines[].colour: added, string; …`."""
    return "; ".join(f"{change.path}: {change.what}" if change.path else change.what for change in found)


def changed_in_place(history: History, version: int, was: object) -> Violation:
    """The class of a published version, or a class inside it, is no longer what it was."""
    found = changes(was, schema(history, version))
    own = history.event_type.partition(".")[2]
    inner = sorted({change.record for change in found} - {own, ""})
    source = f"schemas/events/{history.aggregate}.py"
    if version < history.newest_version and not inner:
        old = history.versions[version - 1].__name__
        put_right = f"put {old} in {source} back as it was (`git diff {source}`): an old version is kept, never mended"
    else:
        names = " and ".join(inner) or history.versions[version - 1].__name__
        changing = f" --changing {' '.join(inner)}" if inner else ""
        put_right = (
            f"put {names} in {source} back as it was (`git diff {source}`), run "
            f"`rustok schemas new-version {history.event_type}{changing}` and make the change in the new class"
        )
    return Violation(
        rule="published-changed",
        where=f"{history.event_type}@{version}",
        what=listed(found) or "its Avro form is written differently",
        why="events of this version are stored for ever: nobody could say any more what their bytes mean",
        fix=put_right,
    )


def shown(violation: Violation) -> str:
    """For people, in five lines."""
    return (
        f"✗ {violation.where}: {violation.rule}\n"
        f"    what  {violation.what}\n"
        f"    why   {violation.why}\n"
        f"    fix   {violation.fix}"
    )
