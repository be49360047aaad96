"""Says which aggregates can be said again, and where each is kept."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Change, Versioned
from api.store.categories import CategoryRows
from api.store.orders import OrderRows
from api.store.products import ProductRows
from api.store.tenants import TenantRows
from schemas.write_model import NoSuchAggregate

Load = Callable[[psycopg.Connection[Any], UUID, Collection[UUID]], Mapping[UUID, Versioned[Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateTable:
    """`owner` is the column of `table` that says whose row it is."""

    table: str
    load: Load
    tell: Callable[[Versioned[Any], datetime], Change[Any]]
    owner: str = "tenant_id"


def _tenant(connection: psycopg.Connection[Any], tenant_id: UUID, ids: Collection[UUID]) -> dict[UUID, Versioned[Any]]:
    held = TenantRows(connection).get(tenant_id) if tenant_id in ids else None
    return {} if held is None else {tenant_id: held}


KINDS: Final[Mapping[str, AggregateTable]] = {
    "tenant": AggregateTable(table="tenants", load=_tenant, tell=state_events.tenant, owner="id"),
    "category": AggregateTable(
        table="categories",
        load=lambda connection, tenant_id, ids: CategoryRows(connection, tenant_id).load(ids),
        tell=state_events.category,
    ),
    "product": AggregateTable(
        table="products",
        load=lambda connection, tenant_id, ids: ProductRows(connection, tenant_id).load(ids),
        tell=state_events.product,
    ),
    "order": AggregateTable(
        table="orders",
        load=lambda connection, tenant_id, ids: OrderRows(connection, tenant_id).load(ids),
        tell=state_events.order,
    ),
}


def kind_of(aggregate: str) -> AggregateTable:
    if aggregate not in KINDS:
        raise NoSuchAggregate(f"there are no aggregates of type {aggregate}, only {', '.join(KINDS)} and letter")
    return KINDS[aggregate]
