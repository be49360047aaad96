"""Makes what readers get of facts: a small file of views over the Parquet files, with the newest rows in it.

The definitions are made once by each process, and the views again when the files are others, or have something else
outdated in them. Each time only the newest rows are copied.
"""

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb

from sinks.duckdb import described_columns, published_views
from sinks.duckdb.fact_parts import FactParts
from sinks.duckdb.fact_tables import Facts
from sinks.duckdb.parquet_parts import Part, Run, quoted
from sinks.duckdb.snapshots import make_room

#: All in one: with millions of orders there are thousands.
_INSERT_FILES: Final = (
    "INSERT INTO parquet_files SELECT unnest(?::VARCHAR[]), ?, unnest(?::BIGINT[]), unnest(?::BIGINT[])"
)


class FactSnapshot:
    """Of the facts in `folder`; `run` carries out a statement in the live file."""

    def __init__(self, folder: Path, name: str, facts: Sequence[Facts], parts: FactParts, run: Run) -> None:
        self._definitions = folder / f"{name}.definitions"
        self._views = folder / f"{name}.views"
        self._facts = facts
        self._described = {name: one for fact in facts for name, one in fact.described.items()}
        self._parts = parts
        self._run = run
        self._comments: list[str] = []  # on views that are made again, which lose their own
        self._is_defined = False
        self._over: dict[str, list[tuple[Part, bool]]] | None = None

    def make(self, arriving: Path) -> None:
        """As a file of this name, with what is in the live file now."""
        files = self._parts.files()
        if self._over != files or not self._views.exists():
            self._list(files)
        make_room(arriving)
        shutil.copyfile(self._views, arriving)  # not the live file, whose lock would be lost when it is closed
        self._run(f"ATTACH {quoted(arriving)} AS published")
        try:
            self._run("BEGIN")
            for table in self._parts.tables:
                self._run(f"INSERT INTO published.recent.{table.table} {self._parts.recent(table)}")
            self._run("INSERT INTO published.recent.outdated FROM outdated")
            for own in ("store", "freshness", "positions"):
                self._run(f"INSERT INTO published.{own} BY NAME FROM {own}")
            self._run("COMMIT; CHECKPOINT published")
        finally:
            with contextlib.suppress(duckdb.Error):
                self._run("ROLLBACK")
            self._run("DETACH published")

    def _list(self, files: dict[str, list[tuple[Part, bool]]]) -> None:
        """Has the views read these."""
        if not (self._is_defined and self._definitions.exists()):
            self._define()
        self._over = None
        make_room(self._views)
        shutil.copyfile(self._definitions, self._views)
        folder = self._parts.parts.folder
        with contextlib.closing(duckdb.connect(self._views)) as connection:
            connection.execute("BEGIN")
            for table in self._parts.tables:
                listed = files[table.table]
                whole, touched = ([folder / part.name for part, has in listed if has == one] for one in (False, True))
                connection.execute(published_views.over_files(table, whole, touched))
                parts = [part for part, _ in listed]
                names = [str(folder / part.name) for part in parts]
                rows, sizes = [part.rows for part in parts], [part.bytes for part in parts]
                connection.execute(_INSERT_FILES, [names, table.table, rows, sizes])
            for comment in self._comments:
                connection.execute(comment)
            connection.execute("COMMIT")
            connection.execute("CHECKPOINT")  # what is copied is the file: closing says nothing of a full disk
        self._over = files

    def _define(self) -> None:
        make_room(self._definitions)
        with contextlib.closing(duckdb.connect(self._definitions)) as connection:
            connection.execute("BEGIN")
            for statement in published_views.definitions(self._facts):
                connection.execute(statement)
            described_columns.describe(connection, self._described)
            connection.execute("COMMIT")
            connection.execute("CHECKPOINT")
            made_again = {table.table for table in self._parts.tables}
            about = {name: one for name, one in self._described.items() if name in made_again}
            self._comments = list(described_columns.comments(connection, about))
        self._is_defined = True
