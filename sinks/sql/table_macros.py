"""Finds the questions with arguments that a snapshot has, such as `cohorts(day)`, and makes them over other tables.

A macro reads tables by their names alone, where it was made. Made where one shop's rows are, it can meet no others.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb

from sinks.sql import statement_tree
from sinks.sql.allowed_functions import TABLE_FUNCTIONS
from sinks.sql.statement_tree import Read, Things


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    name: str
    parameters: tuple[str, ...]
    definition: str
    reads: Read

    @property
    def called(self) -> str:
        return f"{self.name}({', '.join(self.parameters)})"


def macros_of(connection: duckdb.DuckDBPyConnection, source: str, there: Collection[str]) -> Mapping[str, Macro]:
    """Those of the attached `source`, by name, that read only what is `there`, which is named in small letters."""
    rows = connection.execute(
        "SELECT lower(function_name), parameters, macro_definition FROM duckdb_functions()"
        " WHERE database_name = ? AND schema_name = 'main' AND function_type = 'table_macro' AND NOT internal"
        " ORDER BY ALL",
        [source],
    ).fetchall()
    found = {}
    for name, parameters, definition in rows:
        things = statement_tree.parsed(connection, definition)
        if _reads_only(things, there):
            reads = statement_tree.read(things, there)
            found[name] = Macro(name=name, parameters=tuple(parameters), definition=definition, reads=reads)
    return found


def make(connection: duckdb.DuckDBPyConnection, macro: Macro) -> None:
    """In memory, where what it reads is."""
    parameters = ", ".join(f'"{name}"' for name in macro.parameters)
    connection.execute(f'CREATE MACRO memory.main."{macro.name}"({parameters}) AS TABLE {macro.definition}')


def _reads_only(things: Things, there: Collection[str]) -> bool:
    known = statement_tree.declared(things) | set(there)
    for thing in things:
        if thing.get("type") == "BASE_TABLE" and (
            len(thing["qualified_name"]["path"]) != 1 or thing["table_name"].lower() not in known
        ):
            return False
        if thing.get("type") == "TABLE_FUNCTION" and thing["function"]["function_name"] not in TABLE_FUNCTIONS:
            return False
    return True
