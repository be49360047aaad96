"""Keeps rows in Parquet files that never change, and the list of those that count in the live file.

A file is whole and on disk before the list names it, so whoever dies in between leaves an orphan, which the next one
removes. A file that was replaced stays for whoever reads a snapshot that names it.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import duckdb

from sinks.duckdb.snapshots import sync
from sinks.sink import Unavailable

TABLE: Final = """
    CREATE TABLE IF NOT EXISTS parts (
        name VARCHAR, holds VARCHAR, tier INTEGER, "rows" BIGINT, bytes BIGINT,
        made_at TIMESTAMPTZ, replaced_at TIMESTAMPTZ
    )
"""
#: How long a replaced file stays.
STAYS: Final = "1 hour"
#: Small enough that reading one shop's events opens few of them, large enough to compress.
_ROW_GROUP: Final = 20_480

Run = Callable[..., list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    rows: int
    tier: int


class ParquetParts:
    """`run` carries out a statement in the live file, whose writer is the only one to call this."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder = folder
        self._run = run

    def open(self) -> None:
        """Removes what nobody lists. Raises `Unavailable` when a file that counts is not there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._run(TABLE)
        listed = {name for (name,) in self._run("SELECT name FROM parts")}
        there = {path.name for path in self.folder.iterdir()}
        missing = sorted({part.name for holds in ("events", "gaps", "restarts") for part in self.of(holds)} - there)
        if missing:
            raise Unavailable(
                f"{len(missing)} files of the archive are gone from {self.folder} ({missing[0]}): put them back", 30
            )
        for name in there - listed:
            (self.folder / name).unlink()

    def of(self, holds: str, tier: int | None = None) -> list[Part]:
        """Those that count, oldest first."""
        found = self._run(
            'SELECT name, "rows", tier FROM parts WHERE holds = ? AND replaced_at IS NULL AND (? IS NULL OR tier = ?)'
            " ORDER BY made_at, name",
            [holds, tier, tier],
        )
        return [Part(*row) for row in found]

    def read(self, parts: Sequence[Part], option: str = "") -> str:
        """What stands for their rows behind FROM; there is at least one."""
        return listed([self.folder / part.name for part in parts], option)

    def write(
        self, holds: str, select: str, *, replaces: Sequence[Part] = (), tier: int = 0, also: Sequence[str] = ()
    ) -> None:
        """A file of what `select` gives takes the place of others; statements of `also` are of the same transaction."""
        name = f"{holds}-{uuid4().hex}.parquet"
        path, arriving = self.folder / name, self.folder / f"{name}.arriving"
        try:
            ((rows,),) = self._run(
                f"COPY ({select}) TO {quoted(arriving)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
            )
            sync(arriving)
            size = arriving.stat().st_size
            if rows:
                arriving.rename(path)
                sync(self.folder)
        finally:
            arriving.unlink(missing_ok=True)
        self._run("BEGIN")
        try:
            if rows:
                row = [name, holds, tier, rows, size]
                self._run("INSERT INTO parts VALUES (?, ?, ?, ?, ?, now(), NULL)", row)
            for part in replaces:
                self._run("UPDATE parts SET replaced_at = now() WHERE name = ?", [part.name])
            for statement in also:
                self._run(statement)
            self._run("COMMIT")
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._run("ROLLBACK")
            raise

    def sweep(self) -> None:
        """Removes what was replaced long enough ago. The list forgets it first."""
        old = f"replaced_at < now() - INTERVAL '{STAYS}'"
        gone = self._run(f"DELETE FROM parts WHERE {old} RETURNING name")
        for (name,) in gone:
            (self.folder / name).unlink(missing_ok=True)


def listed(paths: Sequence[Path], option: str = "") -> str:
    files = ", ".join(quoted(path) for path in paths)
    return f"read_parquet([{files}]{', ' + option if option else ''})"


def quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
