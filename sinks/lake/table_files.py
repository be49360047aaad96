"""Gathers the Parquet files of a snapshot's tables in the lake's folder: together they have just the rows that count.

A file of the feed in which nothing is outdated is linked, which takes no space and outlasts its removal there. One in
which something is gets a copy without that, and the newest rows, which no file has, get a file of their own. The name
of a file says what is in it, so what is there already is not made again.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from sinks.duckdb import field_ids
from sinks.duckdb.parquet_parts import NARROW_ROWS, copied, quoted
from sinks.duckdb.published_views import PART_NO, Stored, not_outdated
from sinks.duckdb.snapshots import sync

#: Under this name the snapshot is attached.
SOURCE: Final = "source"
#: Why a link cannot be made where a copy can: another disk, or one that has no links or no more of them.
_NO_LINK: Final = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The files of a table, whole and on disk. `copied` of them were not there and could not be linked."""

    table: str
    files: tuple[Path, ...]
    copied: int


class TableFiles:
    """Of the snapshot that `connection` has attached as `source`, which its feed lets be for so long."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def gather(self, table: Stored, data: Path) -> Gathered:
        """In the folder `data`. Raises `FileNotFoundError` when a file of the feed is gone."""
        data.mkdir(parents=True, exist_ok=True)
        there = {path.name for path in data.iterdir()}
        files = list[Path]()
        for path, outdated in self._listed(table).items():
            if not outdated:
                link(path, data / path.name)
                files.append(data / path.name)
            elif made := self._without(table, path, data / f"{path.stem}-without-{outdated}.parquet"):
                files.append(made)
        if newest := self._newest(table, data):
            files.append(newest)
        sync(data)
        copied = [one for one in files if one.name not in there and one.stat().st_nlink == 1]
        return Gathered(table=table.table, files=tuple(files), copied=len(copied))

    def _listed(self, table: Stored) -> Mapping[Path, str]:
        """The feed's files of a table, and a digest of what is outdated in them; empty: nothing is."""
        found = self._connection.execute(
            f"SELECT path FROM {SOURCE}.parquet_files WHERE holds = ? ORDER BY path", [table.table]
        )
        paths = [Path(path) for (path,) in found.fetchall()]
        if gone := [path for path in paths if not path.exists()]:
            raise FileNotFoundError(errno.ENOENT, "a file of the snapshot is gone", str(gone[0]))
        if not paths:
            return {}
        some = self._connection.execute(
            f"""
            WITH held AS (
                SELECT file_name, min(stats_min::INTEGER) AS first, max(stats_max::INTEGER) AS last
                FROM parquet_metadata([{", ".join(map(quoted, paths))}])
                WHERE path_in_schema = '{PART_NO}' GROUP BY file_name
            )
            SELECT file_name, md5(string_agg(
                gone.tenant_id || '/' || gone.id || '/' || gone.part_no, ','
                ORDER BY gone.part_no, gone.tenant_id, gone.id
            ))
            FROM held JOIN {SOURCE}.recent.outdated AS gone
              ON gone.of = {table.of} AND gone.part_no BETWEEN held.first AND held.last
            GROUP BY file_name
            """
        )
        outdated = dict(some.fetchall())
        return {path: outdated.get(str(path), "") for path in paths}

    def _without(self, table: Stored, path: Path, target: Path) -> Path | None:
        """None: there would be nothing in it."""
        if target.exists():
            return target
        select = not_outdated(table, [path], f"{SOURCE}.recent.outdated", PART_NO)
        return self._written(table, f"{select} ORDER BY {table.order}", target.parent, lambda _: target.name)

    def _newest(self, table: Stored, data: Path) -> Path | None:
        """Named after what is in it: as long as nobody writes such rows it stays the same file."""
        select = f"SELECT {table.names}, NULL::INTEGER AS {PART_NO} FROM {SOURCE}.recent.{table.table} ORDER BY ALL"
        return self._written(table, select, data, lambda path: f"{table.table}-newest-{_digest(path)}.parquet")

    def _written(self, table: Stored, select: str, data: Path, name: Callable[[Path], str]) -> Path | None:
        arriving = data / "copied.arriving"
        try:
            copy = f"COPY ({select}) TO {quoted(arriving)} ({copied(NARROW_ROWS, field_ids.option(table.in_files))})"
            ((rows,),) = self._connection.execute(copy).fetchall()
            if not rows:
                return None
            target = data / name(arriving)
            if not target.exists():
                sync(arriving)
                arriving.rename(target)
            return target
        finally:
            arriving.unlink(missing_ok=True)


def link(path: Path, target: Path, make: Callable[[Path, Path], None] = os.link) -> None:
    """`target` is the same file, or, where that cannot be, a copy of it."""
    try:
        make(path, target)
    except FileExistsError:
        return
    except OSError as failed:
        if failed.errno not in _NO_LINK:
            raise
        arriving = target.with_name("copied.arriving")
        shutil.copyfile(path, arriving)
        sync(arriving)
        arriving.rename(target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]
