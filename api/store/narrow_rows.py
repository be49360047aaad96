"""Turns the conditions of an access into SQL: rows that do not meet them are not there."""

from collections.abc import Iterable

from api.domain.scope import Condition


def where(conditions: Iterable[Condition], table: str) -> tuple[str, dict[str, str]]:
    """What follows a WHERE, and its parameters; `table` is what the query calls the table."""
    conditions = tuple(conditions)
    text = "".join(f"AND {table}.{one.field} = %(reached_{one.field})s " for one in conditions)
    return text, {f"reached_{one.field}": one.value for one in conditions}
