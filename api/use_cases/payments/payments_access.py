"""Lets who speaks for a payment provider in to a shop: a webhook and a job have no token, and need none."""

from typing import Final
from uuid import UUID

from api.domain.permissions import Role, Scope
from api.domain.scope import Access, Actor
from api.store.store import Store
from api.store.tenants import TenantRows
from schemas.events.tenant import Tenant

ACTOR: Final = "rustok:payments"


def access_to(shop: Tenant) -> Access:
    actor = Actor(tenant_id=shop.id, tenant_slug=shop.slug, actor_id=ACTOR, role=Role.INTEGRATION)
    return Access(actor=actor, resource="payments", scope=Scope.ALL, tenant=shop)


def payments_access(store: Store, tenant_id: UUID) -> Access | None:
    """None: there is no such shop any more."""
    with store.reading(tenant_id) as connection:
        held = TenantRows(connection).get(tenant_id)
    return None if held is None else access_to(held.value)
