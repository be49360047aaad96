"""Prints rows of DuckDB for a terminal or another program: as a table, as JSON or as CSV."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import duckdb

from sinks.sql import answer_rows
from sinks.sql.answer_rows import NotWritable

KINDS: Final = ("table", "json", "csv")
#: A table is for reading.
MOST_IN_TABLE: Final = 1000
_WIDEST: Final = 60
_FETCHED: Final = 1000
_NUMBERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "UHUGEINT", "DECIMAL", "DOUBLE")

Columns = Sequence[tuple[str, str]]


def printed(found: duckdb.DuckDBPyConnection, kind: str) -> Iterator[str]:
    """Lines. Raises `NotWritable` for what JSON or CSV would lose, and `duckdb.Error` while it is carried out."""
    columns = [(column[0], str(column[1])) for column in found.description or ()]
    match kind:
        case "json":
            return _as_json(columns, _rows(found))
        case "csv":
            return _as_csv(columns, _rows(found))
        case _:
            return _as_table(columns, _rows(found))


def _rows(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := found.fetchmany(_FETCHED):
        yield from rows


def _as_csv(columns: Columns, rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    answer_rows.require_writable(columns)
    write = answer_rows.as_csv(columns)
    yield answer_rows.csv_head(columns).decode().rstrip("\r\n")
    for row in rows:
        yield write(row).decode().rstrip("\r\n")


def _as_json(columns: Columns, rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    """An array with an object for each row, a line each."""
    answer_rows.require_writable(columns)
    names = [name for name, _ in columns]
    if len(set(names)) < len(names):
        raise NotWritable("Two columns have one name: name them with AS, or ask for CSV.")
    write, before = answer_rows.as_json(columns), "["
    for row in rows:
        yield before + json.dumps(dict(zip(names, json.loads(write(row)), strict=True)), ensure_ascii=False)
        before = ","
    yield "]" if before == "," else "[]"


def _as_table(columns: Columns, rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    shown: list[list[str]] = []
    is_cut = False
    for row in rows:
        if len(shown) == MOST_IN_TABLE:
            is_cut = True
            break
        shown.append([_cell(value) for value in row])
    names = [name for name, _ in columns]
    widths = [max(map(len, column)) for column in zip(names, *shown, strict=True)]
    sides: list[Callable[[str, int], str]] = [
        str.rjust if kind.startswith(_NUMBERS) and not kind.endswith("]") else str.ljust for _, kind in columns
    ]
    for line in (names, ["-" * width for width in widths], *shown):
        yield "  ".join(side(cell, width) for side, cell, width in zip(sides, line, widths, strict=True)).rstrip()
    yield f"({len(shown):,} row{'s' if len(shown) != 1 else ''}{' and more: --as csv has all' if is_cut else ''})"


def _cell(value: Any) -> str:
    """On one line, and no wider than can be read."""
    text = "" if value is None else " ".join(str(value).split()) if isinstance(value, str) else str(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
