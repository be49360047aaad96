"""Remembers how far a restore has come, in a file of the stack's folder, so that one that was killed goes on."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ops.failure import Failure

NAME: Final = "restore.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is restored: a backup, brought to a moment (None: the newest) with the log that was archived there."""

    backup: str
    at: str | None
    archive: str | None

    @classmethod
    def of(cls, backup: Path, at: datetime | None, archive: Path | None) -> "Wanted":
        return cls(
            backup=str(backup),
            at=None if at is None else at.isoformat(),
            archive=None if archive is None else str(archive),
        )


@dataclass(slots=True)
class Progress:
    """`steps`: how many seconds each took that is done. `found`: what they found out."""

    file: Path
    wanted: Wanted
    steps: dict[str, float] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[bool]:
        """Whether it is still to be done; it counts as done when the block ends well."""
        is_due, began = name not in self.steps, time.monotonic()
        yield is_due
        if is_due:
            self.steps[name] = round(time.monotonic() - began, 2)
            self.keep()

    def note(self, found: Mapping[str, Any]) -> None:
        """Kept with the step that is under way."""
        self.found.update(found)

    def keep(self) -> None:
        told = {
            "backup": self.wanted.backup,
            "at": self.wanted.at,
            "archive": self.wanted.archive,
            "steps": self.steps,
            "found": self.found,
        }
        arriving = self.file.with_name(f".{self.file.name}.arriving")
        with arriving.open("w") as file:
            file.write(json.dumps(told))
            file.flush()
            os.fsync(file.fileno())
        arriving.rename(self.file)


def begun(folder: Path, wanted: Wanted) -> Progress | None:
    """That of a restore which has not come to its end; None: there is none, or another that has done nothing yet.

    Raises `Failure` when it is another.
    """
    file = folder / NAME
    if not file.is_file():
        return None
    told = json.loads(file.read_text())
    before = Wanted(backup=told["backup"], at=told["at"], archive=told["archive"])
    if before != wanted:
        if not told["steps"]:
            return None
        raise Failure(
            f"A restore of {before.backup} to {before.at or 'its newest moment'} has not come to its end here.",
            "Run that again, or `rustok down --delete-data` and then this.",
        )
    return Progress(file, wanted, told["steps"], told["found"])


def unfinished(folder: Path) -> str | None:
    """The command that goes on with a restore which has begun to write, and has not come to its end."""
    file = folder / NAME
    told = json.loads(file.read_text()) if file.is_file() else {}
    if not told.get("steps"):
        return None
    at, archive = (f" --{name} {told[name]}" if told[name] else "" for name in ("at", "archive"))
    return f"rustok restore {told['backup']}{at}{archive}"
