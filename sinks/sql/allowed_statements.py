"""Lets through one SELECT over the tables that are there, as DuckDB itself has parsed it, and nothing else.

The tree is walked whole, and what is in it is allowed by kind: a kind that is not known here, such as one of a later
version of DuckDB, is refused.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from sinks.sql.allowed_functions import TABLE_FUNCTIONS, not_allowed

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
#: Of a CTE. DuckDB takes a name with a dot or a slash for a file where no table has it.
_NAME: Final = re.compile(r"\w+")


class StatementRefused(Exception):
    """It is not carried out. `position` is where in the statement, from 0, where that is known."""

    def __init__(self, code: str, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class Statement:
    """`tables` are those that it reads. `names` are all that may be columns of theirs, in small letters; None: all of
    their columns may be meant.
    """

    sql: str
    tables: frozenset[str]
    names: frozenset[str] | None

    def columns(self, there: Collection[str]) -> list[str]:
        """Those of a table's columns that it may need."""
        return [name for name in there if self.names is None or name.lower() in self.names]


def allowed(connection: duckdb.DuckDBPyConnection, sql: str, tables: Collection[str]) -> Statement:
    """`tables` are the names of those that are there, in small letters. Raises `StatementRefused`."""
    if len(sql) > LONGEST:
        raise StatementRefused("too_long", f"The statement has more than {LONGEST:,} characters.")
    things = list(_things(_parsed(connection, sql)))
    known = frozenset(tables) | {one for thing in things for one in _named_here(thing)}
    read: set[str] = set()
    for thing in things:
        _require_kind(thing)
        if thing.get("type") == "BASE_TABLE":
            read.add(_table(thing, known))
        if thing.get("type") == "TABLE_FUNCTION":
            _require_table_function(thing)
    _require_functions(connection, things)
    there = frozenset(read & set(tables))
    return Statement(sql, there, None if _may_mean_all(things, read) else _column_names(things))


def _parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> Mapping[str, Any]:
    try:
        ((text,),) = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
        tree = json.loads(text)
    except (duckdb.Error, RecursionError, ValueError) as strange:
        raise StatementRefused("not_readable", "The statement cannot be read: make it simpler.") from strange
    if tree["error"] and tree["error_type"] == "not implemented":
        raise StatementRefused(
            "not_a_select",
            "Only one SELECT is answered here (also FROM, WITH, VALUES, DESCRIBE and SUMMARIZE)."
            " PIVOT goes in parentheses behind FROM, with the values after IN.",
        )
    if tree["error"]:
        at = tree.get("position")
        raise StatementRefused("syntax_error", tree["error_message"], None if at is None else int(at))
    if len(tree["statements"]) != 1:
        raise StatementRefused("not_one_statement", f"There are {len(tree['statements'])} statements; send one.")
    found: Mapping[str, Any] = tree["statements"][0]
    return found


def _things(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object in the tree."""
    left = [tree]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            left += one.values()
        elif isinstance(one, list):
            left += one


def _named_here(thing: Mapping[str, Any]) -> Iterator[str]:
    """The CTEs that it declares."""
    for one in (thing.get("cte_map") or {}).get("map", ()):
        if not _NAME.fullmatch(one["key"]):
            raise StatementRefused("bad_name", f"A CTE is named of letters, digits and _, not {one['key']!r}.")
        yield one["key"].lower()


def _require_kind(thing: Mapping[str, Any]) -> None:
    kind = thing.get("class", thing.get("type"))
    if isinstance(kind, str) and kind not in (_EXPRESSIONS if "class" in thing else _KINDS):
        raise StatementRefused("not_allowed", f"{kind} is not answered here.", _at(thing))
    if thing.get("type") == "SHOW_REF" and (thing["show_type"] not in _SHOWN or thing["query"] is None):
        raise StatementRefused("not_allowed", "DESCRIBE and SUMMARIZE are of one table, or of a SELECT.")
    if thing.get("export_state"):
        raise StatementRefused("not_allowed", "EXPORT_STATE is not answered here.", _at(thing))


def _table(thing: Mapping[str, Any], known: Collection[str]) -> str:
    name = thing["table_name"].lower()
    if thing["catalog_name"] or thing["schema_name"] or len(thing["qualified_name"]["path"]) != 1:
        raise StatementRefused("unknown_table", "Tables are named without a catalogue and a schema.", _at(thing))
    if thing["at_clause"] is not None:
        raise StatementRefused("not_allowed", "AT is not answered here: all is of one moment.", _at(thing))
    if name not in known:
        there = ", ".join(sorted(known))
        raise StatementRefused("unknown_table", f"There is no table {name} here. There are: {there}.", _at(thing))
    return str(name)


def _require_table_function(thing: Mapping[str, Any]) -> None:
    name = thing["function"]["function_name"].lower()
    if name not in TABLE_FUNCTIONS:
        answered = ", ".join(sorted(TABLE_FUNCTIONS))
        raise StatementRefused("unknown_function", f"Of table functions there are {answered}, not {name}.", _at(thing))


def _require_functions(connection: duckdb.DuckDBPyConnection, things: Collection[Mapping[str, Any]]) -> None:
    called = [one for one in things if one.get("class") in ("FUNCTION", "WINDOW")]
    for one in called:
        if one["catalog"] or one["schema"] or len(one["qualified_name"]["path"]) != 1:
            raise StatementRefused("unknown_function", "Functions are named without a schema.", _at(one))
    by_name = {one["function_name"].lower(): one for one in called}
    for name in not_allowed(connection, by_name):
        raise StatementRefused("unknown_function", f"There is no function {name} here.", _at(by_name[name]))


def _may_mean_all(things: Collection[Mapping[str, Any]], read: Collection[str]) -> bool:
    """Whether columns are meant that are not named: by `*`, a natural join, or a table's name for its whole row."""
    rows = set(read) | {thing["alias"].lower() for thing in things if thing.get("type") == "BASE_TABLE"}
    for thing in things:
        if thing.get("class") == "STAR" or thing.get("ref_type") in ("NATURAL", "POSITIONAL"):
            return True
        if thing.get("class") == "COLUMN_REF" and thing["column_names"][-1].lower() in rows:
            return True
    return False


def _column_names(things: Collection[Mapping[str, Any]]) -> frozenset[str]:
    """Every text of the tree but of its constants: more than are columns, and never fewer."""
    found: set[str] = set()
    for thing in things:
        if "literal" not in thing and "text" not in thing:
            for value in thing.values():
                listed = value if isinstance(value, list) else [value]
                found |= {one.lower() for one in listed if isinstance(one, str)}
    return frozenset(found)


def _at(thing: Mapping[str, Any]) -> int | None:
    """Generated parts of the tree have none."""
    at = thing.get("query_location")
    return at if isinstance(at, int) and at < LONGEST else None
