"""Turns what an access reaches into SQL: rows that do not meet it are not there."""

from collections.abc import Callable, Mapping

from schemas.row_conditions import EVERY_ROW, RowCondition, Value
from schemas.row_conditions_sql import PSYCOPG, WhereText


def where(condition: RowCondition, expression: Callable[[str], str]) -> tuple[str, dict[str, Value]]:
    """What follows a WHERE, and its parameters; `expression` is what the query has for a column of the condition."""
    if condition == EVERY_ROW:
        return "", {}
    written = WhereText(condition, expression=expression, placeholder=PSYCOPG)
    return f"AND {written.text} ", written.values


def of_table(table: str, computed: Mapping[str, str] | None = None) -> Callable[[str], str]:
    """The columns of a table as a query calls it, and what is computed beside them."""
    known = computed or {}
    return lambda column: known.get(column) or f"{table}.{column}"
