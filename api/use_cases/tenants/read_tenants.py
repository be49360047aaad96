"""Shows tenants to the platform's own people: one, or a page of them, oldest first."""

from uuid import UUID

from api.domain.changes import Versioned
from api.domain.errors import NotFound
from api.domain.tenants import is_id
from api.store.view import View
from api.use_cases.pages import Page, read_page
from api.use_cases.tenants.commands import TenantsAsked
from schemas.events.tenant import Tenant


def get_tenant(view: View, name: str) -> Versioned[Tenant]:
    """By id or slug. Raises `NotFound`."""
    held = view.tenants.get(UUID(name)) if is_id(name) else view.tenants.by_slug(name)
    if held is None:
        raise NotFound("tenant", name)
    return held


def list_tenants(view: View, asked: TenantsAsked) -> Page[Versioned[Tenant]]:
    return read_page(asked, view.tenants.page)
