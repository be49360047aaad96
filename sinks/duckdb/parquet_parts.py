"""Keeps rows in Parquet files that never change, and the list of those that count in the live file.

A file is whole and on disk before the list names it, so whoever dies in between leaves an orphan, which the next one
removes. A file that was replaced stays for whoever reads a snapshot that names it.
"""

import contextlib
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import duckdb

from sinks.duckdb.snapshots import sync

TABLE: Final = """
    CREATE TABLE IF NOT EXISTS parts (
        name VARCHAR, holds VARCHAR, tier INTEGER, "rows" BIGINT, bytes BIGINT,
        made_at TIMESTAMPTZ, replaced_at TIMESTAMPTZ
    );
    ALTER TABLE parts ADD COLUMN IF NOT EXISTS first_no INTEGER;
    ALTER TABLE parts ADD COLUMN IF NOT EXISTS last_no INTEGER;
    ALTER TABLE parts ADD COLUMN IF NOT EXISTS made_for BIGINT DEFAULT 0;
    ALTER TABLE parts ADD COLUMN IF NOT EXISTS replaced_for BIGINT;
"""
#: A folder of them begins with it, and ends with so many signs of the live file's birth.
PARTS: Final = "parts-"
_DIGITS: Final = 8
#: Of long rows, such as events with their bodies: a group lies in memory until it is written.
LONG_ROWS: Final = 20_480
#: Of narrow rows. A group costs each question something, for each of its columns; but where shops lie in one file,
#: reading one's rows goes through the whole group they are in. Twice as many cost a small shop a third more.
NARROW_ROWS: Final = 61_440

