"""Makes the tables of `bi` equal to a snapshot: in one transaction, writing what differs from what is there.

Readers see what was there or what is there now. Nothing is remembered of earlier times: what is compared are the rows
themselves, so tables that were emptied, half a day that somebody deleted or another read model come out the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg

from ops.clients import postgres
from sinks.bi import bi_readers, bi_schema
from sinks.bi.bi_table import SCHEMA, BiTable
from sinks.bi.bi_tables import TABLES
from sinks.bi.snapshot_figures import Of, SnapshotFigures, figures_of, slices

#: A reader that holds a table which was declared otherwise is not waited for longer.
_LOCK_S: Final = 60


@dataclass(frozen=True, slots=True)
class FilledModel:
    model: str
    snapshot: str
    as_of: datetime
    is_certified: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """`rows` counts what was written, `slices` what of the tables it was; `ended` the sessions of readers that took
    too long.
    """

    models: Sequence[FilledModel]
    slices: int
    rows: int
    ended: int


def fill(url: str, analytics: Path, of: Of) -> Filled:
    """Raises `Unavailable` when there is nothing to fill from, and `psycopg.Error`. Several take turns."""
    with postgres.connect(url, name="rustok bi") as connection:
        connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_S}s'")
        ended = bi_readers.end_long_ones(connection)
        bi_schema.take_the_turn(connection)
        bi_schema.make_tables(connection)
        with figures_of(analytics, of) as figures:  # chosen in turn, so nobody goes back to an older one
            written = [_write(connection, figures, one) for one in TABLES if one.model.name in figures.chosen]
            models = [
                FilledModel(name, one.path.name, one.as_of, one.is_certified) for name, one in figures.chosen.items()
            ]
        for one in models:
            _tell(connection, one)
    return Filled(models, sum(count for count, _ in written), sum(rows for _, rows in written), ended)


def _write(connection: psycopg.Connection[Any], figures: SnapshotFigures, table: BiTable) -> tuple[int, int]:
    figures.work_out(table)
    changed, is_all = figures.changed(table, connection.execute(slices(table, table.place)).fetchall())
    if not changed:
        return 0, 0
    if is_all:
        connection.execute(f"DELETE FROM {table.place}")
    else:
        _remove(connection, table, changed)
    rows = 0
    with connection.cursor().copy(f"COPY {table.place} ({', '.join(table.columns)}) FROM STDIN") as copy:
        for row in figures.rows(table, changed, is_all=is_all):
            copy.write_row(row)
            rows += 1
    return len(changed), rows


def _remove(connection: psycopg.Connection[Any], table: BiTable, changed: Sequence[Sequence[Any]]) -> None:
    arrays = ", ".join(f"%s::{table.columns[name].type}[]" for name in table.slice)
    same = " AND ".join(f"held.{name} = gone.{name}" for name in table.slice)
    connection.execute(
        f"DELETE FROM {table.place} AS held USING unnest({arrays}) AS gone ({', '.join(table.slice)}) WHERE {same}",
        [list(column) for column in zip(*changed, strict=True)],
    )


def _tell(connection: psycopg.Connection[Any], one: FilledModel) -> None:
    connection.execute(
        f"""
        INSERT INTO {SCHEMA}.freshness (model, snapshot, as_of, is_certified, filled_at)
        VALUES (%s, %s, %s, %s, clock_timestamp()) ON CONFLICT (model) DO UPDATE SET snapshot = EXCLUDED.snapshot,
            as_of = EXCLUDED.as_of, is_certified = EXCLUDED.is_certified, filled_at = EXCLUDED.filled_at
        """,
        (one.model, one.snapshot, one.as_of, one.is_certified),
    )
