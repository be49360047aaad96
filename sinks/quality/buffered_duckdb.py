"""Has Great Expectations read DuckDB: a result is fetched before its connection is closed, and not afterwards.

Upstream reads it afterwards, which DuckDB's driver does not survive. A test says when this file can go.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from great_expectations.execution_engine import SqlAlchemyExecutionEngine


@contextmanager
def results_are_buffered() -> Iterator[None]:
    """For as long as the block lasts."""
    upstream = SqlAlchemyExecutionEngine.execute_query

    def execute_query(self: SqlAlchemyExecutionEngine, query: Any) -> Any:
        with self.get_connection() as connection:
            return connection.execute(query).freeze()()

    # Not a subclass: metrics are registered for the class of this name.
    SqlAlchemyExecutionEngine.execute_query = execute_query
    try:
        yield
    finally:
        SqlAlchemyExecutionEngine.execute_query = upstream
