"""Takes a backup: what no table keeps, then the PostgreSQL that holds it all, then the keys.

In this order, for what a copy of the event archive tells of is then in the tables for certain. Everything is made in a
folder under another name, read again, written through to the disk, and renamed: a backup is whole or not there.
"""

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from ops.backup import backup_manifest, base_backup, keep_backups, listed_files
from ops.backup.backup_manifest import KEYS, POSTGRES, READ_MODELS, Backup, Manifest
from ops.backup.base_backup import Source
from ops.failure import Failure
from ops.local.machine_lock import alone
from ops.progress_display import Steps
from ops.scheduler import own_commands
from ops.settings import Settings

#: For what is written meanwhile, and a file system's own.
_ROOM: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """`archive_fails`: the segment of the log that could not be archived, if any; `removed`: backups that went."""

    backup: Backup
    seconds: float
    archive_fails: str | None
    removed: tuple[str, ...]


def take(settings: Settings, folder: Path, steps: Steps, *, with_keys: bool, keep: int | None) -> Made:
    """Raises `Failure`, and has then left nothing behind."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # called off is interrupted, and leaves nothing either
    source = base_backup.look(settings.postgres_url)
    programs = base_backup.programs(settings.folder.software, source.version)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(folder / ".lock", patience_s=0) as is_alone:
            if not is_alone:
                raise Failure(f"Another backup into {folder} is under way.", "Wait for it, or end it.")
            keep_backups.remove_unfinished(folder)
            backup = _made(settings, folder, source, programs, steps, with_keys=with_keys)
            removed = () if keep is None else keep_backups.keep_newest(folder, keep)
    except OSError as error:
        raise Failure(
            f"The backup could not be written: {error.strerror or error} ({error.filename or folder}).",
            "Put that right, or name another folder. Nothing was left behind.",
        ) from error
    return Made(
        backup=backup,
        seconds=round(time.monotonic() - began, 1),
        archive_fails=source.archive_fails,
        removed=removed,
    )


def _made(settings: Settings, folder: Path, source: Source, programs: Path, steps: Steps, *, with_keys: bool) -> Backup:
    made_at = datetime.now(UTC)
    whole = folder / backup_manifest.folder_name(made_at)
    if whole.exists():
        raise Failure(f"{whole} is there already.", "Run this again in a second.")
    free, needed = shutil.disk_usage(folder).free, source.bytes + _ROOM
    if free < needed:
        raise Failure(
            f"The disk of {folder} has {free // 1024**2} MB left, and a backup takes {needed // 1024**2} MB.",
            "Free some space, or name a folder on another disk.",
        )
    arriving = keep_backups.unfinished(whole)
    arriving.mkdir(mode=0o700)
    try:
        with _step(steps, "read models") as tell:
            tell("copying what no table keeps")
            _copy_read_models(settings, arriving / READ_MODELS)
            tell("what no table keeps is copied")
        with _step(steps, "postgres") as tell:
            taken = base_backup.take(programs, settings.postgres_url, arriving / POSTGRES, tell)
            ended_at = base_backup.look(settings.postgres_url).now
            tell("reading it again")
            base_backup.verify(programs, arriving / POSTGRES)
            tell(f"{listed_files.size(arriving / POSTGRES) / 1_000_000:,.0f} MB, read again")
        keys = _copy_keys(settings, arriving / KEYS) if with_keys else ()
        manifest = Manifest(
            made_at=made_at,
            ended_at=ended_at.astimezone(UTC),
            stack=settings.stack,
            code=version("rustok"),
            revision=source.revision,
            epoch=source.epoch,
            is_local=settings.starts_postgres,
            server_version=source.version,
            system_identifier=source.system_identifier,
            timeline=taken.timeline,
            start_lsn=taken.start_lsn,
            end_lsn=taken.end_lsn,
            bytes={part: listed_files.size(arriving / part) for part in (POSTGRES, READ_MODELS)},
            keys=keys,
            files=tuple(listed_files.listed(arriving, (READ_MODELS, KEYS))),
        )
        backup_manifest.write(arriving, manifest)
        with _step(steps, "disk") as tell:
            listed_files.sync_tree(arriving)
            tell("all of it is on the disk")
        arriving.rename(whole)
        listed_files.sync(folder)
    except BaseException:
        shutil.rmtree(arriving, ignore_errors=True)
        raise
    return Backup(whole, manifest)


def _copy_read_models(settings: Settings, into: Path) -> None:
    into.mkdir(mode=0o700)
    ended = own_commands.run(
        *("sinks", "copy", str(into), "--json"), settings={"home": settings.home, "stack": settings.stack}, most_s=None
    )
    if ended.code != 0:
        raise Failure(f"What no table keeps could not be copied.\n{ended.said}", "Nothing was left behind.")


def _copy_keys(settings: Settings, into: Path) -> tuple[str, ...]:
    """Those that the stack made; one that is given as a setting is not ours to copy."""
    into.mkdir(mode=0o700)
    keys = sorted(path for path in settings.folder.token_key.parent.iterdir() if not path.name.startswith("."))
    for key in keys:
        copy = into / key.name
        copy.touch(mode=0o600)
        copy.write_bytes(key.read_bytes())
    return tuple(key.name for key in keys)


@contextmanager
def _step(steps: Steps, name: str) -> Iterator[Callable[[str], None]]:
    with steps.together() as board, board.piece(name) as tell:
        yield tell
