"""Keeps the facts of a live file in Parquet files, too, so that publishing writes what changed and nothing else.

Every row has the number that was open when it was written, and rows of one number are closed together, into one file
for each table. A row that is replaced or removed afterwards is outdated in its file: its key is kept until the file is
made anew. Small neighbours are made one file; so no publishing writes more than a bounded number of rows.
"""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sinks.duckdb import field_ids
from sinks.duckdb.fact_tables import Facts
from sinks.duckdb.kept_snapshots import Retention
from sinks.duckdb.parquet_parts import NARROW_ROWS, ParquetParts, Part
from sinks.duckdb.published_views import OUTDATED, Stored, stored

#: So many rows are closed into files, and files are made one until they have so many.
CLOSED_ROWS: Final = 20_000
MERGED_ROWS: Final = 320_000
#: Of so many outdated keys, whatever they are of, the file with the most is made anew.
MOST_OUTDATED: Final = 20_000
_WORN: Final = 0.25
#: What can wait for the next publishing waits after so long.
_BUDGET_S: Final = 0.4
_LOOKS_EVERY_S: Final = 10.0

NUMBER: Final = "part_no INTEGER DEFAULT 0"


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers that lie in files together. `rows` and `outdated` are counted over all tables."""

    first: int
    last: int
    rows: int
    outdated: int
    is_due: bool

    @property
    def is_worn(self) -> bool:
        return self.is_due or self.outdated > self.rows * _WORN


class FactParts:
    """`run` of the parts and this are of one live file. Its writer calls `outdate` in the transaction that changes."""

    def __init__(
        self,
        facts: Collection[Facts],
        parts: ParquetParts,
        run: Any,
        retention: Retention,
        closed_rows: int = CLOSED_ROWS,
        merged_rows: int = MERGED_ROWS,
    ) -> None:
        self.tables: list[Stored] = stored(facts)
        self.parts = parts
        self._run = run
        self._retention = retention
        self._closed_rows, self._merged_rows = closed_rows, merged_rows
        self.open_no = 0
        self._recent = 0
        self._looked = 0.0

    def open(self) -> None:
        for table in self.tables:
            self._run(f"ALTER TABLE {table.table} ADD COLUMN IF NOT EXISTS {NUMBER}")
        columns = ", ".join(f"{name} {kind}" for name, kind in OUTDATED.items())
        self._run(f"CREATE TABLE IF NOT EXISTS outdated ({columns})")
        self._run("CREATE TABLE IF NOT EXISTS open_part (no INTEGER)")
        self._run("INSERT INTO open_part SELECT 0 WHERE NOT EXISTS (FROM open_part)")
        lost = self.parts.open()
        ((self.open_no,),) = self._run("SELECT no FROM open_part")
        self._recent = self._recent_rows()
        for one in self._ranges():
            # The rows are in the live file as well: what is gone or was cut off is written again.
            if any(part.name in lost or not self._is_whole(part) for part in self._files(one.first, one.last)):
                self._write(one.first, one.last)

    def outdate(self, of: str, select: str, values: Collection[Any] = ()) -> None:
        """`select` gives `tenant_id`, `id` and `part_no` of rows of `of` that are about to be replaced or removed."""
        self._run(
            f"INSERT INTO outdated SELECT ?, tenant_id, id, part_no, now() FROM ({select}) WHERE part_no < ?",
            [of, *values, self.open_no],
        )

    def add(self, rows: int) -> None:
        """So many were written that no file has; one too many does no harm."""
        self._recent += rows

    def tidy(self, *, is_changed: bool) -> bool:
        """Closes what is enough, and makes anew what is due, for about as long as a publishing may take; whether
        files are others now. Where nothing `is_changed` it looks now and then only.
        """
        began, changed = time.monotonic(), False
        if not is_changed and began - self._looked < _LOOKS_EVERY_S:
            return False
        self._looked = began
        if self._recent >= self._closed_rows:
            self._write(self.open_no, self.open_no)
            changed = True
        for first, last in self._due():
            self._write(first, last)
            changed = True
            if time.monotonic() - began > _BUDGET_S:
                break
        return changed

    def files(self) -> dict[str, list[tuple[Part, bool]]]:
        """Of each table its files, and whether something is outdated in them."""
        outdated = [number for (number,) in self._run("SELECT DISTINCT part_no FROM outdated ORDER BY part_no")]
        listed = self.parts.by_what_they_hold()
        return {
            table.table: [(part, part.holds_one_of(outdated)) for part in listed.get(table.table, [])]
            for table in self.tables
        }

    def recent(self, table: Stored) -> str:
        """The rows that no file has."""
        return f"SELECT {table.names} FROM {table.table} WHERE part_no >= {self.open_no:d}"

    def _recent_rows(self) -> int:
        counts = " UNION ALL ".join(
            f"SELECT count(*) AS n FROM {table.table} WHERE part_no >= {self.open_no:d}" for table in self.tables
        )
        ((rows,),) = self._run(f"SELECT sum(n)::BIGINT FROM ({counts})")
        return int(rows)

    def _ranges(self) -> list[Range]:
        found = self._run(
            """
            WITH ranges AS (
                SELECT first_no, last_no, sum("rows")::BIGINT AS held FROM parts
                WHERE replaced_at IS NULL GROUP BY ALL
            )
            SELECT first_no, last_no, any_value(held), count(part_no),
                   coalesce(min(since) < now() - to_seconds(?), false)
            FROM ranges LEFT JOIN outdated ON part_no BETWEEN first_no AND last_no
            GROUP BY first_no, last_no ORDER BY first_no
            """,
            [self._retention.rewritten_s],
        )
        return [Range(*row) for row in found]

    def _due(self) -> Iterator[tuple[int, int]]:
        ranges = self._ranges()
        for one in ranges:
            if one.is_worn:
                yield one.first, one.last
        crowded = sum(one.outdated for one in ranges) > MOST_OUTDATED
        if crowded and not any(one.is_worn for one in ranges):
            most = max(ranges, key=lambda one: one.outdated)
            yield most.first, most.last
        yield from self._small_neighbours(ranges)

    def _small_neighbours(self, ranges: list[Range]) -> Iterator[tuple[int, int]]:
        together: list[Range] = []
        for one in ranges:
            is_small = one.rows < self._merged_rows / 2 and not one.is_worn
            together = [*together, one] if is_small else []
            if len(together) > 1 and sum(each.rows for each in together) >= self._merged_rows:
                yield together[0].first, together[-1].last
                together = []

    def _files(self, first: int, last: int) -> list[Part]:
        return [
            part
            for parts in self.parts.by_what_they_hold().values()
            for part in parts
            if part.first is not None and part.last is not None and first <= part.first and part.last <= last
        ]

    def _is_whole(self, part: Part) -> bool:
        return (self.parts.folder / part.name).stat().st_size == part.bytes

    def _write(self, first: int, last: int) -> None:
        """The rows of these numbers, as they are now, in place of the files that have any of them."""
        numbers = f"part_no BETWEEN {first:d} AND {last:d}"
        made = {
            table.table: self.parts.make(
                table.table,
                f"SELECT {table.names}, part_no FROM {table.table} WHERE {numbers} ORDER BY {table.order}",
                first=first,
                last=last,
                group=NARROW_ROWS,
                fields=field_ids.option(table.in_files),
            )
            for table in self.tables
        }
        also = [f"DELETE FROM outdated WHERE {numbers}"]
        if last == self.open_no:
            also.append("UPDATE open_part SET no = no + 1")
        self.parts.enter(made, replaces=self._files(first, last), also=also)
        if last == self.open_no:
            self.open_no += 1
            self._recent = 0
