"""Keeps a snapshot for ever, under a name: hard links of the Parquet files it names, and a file of views over them.

They lie beside the model's own folders, where no feed removes anything, and cost no space until the feed has replaced
the files. What is erased afterwards stays in them: whoever pins, unpins.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from sinks.duckdb import snapshots
from sinks.duckdb.kept_snapshots import is_open
from sinks.duckdb.parquet_parts import quoted
from sinks.duckdb.snapshots import Snapshot, sync
from sinks.freshness import Freshness
from sinks.sink import Unavailable

FOLDER: Final = "pinned"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FILE: Final = re.compile(r"'((?:[^']|'')*\.parquet)'")
_TRIES: Final = 3


class PinRefused(ValueError):
    """What is so."""


@dataclass(frozen=True, slots=True)
class Pin:
    """`bytes` are those of all its files; as long as the feed has them too, they take no space."""

    model: str
    name: str
    path: Path
    pinned_at: datetime
    as_of: datetime | None
    bytes: int


def pin(analytics: Path, model: str, name: str) -> Pin:
    """The current snapshot. Raises `PinRefused`, and `Unavailable` when there is none."""
    if not NAME.fullmatch(name):
        raise PinRefused(f"{name!r} is no name of a pin: small letters, digits, dots, dashes, at most 64")
    folder = _folder(analytics, model, name)
    if (folder / f"{name}.duckdb").exists():
        raise PinRefused(f"there is a pin {name} of {model} already")
    for left in range(_TRIES - 1, -1, -1):
        current = snapshots.current(snapshots.live_folder(analytics, model).resolve())
        if current is None:
            raise Unavailable(f"the {model} feed has not published a snapshot yet", retry_after_s=5)
        shutil.rmtree(folder, ignore_errors=True)  # of who was killed while pinning
        folder.mkdir(parents=True)
        try:
            _link(current, folder, name)
        except (FileNotFoundError, duckdb.IOException) as gone:
            shutil.rmtree(folder)
            if not left:
                raise Unavailable(f"the snapshot {current.path.name} cannot be read: {gone}", 5) from gone
        except BaseException:
            shutil.rmtree(folder)
            raise
        else:
            break
    return _told(model, folder / f"{name}.duckdb")


def unpin(analytics: Path, model: str, name: str) -> None:
    """Raises `PinRefused` when it is not there, or somebody reads it."""
    path = find(analytics, model, name).path
    if is_open(path):
        raise PinRefused(f"somebody has the pin {name} of {model} open")
    path.unlink()  # now it is none
    shutil.rmtree(path.parent)


def find(analytics: Path, model: str, name: str) -> Pin:
    """Raises `PinRefused` when there is none of this name."""
    for one in pins(analytics):
        if (one.model, one.name) == (model, name):
            return one
    raise PinRefused(f"there is no pin {name} of {model}")


def pins(analytics: Path) -> Iterator[Pin]:
    for path in sorted((analytics / FOLDER).glob("*/*/*.duckdb")):
        if path.stem == path.parent.name:
            yield _told(path.parent.parent.name, path)


def _folder(analytics: Path, model: str, name: str) -> Path:
    return analytics.resolve() / FOLDER / model / name


def _link(snapshot: Snapshot, folder: Path, name: str) -> None:
    arriving = folder / f"{name}.arriving"
    with closing(duckdb.connect(snapshot.path, read_only=True)) as held:  # so its feed lets it be
        views = held.execute("SELECT sql FROM duckdb_views() WHERE NOT internal AND contains(sql, '.parquet')")
        selects = [sql for (sql,) in views.fetchall()]
        for file in {Path(found.replace("''", "'")) for sql in selects for found in _FILE.findall(sql)}:
            os.link(file, folder / file.name)
        shutil.copyfile(snapshot.path, arriving)
    with closing(duckdb.connect(arriving)) as connection:
        for sql in selects:
            moved = _FILE.sub(lambda found: quoted(folder / Path(found[1].replace("''", "'")).name), sql)
            connection.execute(re.sub(r"^CREATE VIEW", "CREATE OR REPLACE VIEW", moved))
        connection.execute(
            "UPDATE parquet_files SET path = ? || parse_filename(path)",
            [f"{folder}/"],
        )
        # It may be fresher than when it was copied: nothing has changed since.
        connection.execute("DELETE FROM freshness")
        for partition, as_of in _vouched(snapshot.freshness).items():
            connection.execute("INSERT INTO freshness VALUES (?, ?)", [partition, as_of])
    sync(arriving)
    arriving.rename(folder / f"{name}.duckdb")
    sync(folder)


def _vouched(freshness: Freshness) -> dict[str, datetime]:
    return {} if freshness.withheld else dict(freshness.by_partition)


def _told(model: str, path: Path) -> Pin:
    with closing(duckdb.connect(path, read_only=True)) as connection:
        ((as_of,),) = connection.execute("SELECT min(as_of) FROM freshness").fetchall()
    return Pin(
        model=model,
        name=path.stem,
        path=path,
        pinned_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        as_of=None if as_of is None else as_of.astimezone(UTC),
        bytes=sum(file.stat().st_size for file in path.parent.iterdir()),
    )
