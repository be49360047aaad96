"""Brings a stack back from a backup, from an empty folder to read models that are as the tables are.

Step by step: each is whole or not there, and what is done is noted, so that a restore which was killed at any moment is
run again and goes on. Kafka and the stores begin empty: what is in them afterwards was said by the tables, in a new
epoch, and nothing of the future that was lost is there.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from ops.backup import agree_again, backup_manifest, base_backup, listed_files, recover_postgres, restore_progress
from ops.backup.backup_manifest import KEYS, POSTGRES, READ_MODELS, Backup
from ops.backup.base_backup import Tell
from ops.backup.restore_progress import Progress, Wanted
from ops.failure import Failure
from ops.home import ServiceUser
from ops.local import stack_folders
from ops.local.bring_up_stack import bring_up
from ops.local.machine_lock import alone
from ops.progress_display import Steps
from ops.setting_names import require_known
from ops.settings import Settings

MILLION: Final = 1_000_000
FEW: Final = 1_000
NEW_EPOCH: Final = "new epoch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """`newest`: when the last thing was committed that is there. `steps`: seconds of each; `documents`: compared.
    `history`: events that left the outbox for the event archive once more; `missing`: those that it lacks.
    """

    backup: str
    newest: str
    epoch: int
    emitted: int
    documents: int
    history: int
    missing: int
    steps: dict[str, float]

    @property
    def seconds(self) -> float:
        return round(sum(self.steps.values()), 1)

    @property
    def seconds_per_million(self) -> float | None:
        """What grows with documents: telling them again, and comparing them. None for too few to say."""
        return round(self.steps[NEW_EPOCH] * MILLION / self.documents, 1) if self.documents >= FEW else None


def restore(
    settings: Settings, folder: Path, console: Console, *, at: datetime | None, archive: Path | None, free_ports: bool
) -> Restored:
    """Raises `Failure` that says what to do; what is done stays, and is not done again."""
    require_known(settings)
    archive = archive or settings.postgres_archive_dir
    backup = backup_manifest.chosen(folder, at)
    _check(settings, backup, at, archive)
    user = ServiceUser.choose(settings.service_user)
    wanted = Wanted.of(backup.folder, at, archive)
    progress = restore_progress.begun(settings.folder.root, wanted)
    if progress is None:
        _check_empty(settings, backup)
    stack_folders.make(settings.folder, user)
    with alone(settings.folder.run / "restore.lock", patience_s=0) as is_alone:
        if not is_alone:
            raise Failure(f"Another restore of the stack {settings.stack} is under way.", "Wait for it, or end it.")
        progress = progress or Progress(settings.folder.root / restore_progress.NAME, wanted)
        progress.keep()
        return _restored(settings, backup, progress, console, at=at, archive=archive, free_ports=free_ports)


def _restored(
    settings: Settings,
    backup: Backup,
    progress: Progress,
    console: Console,
    *,
    at: datetime | None,
    archive: Path | None,
    free_ports: bool,
) -> Restored:
    steps, user, manifest = Steps(console), ServiceUser.choose(settings.service_user), backup.manifest
    with _due(progress, steps, "backup") as tell:
        if tell:
            tell("reading it")
            _check_whole(settings, backup, archive, user)
            tell(f"of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC, whole")
    with _due(progress, steps, "keys") as tell:
        if tell:
            _put_keys(settings, backup)
            tell(f"{len(manifest.keys)} keys" if manifest.keys else "those that are here")
    with _due(progress, steps, "postgres") as tell:
        if tell and not (settings.folder.data("postgres") / "PG_VERSION").exists():
            tell("copying")
            recover_postgres.unpack(backup.folder / POSTGRES, settings.folder.data("postgres"), user)
            tell("copied")
    with _due(progress, steps, "read models") as tell:
        if tell:
            tell(f"copied {_put_read_models(settings, backup)} that no table keeps")
    settings = Settings(home=settings.home, stack=settings.stack)  # the keys are there only now
    with _due(progress, steps, "log") as tell:
        if tell and (recovered := recover_postgres.recover(settings, at, archive, tell)):
            newest = recovered.newest or manifest.ended_at
            progress.note({"newest": newest.isoformat(), "timeline": recovered.timeline})
    with progress.step("start"):
        settings = bring_up(settings, console, free_ports=free_ports).settings
    with _due(progress, steps, "history") as tell:
        if tell:
            progress.note({"history": agree_again.tell_history(settings, manifest.made_at, tell)})
    with _due(progress, steps, NEW_EPOCH) as tell:
        if tell:
            told = agree_again.begin_epoch(settings, tell)
            emitted, compared = sum(told["emitted"].values()), sum(told["compared"].values())
            progress.note({"epoch": told["epoch"], "emitted": emitted, "documents": compared})
            tell(f"epoch {told['epoch']}, {emitted:,} emitted again, {compared:,} documents as the tables have them")
    with _due(progress, steps, "caught up") as tell:
        if tell:
            progress.note({"missing": agree_again.await_read_models(settings, tell)})
    done = _done(backup, progress)
    progress.file.unlink()
    return done


def _done(backup: Backup, progress: Progress) -> Restored:
    found: dict[str, Any] = progress.found
    return Restored(
        backup=str(backup.folder),
        newest=found.get("newest") or backup.manifest.ended_at.isoformat(),
        epoch=found["epoch"],
        emitted=found["emitted"],
        documents=found["documents"],
        history=found["history"],
        missing=found["missing"],
        steps=progress.steps,
    )


@contextmanager
def _due(progress: Progress, steps: Steps, name: str) -> Iterator[Tell | None]:
    """Words about the step, if it is still to be done."""
    with progress.step(name) as is_due:
        if not is_due:
            yield None
            return
        with steps.together() as board, board.piece(name) as tell:
            yield tell


def _check(settings: Settings, backup: Backup, at: datetime | None, archive: Path | None) -> None:
    if not settings.starts_postgres or not backup.manifest.is_local:
        raise Failure(
            "Into and from a PostgreSQL that `rustok up` does not start, its own tools restore.",
            f"{backup.folder / POSTGRES} is a base backup for them; docs/backups.md says what follows.",
        )
    if at is not None and archive is None:
        raise Failure(
            "Only the log brings a backup to a moment after it, and no archive of it is named.",
            "Name its folder with --archive, or leave out --at.",
        )
    if archive is not None and not archive.is_dir():
        raise Failure(f"There is no folder {archive} with the log.", "Name the one it was archived into.")


def _check_empty(settings: Settings, backup: Backup) -> None:
    """Nothing of what is there is ever written over."""
    folder = settings.folder
    held = [*(folder.data(server) for server in ("postgres", "kafka", "opensearch")), settings.analytics_dir]
    full = [path for path in held if path.is_dir() and any(path.iterdir())]
    if full:
        raise Failure(
            f"The stack {settings.stack} has data: {full[0]} is not empty.",
            "Restore into another stack or home (RUSTOK_STACK, RUSTOK_HOME). If nothing of it is wanted any more:"
            " `rustok down --delete-data`, and run this again.",
        )
    if not backup.manifest.keys and not folder.postgres_password.is_file():
        raise Failure(
            f"The backup is without keys, and {folder.token_key.parent} has none.",
            "Put back there the files that were kept elsewhere, each readable for its owner only, and run this again.",
        )


def _check_whole(settings: Settings, backup: Backup, archive: Path | None, user: ServiceUser) -> None:
    programs = base_backup.programs(settings.folder.software, backup.manifest.server_version)
    base_backup.verify(programs, backup.folder / POSTGRES)
    listed_files.check(backup.folder, backup.manifest.files)
    if archive is not None:
        recover_postgres.check_archive(archive, backup.manifest.end_lsn, user)


def _put_keys(settings: Settings, backup: Backup) -> None:
    keys = settings.folder.token_key.parent
    for name in backup.manifest.keys:
        arriving = keys / f".{name}.arriving"
        arriving.touch(mode=0o600)
        arriving.write_bytes((backup.folder / KEYS / name).read_bytes())
        arriving.rename(keys / name)


def _put_read_models(settings: Settings, backup: Backup) -> int:
    """How many there are. One that is there was put by a restore that was killed."""
    models = sorted(path for path in (backup.folder / READ_MODELS).iterdir() if path.is_dir())
    for model in models:
        there = settings.analytics_dir / model.name
        arriving = there.with_name(f"{model.name}.arriving")
        if arriving.exists():
            shutil.rmtree(arriving)
        if not there.exists():
            shutil.copytree(model, arriving)
            listed_files.sync_tree(arriving)
            arriving.rename(there)
    return len(models)
