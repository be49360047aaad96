"""`rustok sinks copy`: what no table keeps, for a backup.

With `--json` one document: {"models": [{"id", "files", "bytes"}, …]}; a model without a store yet has no files.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click

from ops.failure import Failure
from ops.settings import Settings
from sinks.duckdb import store_copies
from sinks.duckdb.folder_builds import FolderBuilds
from sinks.duckdb.snapshots import sync
from sinks.read_model import ReadModel
from sinks.read_models import READ_MODELS
from sinks.sink import Unavailable

#: What only the log tells, which a backup of the tables is without.
WITHOUT_TABLES: Final = tuple(model for model in READ_MODELS if not model.has_truth)


@dataclass(frozen=True, slots=True)
class Copied:
    id: str
    files: int
    bytes: int


def run(settings: Settings, folder: Path, *, as_json: bool) -> None:
    """Raises `Failure`; then the folder may have a part."""
    try:
        copied = [copy(settings.analytics_dir, model, folder) for model in WITHOUT_TABLES]
    except Unavailable as away:
        raise Failure(
            f"{str(away)[:1].upper()}{str(away)[1:]}.",
            "`rustok status` shows whether its feed works; stop it, or have it work, and run this again.",
        ) from away
    except OSError as error:
        raise Failure(
            f"What no table keeps could not be copied: {error.strerror or error} ({error.filename}).",
            "Put that right, and run this again.",
        ) from error
    if as_json:
        click.echo(json.dumps({"models": [asdict(one) for one in copied]}))
        return
    for one in copied:
        click.echo(
            f"{one.id:<18} {one.files} files, {one.bytes / 1_000_000:.1f} MB" if one.files else f"{one.id}: none"
        )


def copy(analytics: Path, model: ReadModel, folder: Path) -> Copied:
    """The store of the model, as it was at one moment, in a folder of its own in `folder`."""
    fed = FolderBuilds(analytics, model, ()).fed()  # it lies where it is made anew, whichever build it was
    with store_copies.copy_of(fed, f"{model.id}.live.duckdb") as found:
        if found is None:
            return Copied(model.id, 0, 0)
        there = folder / model.id
        shutil.copytree(found, there, copy_function=_copy_file)
        files = [path for path in there.rglob("*") if path.is_file()]
        return Copied(model.id, len(files), sum(path.stat().st_size for path in files))


def _copy_file(source: str, target: str) -> str:
    shutil.copyfile(source, target)
    sync(Path(target))
    return target
