"""Says what a backup is of and what is in it: `backup.json`, the last thing that is written into its folder.

A folder with this file is a whole backup; one without it is none.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ops.failure import Failure

FORMAT: Final = 1
NAME: Final = "backup.json"
PREFIX: Final = "base-"
POSTGRES: Final = "postgres"
READ_MODELS: Final = "read-models"
KEYS: Final = "keys"
_STAMP: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """`path` is within the backup."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`made_at` is when it was begun. Whoever is brought to a moment from `ended_at` on has all that was committed by
    then. `is_local`: of the PostgreSQL that `rustok up` starts. `files`: all but PostgreSQL's own, which have a
    manifest of their own; `keys`: the names of those that are in it.
    """

    made_at: datetime
    ended_at: datetime
    stack: str
    code: str
    revision: str
    epoch: int
    is_local: bool
    server_version: str
    system_identifier: str
    timeline: int
    start_lsn: str
    end_lsn: str
    bytes: Mapping[str, int]
    keys: Sequence[str] = ()
    files: Sequence[ListedFile] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole one, in its folder."""

    folder: Path
    manifest: Manifest


def folder_name(made_at: datetime) -> str:
    return f"{PREFIX}{made_at.astimezone(UTC).strftime(_STAMP)}"


def write(folder: Path, manifest: Manifest) -> None:
    (folder / NAME).write_text(f"{as_json(manifest)}\n")


def as_json(manifest: Manifest) -> str:
    return json.dumps({"format": FORMAT, **asdict(manifest)}, default=_text, indent=1)


def read(folder: Path) -> Backup:
    """Raises `Failure` when it is no whole backup, or one of a format of later."""
    file = folder / NAME
    try:
        told = json.loads(file.read_text())
        if told.pop("format") > FORMAT:
            raise Failure(f"{folder} is of a newer version of RusToK.", "Restore it with that version.")
        moments: dict[str, Any] = {name: datetime.fromisoformat(told.pop(name)) for name in ("made_at", "ended_at")}
        files = tuple(ListedFile(**one) for one in told.pop("files"))
        return Backup(folder, Manifest(**moments, files=files, keys=tuple(told.pop("keys")), **told))
    except (FileNotFoundError, NotADirectoryError) as missing:
        raise Failure(
            f"{folder} is no whole backup: it has no {NAME}.", "Name a folder of `rustok backup`."
        ) from missing
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.", "Put that right, and run this again.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as strange:
        raise Failure(
            f"{file} is not as `rustok backup` wrote it: it cannot be read.", "Restore from another backup."
        ) from strange


def whole(folder: Path) -> list[Backup]:
    """Those in the folder, the oldest first."""
    return [read(path.parent) for path in sorted(folder.glob(f"{PREFIX}*/{NAME}"))]


def chosen(folder: Path, at: datetime | None) -> Backup:
    """The backup that this folder is, or the newest in it that can be brought to the moment `at`. Raises `Failure`."""
    found = [read(folder)] if (folder / NAME).is_file() else whole(folder)
    if not found:
        raise Failure(f"There is no whole backup in {folder}.", "Name the FOLDER that `rustok backup` was given.")
    fitting = [one for one in found if at is None or one.manifest.ended_at <= at]
    if not fitting:
        first = found[0].manifest.ended_at.isoformat(timespec="seconds")
        raise Failure(
            f"The oldest backup in {folder} ended at {first}.", "Name that moment, or a later one, with --at."
        )
    return fitting[-1]


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(repr(value))
