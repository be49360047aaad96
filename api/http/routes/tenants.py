"""Shops: made and listed by the platform's own people."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for
from uuid_utils.compat import uuid7

from api.domain import tenants as domain
from api.domain.errors import NotFound
from api.http.bodies.fields import PageAsked
from api.http.bodies.tenants import NewTenant, TenantAnswer, TenantDone, TenantPage
from api.http.command_answers import Done, carry_out_for_platform, etag
from api.http.dependencies import dependencies
from api.http.receipts import receipt_of
from api.http.security import requires
from api.store.tenants import TenantRows
from api.store.unit_of_work import UnitOfWork
from schemas.events.tenant import Tenant

tenants = APIBlueprint("tenants", __name__, url_prefix="/v1/tenants", tag="Tenants")


@tenants.post("")
@requires("tenants:create")
@tenants.input(NewTenant)
@tenants.output(TenantDone, HTTPStatus.CREATED)
def create_tenant(json_data: NewTenant) -> Response:
    """Open a shop"""
    made = Tenant(
        id=uuid7(),
        slug=json_data.slug,
        name=json_data.name,
        domains=tuple(json_data.domains),
        default_locale=json_data.default_locale,
        locales=tuple(json_data.locales or [json_data.default_locale]),
        currency=json_data.currency,
        active=True,
    )

    def decide(work: UnitOfWork) -> Done:
        held = work.save(work.tenants, domain.create(made, work.now))
        receipt = receipt_of("tenant", made.id, held.version)
        body = TenantDone.of(held, receipt=dependencies().receipts.text(made.id, receipt))
        return Done(receipt, body, HTTPStatus.CREATED, url_for("tenants.get_tenant", name=made.id))

    return carry_out_for_platform(made.id, decide)


@tenants.get("")
@requires("tenants:list")
@tenants.input(PageAsked, location="query")
@tenants.output(TenantPage)
def list_tenants(query_data: PageAsked) -> TenantPage:
    """All shops, oldest first"""
    with dependencies().store.reading(platform=True) as connection:
        found = TenantRows(connection).page(query_data.cursor, query_data.limit + 1)
    shown = found[: query_data.limit]
    next_cursor = shown[-1].value.id if len(found) > len(shown) else None
    return TenantPage(items=[TenantAnswer.of(held) for held in shown], next_cursor=next_cursor)


@tenants.get("/<name>")
@requires("tenants:read")
@tenants.output(TenantAnswer)
def get_tenant(name: str) -> tuple[TenantAnswer, int, dict[str, str]]:
    """One shop, by id or slug"""
    with dependencies().store.reading(platform=True) as connection:
        rows = TenantRows(connection)
        tenant_id = _as_id(name)
        held = rows.by_slug(name) if tenant_id is None else rows.get(tenant_id)
    if held is None:
        raise NotFound("tenant", name)
    return TenantAnswer.of(held), HTTPStatus.OK, {"ETag": etag(held.version)}


def _as_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
