"""What does a table of facts look like? Columns with types, and for documents with parts a table of the parts.

Every table starts with `tenant_id`, `id` and `version` of the aggregate; a part has the parent's id and `line_no`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Columns = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The list under `field` of a document, one row each in `table`, counted from 1 by `line_no`."""

    field: str
    table: str
    parent_id: str
    columns: Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One collection: a row per aggregate in `table` (its name is the collection's). Types are DuckDB's.

    `views` are the definitions everybody shares, name → SELECT: what the API answers with is what an analyst can query.
    """

    table: str
    columns: Columns
    parts: Parts
    views: Mapping[str, str]

    @property
    def head(self) -> Columns:
        return {"tenant_id": "UUID", "id": "UUID", "version": "BIGINT", **self.columns}

    @property
    def part(self) -> Columns:
        return {"tenant_id": "UUID", self.parts.parent_id: "UUID", "line_no": "INTEGER", **self.parts.columns}
