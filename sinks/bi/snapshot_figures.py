"""Works the figures of the tables out of published snapshots, and says which slices differ from what is there."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import duckdb

from sinks.analytics import sales_facts, search_facts
from sinks.bi.bi_table import BiTable
from sinks.duckdb import certified_snapshots, snapshots
from sinks.duckdb.parquet_parts import quoted
from sinks.read_model import ReadModel
from sinks.sink import Unavailable, vouched

Of = Literal["newest", "certified"]
MODELS: Final = (sales_facts.MODEL, search_facts.MODEL)
#: A snapshot may be retired between reading its name and opening it.
_TRIES: Final = 3
#: By its rows, in no order.
_SLICES: Final = """
    SELECT {slice}, md5(string_agg(told, '' ORDER BY told)) AS told
    FROM (SELECT {slice}, md5(concat_ws(chr(31), {columns})) AS told FROM {source}) AS one GROUP BY {slice}
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A snapshot to fill the tables from."""

    path: Path
    as_of: datetime
    is_certified: bool


class SnapshotFigures:
    """Made by `figures_of`. A table whose model has no snapshot yet is not among `chosen`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, chosen: Mapping[str, Chosen]) -> None:
        self._connection = connection
        self.chosen = chosen

    def work_out(self, table: BiTable) -> None:
        """Its rows, until the next table is worked out."""
        self._connection.execute(f"USE {_alias(table.model)}")
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE figures AS {table.select}")

    def changed(self, table: BiTable, there: Sequence[Sequence[Any]]) -> tuple[list[tuple[Any, ...]], bool]:
        """The slices that are another here than there, told as `slices` has it; and whether that is every one here."""
        here = {tuple(row[:-1]): row[-1] for row in self._connection.execute(slices(table, "figures")).fetchall()}
        held = {tuple(row[:-1]): row[-1] for row in there}
        different = [key for key in here.keys() | held.keys() if here.get(key) != held.get(key)]
        return different, len(different) == len(here | held)

    def rows(self, table: BiTable, changed: Sequence[Sequence[Any]], *, is_all: bool) -> Iterator[tuple[Any, ...]]:
        """Those of the slices; `is_all` spares the choice."""
        where = ""
        if not is_all:
            names = ", ".join(table.slice)
            types = ", ".join(f"{name} {table.columns[name].type}" for name in table.slice)
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE changed ({types})")
            if changed:
                self._connection.executemany(
                    f"INSERT INTO changed VALUES ({', '.join('?' * len(table.slice))})", list(changed)
                )
            where = f"SEMI JOIN changed USING ({names})"
        found = self._connection.execute(f"SELECT {', '.join(table.columns)} FROM figures {where}")
        while some := found.fetchmany(10_000):
            yield from some


def slices(table: BiTable, source: str) -> str:
    """A question that DuckDB and PostgreSQL answer alike: the slices, each with a word for all its rows."""
    columns = ", ".join(f"coalesce({_as_text(name, one.type)}, '~')" for name, one in table.columns.items())
    return _SLICES.format(slice=", ".join(table.slice), columns=columns, source=source)


@contextmanager
def figures_of(analytics: Path, of: Of) -> Iterator[SnapshotFigures]:
    """Raises `Unavailable` when there is nothing to fill from, or nobody vouches for it."""
    with ExitStack() as held:
        spill = held.enter_context(tempfile.TemporaryDirectory(prefix="rustok-bi-"))
        connection = duckdb.connect(config={"temp_directory": spill, "memory_limit": "1GB", "threads": 2})
        held.callback(connection.close)
        yield SnapshotFigures(connection, _opened(connection, analytics, of, tries=_TRIES))


def _opened(connection: duckdb.DuckDBPyConnection, analytics: Path, of: Of, tries: int) -> dict[str, Chosen]:
    newest = snapshots.current(_folder(analytics, sales_facts.MODEL))
    chosen = {model.name: found for model in MODELS if (found := _chosen(analytics, model, of))}
    if newest is None or sales_facts.MODEL.name not in chosen:
        raise Unavailable(f"there is no {of} snapshot of sales to fill from", retry_after_s=20)
    try:
        # Also where an older one is read: who was erased meanwhile is not to come back.
        _attach(connection, newest.path, "shops")
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE known_shops AS SELECT tenant_id, slug, time_zone FROM shops.main.dim_shops"
        )
        connection.execute("DETACH shops")
        for model in MODELS:
            if model.name in chosen:
                _attach(connection, chosen[model.name].path, _alias(model))
    except duckdb.Error as retired:
        if tries > 1:
            connection.execute("USE memory")
            for name in ("shops", *map(_alias, MODELS)):
                connection.execute(f"DETACH DATABASE IF EXISTS {name}")
            return _opened(connection, analytics, of, tries - 1)
        raise Unavailable(f"a snapshot cannot be read: {retired}", retry_after_s=20) from retired
    return chosen


def _chosen(analytics: Path, model: ReadModel, of: Of) -> Chosen | None:
    """None when there is none, or, but for sales, when nobody vouches for it."""
    folder = _folder(analytics, model)
    certified = certified_snapshots.newest(folder)
    if of == "certified":
        return None if certified is None else Chosen(certified.path, certified.as_of, is_certified=True)
    current = snapshots.current(folder)
    if current is None:
        return None
    freshness = model.complete(current.freshness)
    if model is sales_facts.MODEL:
        vouched(freshness)
    if freshness.as_of is None:
        return None
    return Chosen(current.path, freshness.as_of, is_certified=certified is not None and certified.path == current.path)


def _folder(analytics: Path, model: ReadModel) -> Path:
    return snapshots.live_folder(analytics, model.name).resolve()


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    connection.execute(f"ATTACH {quoted(path)} AS {name} (READ_ONLY)")


def _alias(model: ReadModel) -> str:
    return f"{model.name}_snapshot"


def _as_text(name: str, type_: str) -> str:
    """As both write it."""
    return f"CASE WHEN {name} THEN 'true' WHEN NOT {name} THEN 'false' END" if type_ == "boolean" else f"{name}::text"
