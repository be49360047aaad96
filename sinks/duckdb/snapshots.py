"""Publishes what a live file holds as snapshots, the newest named in `CURRENT`.

`CURRENT` is a small JSON document, replaced atomically: `{"snapshot": "<file>", "birth": "<of what it is a snapshot>",
"as_of": {"<partition>": "<time>"}, "withheld": "<why nobody vouches>"}`.
A snapshot never changes and never gets another one's name, so whoever has one open keeps a consistent past.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from sinks import freshness as fresh
from sinks.builds import Build
from sinks.freshness import Freshness
from sinks.sink import Unavailable

_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`birth` names the live file that it is of, `path` ends with its number."""

    path: Path
    birth: str
    freshness: Freshness

    @property
    def number(self) -> int:
        return number_of(self.path)


def publish(live: Path, birth: str, number: int, freshness: Freshness, make: Callable[[Path], None]) -> Snapshot:
    """Has a snapshot made, as a file that `make` is given the name of, and makes it the current one."""
    folder = live.parent
    snapshot = folder / f"{live.name.partition('.')[0]}-{birth[:_DIGITS]}-{number:0{_DIGITS}d}.duckdb"
    arriving = snapshot.with_suffix(".arriving")
    try:
        make(arriving)
        sync(arriving)
        arriving.rename(snapshot)
    except (OSError, duckdb.Error):
        arriving.unlink(missing_ok=True)  # half a copy would keep a full disk full
        raise
    made = Snapshot(snapshot, birth, freshness)
    point_to(made)
    return made


def point_to(snapshot: Snapshot) -> None:
    """Makes `snapshot` current, or says of the current one that it is fresher than it was."""
    current = snapshot.path.parent / "CURRENT"
    told = fresh.as_text(snapshot.freshness)
    pointer = {
        "snapshot": snapshot.path.name,
        "birth": snapshot.birth,
        "as_of": told["partitions"],
        "withheld": told["withheld"],
    }
    replace_text(current, json.dumps(pointer))


def live_folder(analytics: Path, name: str) -> Path:
    """Where readers of the model `name` look: the folder of the version that they are to see."""
    return analytics / name


def previous_folder(analytics: Path, name: str) -> Path:
    """Where they looked before."""
    return analytics / f"{name}.previous"


def next_folder(analytics: Path, name: str) -> Path:
    """Where they are to look soon."""
    return analytics / f"{name}.next"


def lead(folder: Path, name: str) -> None:
    """Readers look there from now on; where they looked before is the previous folder."""
    live, previous = live_folder(folder.parent, name), previous_folder(folder.parent, name)
    if live.exists() and live.resolve() != folder.resolve():
        link_to(previous, live.resolve().name)
    link_to(live, folder.name)
    next_folder(folder.parent, name).unlink(missing_ok=True)
    sync(folder.parent)


def link_to(link: Path, folder: str) -> None:
    """Leads there at one moment, whether it was there or not."""
    arriving = link.with_name(f"{link.name}.arriving")
    arriving.unlink(missing_ok=True)
    arriving.symlink_to(folder)
    arriving.rename(link)


def published(folder: Path) -> list[Path]:
    """All that are still there, oldest first."""
    return sorted(folder.glob("*-" + "[0-9]" * _DIGITS + ".duckdb"), key=number_of)


def newest_number(folder: Path) -> int:
    """The number of the newest; 0 before the first."""
    return max(map(number_of, published(folder)), default=0)


def current(folder: Path) -> Snapshot | None:
    """The newest published snapshot; None before the first. Raises `Unavailable` when nobody can say which it is."""
    try:
        told = json.loads((folder / "CURRENT").read_text())
        freshness = fresh.from_text({"partitions": told["as_of"], "withheld": told["withheld"]})
        return Snapshot(folder / told["snapshot"], told["birth"], freshness)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as unreadable:
        raise Unavailable(f"{folder / 'CURRENT'} cannot be read: {unreadable}") from unreadable
    except (ValueError, KeyError, TypeError) as strange:
        raise Unavailable(f"{folder / 'CURRENT'} was not written by a feed: {strange!r}") from strange


def opened(snapshot: Snapshot, **config: Any) -> duckdb.DuckDBPyConnection:
    """Read-only, and shut in: no question reads a file elsewhere. Raises `Unavailable` when it is not there, or is not
    the one that `CURRENT` speaks of.
    """
    try:
        connection = duckdb.connect(snapshot.path, read_only=True, config=config)
        shut_in(connection, snapshot.path.parent.resolve())
        births = connection.execute("SELECT birth FROM store").fetchall()
    except duckdb.Error as missing:
        raise Unavailable(f"the snapshot {snapshot.path.name} cannot be read: {missing}") from missing
    if births != [(snapshot.birth,)]:
        connection.close()
        raise Unavailable(f"the snapshot {snapshot.path.name} is not of the file that its feed writes")
    return connection


def shut_in(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """For good, with all connections of this process to the same file."""
    ((is_shut_in,),) = connection.execute("SELECT current_setting('lock_configuration')").fetchall()
    if not is_shut_in:
        # In this order: afterwards no folder is let in any more.
        escaped = str(folder).replace("'", "''")
        connection.execute(f"SET allowed_directories = ['{escaped}']")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")


def version_of(folder: Path) -> int:
    """Of the model whose folder it is."""
    build = Build.at_the_end_of(folder.name)
    if build is None:
        raise ValueError(f"{folder} is not of a read model")
    return build.version


def number_of(path: Path) -> int:
    return int(path.stem[-_DIGITS:])


def birth_of(path: Path) -> str:
    """The beginning of it."""
    return path.stem.split("-")[-2]


def replace_text(path: Path, text: str) -> None:
    """Readers see what was there or what is there now, also after a loss of power."""
    arriving = path.with_name(f"{path.name}.arriving")
    arriving.write_text(text)
    sync(arriving)
    arriving.rename(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """What is in the file, or the names in the folder, outlasts a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_room(path: Path) -> None:
    """For a file that is made anew: what a killed process left of it must not be taken for its log."""
    for left in (path, path.with_name(f"{path.name}.wal")):
        left.unlink(missing_ok=True)
