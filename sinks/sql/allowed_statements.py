"""Lets through one SELECT over the tables that are there, as DuckDB itself has parsed it, and nothing else.

The tree is walked whole, and what is in it is allowed by kind: a kind that is not known here, such as one of a later
version of DuckDB, is refused.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from sinks.sql import statement_tree
from sinks.sql.allowed_functions import TABLE_FUNCTIONS, not_allowed
from sinks.sql.statement_tree import Read, StatementRefused
from sinks.sql.table_macros import Macro

LONGEST: Final = 20_000
_EXPRESSIONS: Final = frozenset(
    {
        *("BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION"),
        *("LAMBDA", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "TYPE", "WINDOW"),
    }
)
_TABLES: Final = frozenset(
    {"BASE_TABLE", "EMPTY", "EXPRESSION_LIST", "JOIN", "PIVOT", "SHOW_REF", "SUBQUERY", "TABLE_FUNCTION"}
)
_NODES: Final = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_MODIFIERS: Final = frozenset({"DISTINCT_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER"})
_ORDERS: Final = frozenset({"ORDER_DEFAULT", "ASCENDING", "DESCENDING"})
_KINDS: Final = _TABLES | _NODES | _MODIFIERS | _ORDERS
#: `DESCRIBE orders` and `SUMMARIZE orders`; the others are about the catalogue.
_SHOWN: Final = frozenset({"DESCRIBE", "SUMMARY"})
_NONE: Final[Mapping[str, Macro]] = {}


@dataclass(frozen=True, slots=True)
class Statement:
    """What it `reads` by itself, and which macros it `calls`, that read more."""

    sql: str
    reads: Read
    calls: tuple[Macro, ...] = ()


def allowed(
    connection: duckdb.DuckDBPyConnection, sql: str, tables: Collection[str], macros: Mapping[str, Macro] = _NONE
) -> Statement:
    """`tables` are the names of those that are there, in small letters. Raises `StatementRefused`."""
    if len(sql) > LONGEST:
        raise StatementRefused("too_long", f"The statement has more than {LONGEST:,} characters.")
    things = statement_tree.parsed(connection, sql)
    declared = statement_tree.declared(things)
    called: dict[str, Macro] = {}
    for thing in things:
        _require_kind(thing)
        if thing.get("type") == "BASE_TABLE":
            _require_table(thing, declared | set(tables))
        if thing.get("type") == "TABLE_FUNCTION":
            name = _table_function(thing, macros)
            if name in macros:
                _require_own_names(thing, macros[name], declared)
                called[name] = macros[name]
    _require_functions(connection, things)
    return Statement(sql, statement_tree.read(things, tables), tuple(called.values()))


def _require_kind(thing: Mapping[str, Any]) -> None:
    kind = thing.get("class", thing.get("type"))
    if isinstance(kind, str) and kind not in (_EXPRESSIONS if "class" in thing else _KINDS):
        raise StatementRefused("not_allowed", f"{kind} is not answered here.", _at(thing))
    if thing.get("type") == "SHOW_REF" and (thing["show_type"] not in _SHOWN or thing["query"] is None):
        raise StatementRefused("not_allowed", "DESCRIBE and SUMMARIZE are of one table, or of a SELECT.")
    if thing.get("export_state"):
        raise StatementRefused("not_allowed", "EXPORT_STATE is not answered here.", _at(thing))


def _require_table(thing: Mapping[str, Any], known: Collection[str]) -> None:
    name = thing["table_name"].lower()
    if thing["catalog_name"] or thing["schema_name"] or len(thing["qualified_name"]["path"]) != 1:
        raise StatementRefused("unknown_table", "Tables are named without a catalogue and a schema.", _at(thing))
    if thing["at_clause"] is not None:
        raise StatementRefused("not_allowed", "AT is not answered here: all is of one moment.", _at(thing))
    if name not in known:
        there = ", ".join(sorted(known))
        raise StatementRefused("unknown_table", f"There is no table {name} here. There are: {there}.", _at(thing))


def _table_function(thing: Mapping[str, Any], macros: Mapping[str, Macro]) -> str:
    function = thing["function"]
    name = function["function_name"].lower()
    if function["catalog"] or function["schema"] or len(function["qualified_name"]["path"]) != 1:
        raise StatementRefused("unknown_function", "Functions are named without a schema.", _at(thing))
    if name not in TABLE_FUNCTIONS and name not in macros:
        answered = ", ".join([*sorted(TABLE_FUNCTIONS), *(macro.called for macro in macros.values())])
        raise StatementRefused("unknown_function", f"Of table functions there are {answered}, not {name}.", _at(thing))
    return str(name)


def _require_own_names(thing: Mapping[str, Any], macro: Macro, declared: Collection[str]) -> None:
    """DuckDB would have the macro read a CTE in place of the table that it means."""
    taken = sorted(macro.reads.tables & set(declared))
    if taken:
        raise StatementRefused(
            "bad_name", f"{macro.called} reads {taken[0]}: give the CTE of that name another.", _at(thing)
        )


def _require_functions(connection: duckdb.DuckDBPyConnection, things: Collection[Mapping[str, Any]]) -> None:
    of_tables = {id(one["function"]) for one in things if one.get("type") == "TABLE_FUNCTION"}
    called = [one for one in things if one.get("class") in ("FUNCTION", "WINDOW") and id(one) not in of_tables]
    for one in called:
        if one["catalog"] or one["schema"] or len(one["qualified_name"]["path"]) != 1:
            raise StatementRefused("unknown_function", "Functions are named without a schema.", _at(one))
    by_name = {one["function_name"].lower(): one for one in called}
    for name in not_allowed(connection, by_name):
        raise StatementRefused("unknown_function", f"There is no function {name} here.", _at(by_name[name]))


def _at(thing: Mapping[str, Any]) -> int | None:
    """Generated parts of the tree have none."""
    at = thing.get("query_location")
    return at if isinstance(at, int) and at < LONGEST else None
