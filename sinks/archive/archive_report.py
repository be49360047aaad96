"""Says how complete the archive is, from what is published of it: what is there, what is missing, whether it adds up.

Nothing is believed that the writer noted: the versions of every aggregate are counted in the files themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from sinks.archive.version_ledger import MISSED
from sinks.duckdb import snapshots
from sinks.freshness import Freshness
from sinks.read_model import ReadModel
from sinks.sink import Unavailable


@dataclass(frozen=True, slots=True)
class ArchivedAggregate:
    """Of one type: how many events of how many things, the newest, and how many are missing by kind."""

    aggregate: str
    events: int
    things: int
    newest_at: datetime
    missing: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MissingEvents:
    """Of one thing: the versions from `first` to `last`."""

    tenant_id: UUID
    aggregate: str
    aggregate_id: UUID
    first: int
    last: int
    kind: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    freshness: Freshness
    aggregates: Sequence[ArchivedAggregate]
    gaps: Sequence[MissingEvents]
    wrong: Sequence[str]

    @property
    def is_complete(self) -> bool:
        """Whether nothing was lost since the archive began, and all adds up."""
        return not self.wrong and not any(one.missing.get(MISSED) for one in self.aggregates)


def report(folder: Path, model: ReadModel, *, most_gaps: int | None) -> ArchiveReport:
    """Of the archive in this folder, with so many gaps, lost ones first; None: all. Raises `Unavailable`."""
    snapshot = snapshots.current(folder)
    if snapshot is None:
        raise Unavailable(f"the feed {model.name} has not published anything yet")
    connection = snapshots.opened(snapshot, threads=2)
    try:
        return ArchiveReport(
            freshness=model.complete(snapshot.freshness),
            aggregates=_aggregates(connection),
            gaps=_gaps(connection, most_gaps),
            wrong=_wrong(connection),
        )
    except duckdb.Error as unreadable:
        raise _unreadable(unreadable) from unreadable
    finally:
        connection.close()


def gaps_of(folder: Path, model: ReadModel) -> tuple[Freshness, Sequence[MissingEvents]]:
    """All of them, without looking at the events; how fresh that is. Raises `Unavailable`."""
    snapshot = snapshots.current(folder)
    if snapshot is None:
        raise Unavailable(f"the feed {model.name} has not published anything yet")
    connection = snapshots.opened(snapshot, threads=2)
    try:
        return model.complete(snapshot.freshness), _gaps(connection, None)
    except duckdb.Error as unreadable:
        raise _unreadable(unreadable) from unreadable
    finally:
        connection.close()


def _unreadable(why: duckdb.Error) -> Unavailable:
    return Unavailable(f"the archive cannot be read: {str(why).splitlines()[0]}")


def _aggregates(connection: duckdb.DuckDBPyConnection) -> list[ArchivedAggregate]:
    missing: dict[str, dict[str, int]] = {}
    for aggregate, kind, number in _rows(
        connection, "SELECT aggregate, kind, sum(missing)::BIGINT FROM event_gaps GROUP BY ALL"
    ):
        missing.setdefault(aggregate, {})[kind] = number
    found = _rows(
        connection,
        "SELECT aggregate, count(*), count(DISTINCT (tenant_id, aggregate_id)), max(occurred_at)"
        " FROM events GROUP BY aggregate ORDER BY aggregate",
    )
    return [
        ArchivedAggregate(aggregate, events, things, newest_at, missing.get(aggregate, {}))
        for aggregate, events, things, newest_at in found
    ]


def _gaps(connection: duckdb.DuckDBPyConnection, most: int | None) -> list[MissingEvents]:
    found = _rows(
        connection,
        "SELECT tenant_id, aggregate, aggregate_id, first_version, last_version, kind, seen_at FROM event_gaps"
        f" ORDER BY kind <> '{MISSED}', seen_at DESC, aggregate, aggregate_id, first_version"
        + ("" if most is None else f" LIMIT {most:d}"),
    )
    return [MissingEvents(*row) for row in found]


def _wrong(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What does not add up, in words. Of a shop that was erased nothing is counted."""
    wrong = []
    twice = _rows(
        connection,
        "SELECT aggregate, aggregate_id, epoch, version FROM kept_events"
        " GROUP BY tenant_id, aggregate, aggregate_id, epoch, version HAVING count(*) > 1 ORDER BY ALL LIMIT 5",
    )
    wrong += [f"{aggregate} {id_} has version {version} more than once" for aggregate, id_, _, version in twice]
    unnamed = _rows(
        connection,
        """
        WITH there AS (
            SELECT tenant_id, aggregate, aggregate_id, max(version) - count(DISTINCT version) AS lacking
            FROM events GROUP BY ALL
        ), named AS (
            SELECT tenant_id, aggregate, aggregate_id, sum(missing)::BIGINT AS missing FROM event_gaps GROUP BY ALL
        )
        SELECT there.aggregate, there.aggregate_id, lacking, coalesce(missing, 0)
        FROM there LEFT JOIN named USING (tenant_id, aggregate, aggregate_id)
        WHERE lacking <> coalesce(missing, 0)
          AND there.tenant_id NOT IN (SELECT tenant_id FROM events WHERE type = 'tenant.deleted')
        ORDER BY ALL LIMIT 5
        """,
    )
    wrong += [
        f"{aggregate} {id_} lacks {lacking} versions, and {named} are named"
        for aggregate, id_, lacking, named in unnamed
    ]
    files = _rows(connection, 'SELECT path, "rows" FROM parquet_files')
    counted: dict[str, int] = dict(
        _rows(connection, f"SELECT filename, count(*) FROM {_read([path for path, _ in files])} GROUP BY ALL")
        if files
        else []
    )
    wrong += [f"{path} has {counted.get(path, 0)} rows of {rows}" for path, rows in files if counted.get(path) != rows]
    return wrong


def _read(paths: Sequence[str]) -> str:
    files = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{files}], filename = true)"


def _rows(connection: duckdb.DuckDBPyConnection, question: str) -> list[tuple[Any, ...]]:
    return connection.execute(question).fetchall()
