"""Reads a statement as DuckDB itself has parsed it: what is in its tree, and what it may need of which tables."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb

#: Of a CTE. DuckDB takes a name with a dot or a slash for a file where no table has it.
_NAME: Final = re.compile(r"\w+")

Things = Sequence[Mapping[str, Any]]


class StatementRefused(Exception):
    """It is not carried out. `position` is where in the statement, from 0, where that is known."""

    def __init__(self, code: str, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class Read:
    """`tables` are those that are read. `names` are all that may be columns of theirs, in small letters; None: all of
    their columns may be meant.
    """

    tables: frozenset[str]
    names: frozenset[str] | None

    def columns(self, there: Collection[str]) -> list[str]:
        """Those of a table's columns that may be needed."""
        return [name for name in there if self.names is None or name.lower() in self.names]


def parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> Things:
    """Every object in the tree of one SELECT. Raises `StatementRefused`."""
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
    return list(_things(tree["statements"][0]))


def declared(things: Things) -> frozenset[str]:
    """The names of the CTEs in it, in small letters. Raises `StatementRefused` for one that is no word."""
    return frozenset(name for thing in things for name in _named_here(thing))


def read(things: Things, there: Collection[str]) -> Read:
    """What is read of the tables that are `there`, which are named in small letters."""
    named = {thing["table_name"].lower() for thing in things if thing.get("type") == "BASE_TABLE"}
    return Read(frozenset(named & set(there)), None if _may_mean_all(things, named) else _column_names(things))


def _things(tree: Any) -> Iterator[dict[str, Any]]:
    left = [tree]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            left += one.values()
        elif isinstance(one, list):
            left += one


def _named_here(thing: Mapping[str, Any]) -> Iterator[str]:
    for one in (thing.get("cte_map") or {}).get("map", ()):
        if not _NAME.fullmatch(one["key"]):
            raise StatementRefused("bad_name", f"A CTE is named of letters, digits and _, not {one['key']!r}.")
        yield one["key"].lower()


def _may_mean_all(things: Things, named: Collection[str]) -> bool:
    """Whether columns are meant that are not named: by `*`, a natural join, a pivot, which groups by all others, or a
    table's name for its whole row.
    """
    rows = set(named) | {thing["alias"].lower() for thing in things if thing.get("type") == "BASE_TABLE"}
    for thing in things:
        if thing.get("class") == "STAR" or thing.get("ref_type") in ("NATURAL", "POSITIONAL"):
            return True
        if thing.get("type") == "PIVOT":
            return True
        if thing.get("class") == "COLUMN_REF" and thing["column_names"][-1].lower() in rows:
            return True
    return False


def _column_names(things: Things) -> frozenset[str]:
    """Every text of the tree but of its constants: more than are columns, and never fewer."""
    found: set[str] = set()
    for thing in things:
        if "literal" not in thing and "text" not in thing:
            for value in thing.values():
                listed = value if isinstance(value, list) else [value]
                found |= {one.lower() for one in listed if isinstance(one, str)}
    return frozenset(found)
