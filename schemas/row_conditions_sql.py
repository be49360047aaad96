"""Writes a tree of row conditions as what follows a WHERE, for PostgreSQL and for DuckDB; values are parameters.

To a test of what a row does not have SQL says NULL, which a WHERE takes for no. AND and OR keep it so; NOT would
not, and there it becomes a no.
"""

from collections.abc import Callable
from typing import Final

from schemas.row_conditions import All, AnyOf, Not, OneOf, RowCondition, Value, Within

#: Of parameters, as each client writes them.
PSYCOPG: Final = "%({})s"
DUCKDB: Final = "${}"


class WhereText:
    """`text` with the values of its parameters. `expression` says what SQL a column stands for, `placeholder` how a
    parameter is written, `name` how their names begin.
    """

    def __init__(
        self, condition: RowCondition, *, expression: Callable[[str], str], placeholder: str, name: str = "reached"
    ) -> None:
        self.values: dict[str, Value] = {}
        self._expression = expression
        self._placeholder = placeholder
        self._name = name
        self.text = self._written(condition)

    def _written(self, condition: RowCondition) -> str:
        match condition:
            case OneOf(column, values):
                return self._one_of(self._expression(column), values)
            case Within(column, least, most):
                return self._within(self._expression(column), least, most)
            case All(parts):
                return f"({' AND '.join(map(self._written, parts))})" if parts else "TRUE"
            case AnyOf(parts):
                return f"({' OR '.join(map(self._written, parts))})" if parts else "FALSE"
            case Not(part):
                return f"NOT coalesce({self._written(part)}, FALSE)"

    def _one_of(self, column: str, values: tuple[str, ...]) -> str:
        if not values:
            return "FALSE"
        return f"{column} IN ({', '.join(map(self._parameter, values))})"

    def _within(self, column: str, least: int | None, most: int | None) -> str:
        if least is not None and most is not None:
            return f"{column} BETWEEN {self._parameter(least)} AND {self._parameter(most)}"
        if least is not None:
            return f"{column} >= {self._parameter(least)}"
        return f"{column} IS NOT NULL" if most is None else f"{column} <= {self._parameter(most)}"

    def _parameter(self, value: Value) -> str:
        name = f"{self._name}_{len(self.values)}"
        self.values[name] = value
        return self._placeholder.format(name)
