"""Numbers the columns in a table's Parquet files: engines that read Iceberg find columns by number, and by name only if
they know how.

A column has its place among those of its table, the elements of lists come behind all columns. So a number means the
same for as long as the model's version does.
"""

from collections.abc import Mapping

from sinks.duckdb.fact_tables import Columns


def of_columns(columns: Columns) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(columns, start=1)}


def of_elements(columns: Columns) -> Mapping[str, int]:
    """By the name of the list."""
    lists = [name for name, kind in columns.items() if kind.endswith("[]")]
    return {name: number for number, name in enumerate(lists, start=len(columns) + 1)}


def option(columns: Columns) -> str:
    """For COPY, of just these columns."""
    numbers, elements = of_columns(columns), of_elements(columns)
    told = [
        f"{name}: {{__duckdb_field_id: {numbers[name]:d}, element: {elements[name]:d}}}"
        if name in elements
        else f"{name}: {numbers[name]:d}"
        for name in columns
    ]
    return f"FIELD_IDS {{{', '.join(told)}}}"
