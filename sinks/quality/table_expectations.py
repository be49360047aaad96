"""Expects of every table what its declaration says: its columns with their types, keys that are there and once, lines
that are counted without a gap and belong to something.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sinks.duckdb.fact_tables import Columns, Facts, Lines
from sinks.quality.expectation import Expectation, NoRows, NotNull, Unique

_REBUILD: Final = (
    "Throw the model away, its feed makes it anew (docs/how-the-chain-works.md). If it comes back, that is a defect."
)
_COMPARE: Final = "`rustok sinks verify MODEL --full --repair` compares with the tables and puts right what differs."


def of_facts(facts: Sequence[Facts]) -> Iterator[Expectation]:
    for fact in facts:
        yield _columns(fact.table, fact.head)
        yield from _keys(fact.table, ("tenant_id", "id"))
        yield _not_null(fact.table, ("tenant_id", "id"), "version")
        for lines in fact.lines:
            yield _columns(lines.table, lines.head)
            yield from _keys(lines.table, ("tenant_id", lines.parent_id, lines.number))
            yield _counted(lines)
            yield _belongs(fact, lines)


def _columns(table: str, columns: Columns) -> Expectation:
    declared = ", ".join(f"('{name}', '{_type(kind)}')" for name, kind in columns.items())
    return Expectation(
        name=f"{table}_has_its_columns",
        table=table,
        condition=NoRows(
            f"SELECT * FROM (VALUES {declared}) AS declared(column_name, data_type) ANTI JOIN"
            f" (SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{table}'"
            " AND schema_name = 'main') USING (column_name, data_type)"
        ),
        meaning=f"`{table}` has every column that is declared, of its type.",
        advice=_REBUILD,
    )


def _keys(table: str, keys: Sequence[str]) -> Iterator[Expectation]:
    for column in keys:
        yield _not_null(table, keys, column)
    yield Expectation(
        name=f"{table}_are_there_once",
        table=table,
        condition=Unique(keys),
        meaning=f"No two rows of `{table}` have the same {', '.join(keys)}.",
        advice=_REBUILD,
        keys=keys,
    )


def _not_null(table: str, keys: Sequence[str], column: str) -> Expectation:
    return Expectation(
        name=f"{table}_have_{column}",
        table=table,
        condition=NotNull(column),
        meaning=f"Every row of `{table}` has a {column}.",
        advice=_REBUILD,
        keys=keys,
    )


def _counted(lines: Lines) -> Expectation:
    parent = f"tenant_id, {lines.parent_id}"
    return Expectation(
        name=f"{lines.table}_are_counted_from_1",
        table=lines.table,
        condition=NoRows(
            f"SELECT {parent}, count(*) AS rows, max({lines.number}) AS last FROM {lines.table} GROUP BY {parent}"
            f" HAVING min({lines.number}) <> 1 OR max({lines.number}) <> count(*)"
        ),
        meaning=f"Of each {lines.parent_id} the rows of `{lines.table}` are numbered from 1, without a gap.",
        advice=_COMPARE,
    )


def _belongs(fact: Facts, lines: Lines) -> Expectation:
    return Expectation(
        name=f"{lines.table}_belong_to_{fact.table}",
        table=lines.table,
        condition=NoRows(
            f"SELECT line.tenant_id, line.{lines.parent_id}, line.{lines.number} FROM {lines.table} AS line"
            f" ANTI JOIN {fact.table} AS head"
            f" ON head.tenant_id = line.tenant_id AND head.id = line.{lines.parent_id}"
        ),
        meaning=f"Every row of `{lines.table}` is of a row of `{fact.table}` of the same shop.",
        advice=_COMPARE,
    )


def _type(kind: str) -> str:
    """As DuckDB calls it in its catalogue."""
    return {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}.get(kind, kind)
