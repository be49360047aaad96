"""What a table of facts looks like: columns with types, and for documents with lists a table of each.

Every table starts with `tenant_id`, `id` and `version` of the aggregate; a line has the parent's id and its number, and
what is a part of another table's documents has the `document_id` of the one it belongs to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sinks.duckdb.described_columns import Described

Columns = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The list under `field` of a document, one row each in `table`, counted from 1 by `number`."""

    field: str
    table: str
    parent_id: str
    columns: Columns
    number: str = "line_no"

    @property
    def head(self) -> Columns:
        return {"tenant_id": "UUID", self.parent_id: "UUID", self.number: "INTEGER", **self.columns}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A row per aggregate in `table`. Types are DuckDB's.

    Without `part` the rows are the documents of the collection of the table's name; with it they are a part of the
    documents of the collection `part_of`, and a view joins them.

    `views` are the definitions everybody shares, name → SELECT: what the API answers with is what an analyst can query.
    `macros` are those that take arguments, `name(arguments)` → SELECT. Both may name any table or view of the snapshot,
    views only those before them. `described` says what is meant.
    """

    table: str
    columns: Columns
    lines: tuple[Lines, ...] = ()
    views: Mapping[str, str] = field(default_factory=dict)
    macros: Mapping[str, str] = field(default_factory=dict)
    described: Described = field(default_factory=dict)
    part_of: str = ""
    part: str = ""

    @property
    def collection(self) -> str:
        return self.part_of or self.table

    @property
    def head(self) -> Columns:
        belongs_to = {"document_id": "UUID"} if self.part else {}
        return {"tenant_id": "UUID", "id": "UUID", "version": "BIGINT", **belongs_to, **self.columns}

    @property
    def definitions(self) -> Iterator[str]:
        """What makes the views and macros, where the tables are."""
        for view, select in self.views.items():
            yield f"CREATE VIEW {view} AS {select}"
        for macro, select in self.macros.items():
            yield f"CREATE MACRO {macro} AS TABLE {select}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFor:
    """Rows, with their lines, go so many days after the moment in the column `since`."""

    days: int
    since: str
