"""Makes what readers get of the archive: a small file of views over the Parquet files, with the newest rows in it.

The definitions of the views take a second and are made once by each process. For another list of files only the views
over files are made again, and for new rows only the rows are copied.
"""

import shutil
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Final

import duckdb

from sinks.archive import archive_views
from sinks.archive.event_rows import COLUMNS
from sinks.archive.live_rows import Run
from sinks.duckdb.parquet_parts import ParquetParts, quoted
from sinks.duckdb.snapshots import make_room

_NAMES: Final = ", ".join(COLUMNS)


class ArchiveSnapshot:
    """Of the archive in `folder` that was born as `birth`; `run` carries out a statement in its live file."""

    def __init__(self, folder: Path, name: str, birth: str, aggregates: Collection[str], parts: ParquetParts, run: Run):
        self._definitions = folder / f"{name}.definitions"
        self._views = folder / f"{name}.views"
        self._birth = birth
        self._aggregates = aggregates
        self._parts = parts
        self._run = run
        self._is_defined = self._is_current = False

    def list_again(self) -> None:
        """There are other files now."""
        self._is_current = False

    def make(self, arriving: Path) -> None:
        """As a file of this name, with what is in the live file now."""
        if not (self._is_current and self._views.exists()):
            self._list()
        make_room(arriving)
        shutil.copyfile(self._views, arriving)  # not the live file: nothing is lost when it is closed
        self._run(f"ATTACH {quoted(arriving)} AS published")
        try:
            self._run(f"INSERT INTO published.recent SELECT {_NAMES} FROM events")
            self._run("INSERT INTO published.freshness FROM freshness")
            self._run("CHECKPOINT published")
        finally:
            self._run("DETACH published")

    def _list(self) -> None:
        """Has the views read the files that there are."""
        if not (self._is_defined and self._definitions.exists()):
            self._define()
        make_room(self._views)
        shutil.copyfile(self._definitions, self._views)
        files = {holds: self._parts.of(holds) for holds in ("events", "gaps", "restarts")}
        read = {holds: self._parts.read(parts) if parts else "" for holds, parts in files.items()}
        with closing(duckdb.connect(self._views)) as connection:
            for statement in archive_views.over_files(read["events"], read["gaps"], read["restarts"]):
                connection.execute(statement)
            for part in files["events"]:
                row = [str(self._parts.folder / part.name), part.rows]
                connection.execute("INSERT INTO parquet_files VALUES (?, ?)", row)
        self._is_current = True

    def _define(self) -> None:
        make_room(self._definitions)
        with closing(duckdb.connect(self._definitions)) as connection:
            connection.execute("CREATE TABLE store (birth VARCHAR)")
            connection.execute("INSERT INTO store VALUES (?)", [self._birth])
            connection.execute('CREATE TABLE freshness ("partition" VARCHAR, as_of TIMESTAMPTZ)')
            connection.execute('CREATE TABLE parquet_files (path VARCHAR, "rows" BIGINT)')
            for statement in archive_views.statements(self._aggregates):
                connection.execute(statement)
        self._is_defined = True
