"""Lets a renewed lock count when the first run passes on it; otherwise puts the old one back and keeps the new one
aside.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.failure import Failure


@dataclass(frozen=True, slots=True)
class Lock:
    """A file and how a new one is made. `versions` are those a text of it names; a name may have more than one."""

    file: Path
    made_anew: Callable[[], str]
    versions: Callable[[str], dict[str, str]]


def renew(locks: Sequence[Lock], passes: Callable[[], bool], aside: Path, tell: Callable[[str], None]) -> list[str]:
    """Writes the new locks and says what changed, once `passes` has said that they work.

    Raises `Failure` when they do not: then the files are as they were, and the new ones are in the folder `aside`.
    """
    old = {lock.file: lock.file.read_text() for lock in locks}
    new = {lock.file: lock.made_anew() for lock in locks}
    changes = [change for lock in locks for change in changed(lock, old[lock.file], new[lock.file])]
    tell("\n".join(changes) or "No version has changed.")
    is_fine = False
    try:
        _write(new)
        is_fine = passes()
    finally:
        if not is_fine:
            _write(old)
            aside.mkdir(parents=True, exist_ok=True)
            _write({aside / file.name: text for file, text in new.items()})
    if not is_fine:
        raise Failure(
            f"The first run does not pass with the new locks. The old ones are in place again, the new in {aside}.",
            "Hold the package at fault back by a bound in pyproject.toml, or adapt the code, and run this again.",
        )
    return changes


def changed(lock: Lock, old: str, new: str) -> list[str]:
    """A line for each name whose versions are others now."""
    before, after = lock.versions(old), lock.versions(new)
    lines = []
    for name in sorted(before.keys() | after.keys()):
        match before.get(name), after.get(name):
            case None, str(now):
                lines.append(f"  + {name} {now}")
            case str(then), None:
                lines.append(f"  - {name} {then}")
            case then, now if then != now:
                lines.append(f"    {name} {then} → {now}")
    if not lines and old != new:
        lines.append("    the same versions, with other files")
    return [f"{lock.file.name}:", *lines] if lines else []


def _write(texts: dict[Path, str]) -> None:
    for file, text in texts.items():
        file.write_text(text)
