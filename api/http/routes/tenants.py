"""Shops: made, listed, closed and opened again by the platform's own people."""

from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for
from uuid_utils.compat import uuid7

from api.http.bodies.tenants import TenantAnswer, TenantDone, TenantPage
from api.http.command_answers import CommandAnswer, carry_out, expected, signed_receipt
from api.http.dependencies import dependencies
from api.http.entity_answers import entity, look_up
from api.http.routes.lifecycle import add_lifecycle, changed, done
from api.http.security import requires
from api.http.shop_names import take_slugs
from api.store.unit_of_work import UnitOfWork
from api.use_cases.tenants import change_tenant as changing
from api.use_cases.tenants import create_tenant as creating
from api.use_cases.tenants import read_tenants
from api.use_cases.tenants.commands import Erasure, NewTenant, TenantsAsked
from schemas.events.tenant import AGGREGATE

tenants = APIBlueprint("tenants", __name__, url_prefix="/v1/tenants", tag="Tenants")


@tenants.post("")
@requires("tenants:create")
@tenants.input(NewTenant)
@tenants.output(TenantDone, HTTPStatus.CREATED)
def create_tenant(json_data: NewTenant) -> Response:
    """Open a shop"""

    def decide(work: UnitOfWork) -> CommandAnswer:
        held = creating.create_tenant(work, json_data, dependencies().domains)
        receipt = signed_receipt(work.tenant_id, AGGREGATE, held.value.id, held.version)
        location = url_for("tenants.get_tenant", tenant_id=held.value.id)
        return CommandAnswer(TenantDone.of(held, receipt=receipt.text), receipt, HTTPStatus.CREATED, location)

    return carry_out(decide, about=uuid7())


@tenants.get("")
@requires("tenants:list")
@tenants.input(TenantsAsked, location="query")
@tenants.output(TenantPage)
def list_tenants(query_data: TenantsAsked) -> TenantPage:
    """All shops, oldest first"""
    page = look_up(lambda view: read_tenants.list_tenants(view, query_data))
    return TenantPage(items=[TenantAnswer.of(held) for held in page.items], next_cursor=page.next_cursor)


@tenants.get("/<tenant_id>")
@requires("tenants:read")
@tenants.output(TenantAnswer)
def get_tenant(tenant_id: UUID) -> Response:
    """One shop"""
    held = look_up(lambda view: read_tenants.get_tenant(view, str(tenant_id)))
    return entity(TenantAnswer.of(held), held.version)


@tenants.post("/<tenant_id>/deactivate")
@requires("tenants:update")
@tenants.output(TenantDone)
def deactivate_tenant(tenant_id: UUID) -> Response:
    """Close a shop: nothing of it is served any more, nothing is lost"""
    return changed(lambda work: done(work, changing.deactivate_tenant(work, expected())), tenant_id)


@tenants.post("/<tenant_id>/reactivate")
@requires("tenants:update")
@tenants.output(TenantDone)
def reactivate_tenant(tenant_id: UUID) -> Response:
    """Open a closed shop again"""
    return changed(lambda work: done(work, changing.reactivate_tenant(work, expected())), tenant_id)


@tenants.post("/<tenant_id>/erase")
@requires("tenants:delete")
@tenants.input(Erasure)
@tenants.output(TenantDone, HTTPStatus.ACCEPTED)
def erase_tenant(tenant_id: UUID, json_data: Erasure) -> Response:
    """Close a shop and, from a minute later on, delete everything that was ever in it"""

    def decide(work: UnitOfWork) -> CommandAnswer:
        return replace(done(work, changing.erase_tenant(work, json_data.slug, expected())), status=HTTPStatus.ACCEPTED)

    return changed(decide, tenant_id)


add_lifecycle(tenants, "tenants", "/<tenant_id>")
take_slugs(tenants)