Run = Callable[..., list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Part:
    """Where rows are counted in numbers, those from `first` to `last` are in it."""

    name: str
    rows: int
    tier: int
    bytes: int = 0
    first: int | None = None
    last: int | None = None

    def holds_one_of(self, numbers: Sequence[int]) -> bool:
        """`numbers` are in order."""
        if self.first is None or self.last is None:
            return False
        place = bisect_left(numbers, self.first)
        return place < len(numbers) and numbers[place] <= self.last


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of all files: those that count, and those that were replaced and are still there."""

    files: int
    bytes: int
    replaced_files: int
    replaced_bytes: int


class ParquetParts:
    """`run` carries out a statement in the live file, whose writer is the only one to call this. `next_number` is that
    of the snapshot that comes next: older ones may name what is replaced from now on.
    """

    def __init__(self, folder: Path, run: Run, next_number: Callable[[], int] = lambda: 0) -> None:
        # Absolute and without links: views name the files, and readers may be led to them on another way.
        self.folder = folder.resolve()
        self._run = run
        self._next_number = next_number

    def open(self) -> list[str]:
        """Removes what nobody lists; returns which files count and are not there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._run(TABLE)
        listed = {name for (name,) in self._run("SELECT name FROM parts")}
        there = {path.name for path in self.folder.iterdir()}
        for name in there - listed:
            (self.folder / name).unlink()
        counting = {name for (name,) in self._run("SELECT name FROM parts WHERE replaced_at IS NULL")}
        return sorted(counting - there)

    def of(self, holds: str, tier: int | None = None) -> list[Part]:
        """Those that count, oldest first."""
        found = self._run(
            'SELECT name, "rows", tier, bytes, first_no, last_no FROM parts'
            " WHERE holds = ? AND replaced_at IS NULL AND (? IS NULL OR tier = ?) ORDER BY made_at, name",
            [holds, tier, tier],
        )
        return [Part(*row) for row in found]

    def by_what_they_hold(self) -> Mapping[str, list[Part]]:
        """All that count, oldest first."""
        found = self._run(
            'SELECT holds, name, "rows", tier, bytes, first_no, last_no FROM parts WHERE replaced_at IS NULL'
            " ORDER BY made_at, name"
        )
        listed = dict[str, list[Part]]()
        for holds, *row in found:
            listed.setdefault(holds, []).append(Part(*row))
        return listed

    def read(self, parts: Sequence[Part], option: str = "") -> str:
        """What stands for their rows behind FROM; there is at least one."""
        return listed([self.folder / part.name for part in parts], option)

    def write(
        self, holds: str, select: str, *, replaces: Sequence[Part] = (), tier: int = 0, also: Sequence[str] = ()
    ) -> None:
        """A file of what `select` gives takes the place of others; statements of `also` are of the same transaction."""
        made = self.make(holds, select, tier=tier)
        self.enter({holds: made}, replaces=replaces, also=also)

    def make(
        self,
        holds: str,
        select: str,
        *,
        tier: int = 0,
        first: int | None = None,
        last: int | None = None,
        group: int = LONG_ROWS,
        fields: str = "",
    ) -> Part:
        """A file of what `select` gives, that nobody lists yet; without rows there is none. It has groups of `group`
        rows; `fields`: the option of COPY that numbers its columns.
        """
        name = f"{holds}-{uuid4().hex}.parquet"
        path, arriving = self.folder / name, self.folder / f"{name}.arriving"
        try:
            ((rows,),) = self._run(f"COPY ({select}) TO {quoted(arriving)} ({copied(group, fields)})")
            sync(arriving)
            size = arriving.stat().st_size
            if rows:
                arriving.rename(path)
                sync(self.folder)
        finally:
            arriving.unlink(missing_ok=True)
        return Part(name, rows, tier, size, first, last)

    def enter(self, made: Mapping[str, Part], *, replaces: Collection[Part] = (), also: Sequence[str] = ()) -> None:
        """In one transaction these files, by what they hold, take the place of others."""
        number = self._next_number()
        self._run("BEGIN")
        try:
            for holds, part in made.items():
                if part.rows:
                    self._run(
                        "INSERT INTO parts BY NAME SELECT ? AS name, ? AS holds, ? AS tier, ? AS rows, ? AS bytes,"
                        " now() AS made_at, ? AS first_no, ? AS last_no, ? AS made_for",
                        [part.name, holds, part.tier, part.rows, part.bytes, part.first, part.last, number],
                    )
            for part in replaces:
                self._run("UPDATE parts SET replaced_at = now(), replaced_for = ? WHERE name = ?", [number, part.name])
            for statement in also:
                self._run(statement)
            self._run("COMMIT")
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._run("ROLLBACK")
            raise

    def sweep(self, kept: Collection[int], *, stays_s: float, most_bytes: int) -> None:
        """Removes what was replaced so long ago, and sooner what is more than `most_bytes`, oldest first; never what a
        snapshot of the numbers `kept` names. The list forgets it first.
        """
        replaced = self._run(
            "SELECT name, bytes, replaced_at < now() - to_seconds(?), coalesce(made_for, 0), coalesce(replaced_for, 0)"
            " FROM parts WHERE replaced_at IS NOT NULL ORDER BY replaced_at",
            [stays_s],
        )
        left = sum(bytes_ for _, bytes_, *_ in replaced)
        for name, bytes_, is_old, made_for, replaced_for in replaced:
            if (is_old or left > most_bytes) and not any(made_for <= number < replaced_for for number in kept):
                self._run("DELETE FROM parts WHERE name = ?", [name])
                (self.folder / name).unlink(missing_ok=True)
                left -= bytes_

    def sizes(self) -> Sizes:
        ((files, size, replaced, replaced_size),) = self._run(
            "SELECT count(*) FILTER (replaced_at IS NULL),"
            " coalesce(sum(bytes) FILTER (replaced_at IS NULL), 0)::BIGINT,"
            " count(replaced_at),"
            " coalesce(sum(bytes) FILTER (replaced_at IS NOT NULL), 0)::BIGINT FROM parts"
        )
        return Sizes(files, size, replaced, replaced_size)


def parts_folder(folder: Path, birth: str) -> Path:
    """Named after the live file: the parts of one that was thrown away are not those of the next."""
    return folder / f"{PARTS}{birth[:_DIGITS]}"


def copied(group: int, fields: str = "") -> str:
    """The options of COPY."""
    return ", ".join(filter(None, [f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group:d}", fields]))


def listed(paths: Sequence[Path], option: str = "") -> str:
    files = ", ".join(quoted(path) for path in paths)
    return f"read_parquet([{files}]{', ' + option if option else ''})"


def quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
