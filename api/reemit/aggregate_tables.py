"""Finds the table of an aggregate by its name."""

from collections.abc import Mapping
from typing import Final

from api.store.aggregate_table import AggregateTable
from api.store.view import TABLES
from schemas.write_model import NoSuchAggregate

BY_NAME: Final[Mapping[str, AggregateTable]] = {table.aggregate.name: table for table in TABLES}


def table_of(aggregate: str) -> AggregateTable:
    if aggregate not in BY_NAME:
        known = ", ".join(sorted(BY_NAME))
        raise NoSuchAggregate(f"there are no aggregates of type {aggregate} that could be emitted again, of {known}")
    return BY_NAME[aggregate]
