"""Declares where an aggregate is kept and how its state is emitted again: one row beside its tables."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from api.domain.changes import Decision, Versioned
from schemas.aggregate import Aggregate

Load = Callable[[psycopg.Connection[Any], UUID, Collection[UUID]], Mapping[UUID, Versioned[Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateTable:
    """`state` makes the event that says what an aggregate is; `tenant_column` says whose a row of the table is."""

    aggregate: Aggregate
    load: Load
    state: Callable[[Versioned[Any], datetime], Decision[Any]]
    tenant_column: str = "tenant_id"

    @property
    def name(self) -> str:
        return self.aggregate.plural
