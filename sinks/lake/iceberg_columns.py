"""Says a table of facts in Iceberg's words: types, and what is meant as the docs of its fields.

Nothing is converted: a UUID is one, a moment has its zone, money stays the whole number that it is.
"""

from collections.abc import Callable
from typing import Final

from pyiceberg.schema import Schema
from pyiceberg.types import (
    BooleanType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    NestedField,
    StringType,
    TimestamptzType,
    UUIDType,
)

from sinks.duckdb.described_columns import DescribedTable
from sinks.duckdb.published_views import Stored
from sinks.lake.table_files import PART_NO

_TYPES: Final[dict[str, IcebergType]] = {
    "BIGINT": LongType(),
    "BOOLEAN": BooleanType(),
    "INTEGER": IntegerType(),
    "TIMESTAMPTZ": TimestamptzType(),
    "UUID": UUIDType(),
    "VARCHAR": StringType(),
}
_STORES_OWN: Final = "The store's own: where the feed keeps the row."
#: What engines may know of a file without opening it. Of texts nothing but how many: they may be about people.
_BOUNDS: Final = "full"
_COUNTS: Final = "counts"


def schema_of(table: Stored, about: DescribedTable) -> Schema:
    columns = {**table.columns, PART_NO: "INTEGER"}
    docs = {column: meaning.text for column, meaning in about.columns.items()} | {PART_NO: _STORES_OWN}
    items = iter(range(len(columns) + 1, 2 * len(columns) + 1))
    return Schema(
        *(
            NestedField(number, name, _type(kind, items.__next__), required=False, doc=docs.get(name) or None)
            for number, (name, kind) in enumerate(columns.items(), start=1)
        )
    )


def metrics_of(table: Stored) -> dict[str, str]:
    """Properties that say what is kept of each column beside the rows."""
    return {
        "write.metadata.metrics.default": _BOUNDS,
        **{
            f"write.metadata.metrics.column.{name}": _COUNTS
            for name, kind in table.columns.items()
            if kind.startswith("VARCHAR")
        },
    }


def _type(kind: str, next_id: Callable[[], int]) -> IcebergType:
    if kind.endswith("[]"):
        return ListType(next_id(), _TYPES[kind.removesuffix("[]")], element_required=False)
    return _TYPES[kind]
