"""Folds shops into facts: whose money it is, and whose days figures are of."""

from typing import Final

from schemas.envelope import Envelope
from schemas.events.tenant import TenantCreated, TenantDeactivated, TenantDeleted, TenantUpdated
from schemas.topics import TENANTS
from sinks.duckdb.fact_tables import Facts
from sinks.read_model import Projection
from sinks.sink import DocumentChange

TenantEvent = TenantCreated | TenantUpdated | TenantDeactivated | TenantDeleted
SHOPS: Final = Facts(
    table="shops",
    columns={
        "slug": "VARCHAR",
        "name": "VARCHAR",
        "currency": "VARCHAR",
        "time_zone": "VARCHAR",
        "default_locale": "VARCHAR",
        "is_active": "BOOLEAN",
    },
)


def shop_facts(envelope: Envelope, event: TenantEvent) -> DocumentChange:
    """Raises `ValueError` for an event that would speak for another shop."""
    shop = event.tenant
    if envelope.aggregate_id != envelope.tenant_id:
        raise ValueError(f"the event is about shop {envelope.aggregate_id}, and the headers say {envelope.tenant_id}")
    document = {
        "slug": shop.slug,
        "name": shop.name,
        "currency": shop.currency,
        "time_zone": shop.time_zone,
        "default_locale": shop.default_locale,
        "is_active": shop.active,
    }
    return DocumentChange(
        collection=SHOPS.table,
        tenant_id=envelope.tenant_id,
        id=shop.id,
        version=envelope.order,
        document=None if isinstance(event, TenantDeleted) else document,
    )


PROJECTION: Final = Projection(topic=TENANTS, aggregate="tenant", collection=SHOPS.table, fold=shop_facts)
