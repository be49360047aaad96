"""Says a table of facts in Iceberg's words: types, and what is meant as the docs of its fields.

Nothing is converted: a UUID is one, a moment has its zone, money stays the whole number that it is.
"""

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

from sinks.duckdb import field_ids
from sinks.duckdb.described_columns import DescribedTable
from sinks.duckdb.published_views import PART_NO, Stored

_TYPES: Final[dict[str, IcebergType]] = {
    "BIGINT": LongType(),
    "BOOLEAN": BooleanType(),
    "INTEGER": IntegerType(),
    "TIMESTAMPTZ": TimestamptzType(),
    "UUID": UUIDType(),
    "VARCHAR": StringType(),
}
_STORES_OWN: Final = "The store's own: where the feed keeps the row."
#: What engines may know of a file without opening it: of these from where to where they go. Of all others only how
#: many: texts may be about people, and Iceberg in Java orders UUIDs by signed numbers, so it would skip files with rows
#: that are asked for (apache/iceberg#14216).
_ORDERED: Final = ("BIGINT", "INTEGER", "TIMESTAMPTZ")
_BOUNDS: Final = "full"
_COUNTS: Final = "counts"


def schema_of(table: Stored, about: DescribedTable) -> Schema:
    """Its fields have the numbers that they have in the files."""
    docs = {column: meaning.text for column, meaning in about.columns.items()} | {PART_NO: _STORES_OWN}
    numbers, elements = field_ids.of_columns(table.in_files), field_ids.of_elements(table.in_files)
    return Schema(
        *(
            NestedField(
                numbers[name], name, _type(kind, elements.get(name)), required=False, doc=docs.get(name) or None
            )
            for name, kind in table.in_files.items()
        )
    )


def metrics_of(table: Stored) -> dict[str, str]:
    """Properties that say what is kept of each column beside the rows."""
    return {
        "write.metadata.metrics.default": _COUNTS,
        **{
            f"write.metadata.metrics.column.{name}": _BOUNDS for name, kind in table.columns.items() if kind in _ORDERED
        },
    }


def _type(kind: str, element: int | None) -> IcebergType:
    if element is not None:
        return ListType(element, _TYPES[kind.removesuffix("[]")], element_required=False)
    return _TYPES[kind]
