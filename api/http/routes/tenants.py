"""Shops: made and listed by the platform's own people."""

from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response, url_for
from uuid_utils.compat import uuid7

from api.http.bodies.tenants import TenantAnswer, TenantDone, TenantPage
from api.http.command_answers import CommandAnswer, carry_out, signed_receipt
from api.http.entity_answers import Entity, entity, look_up
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.pages import PageAsked
from api.use_cases.tenants import create_tenant as creating
from api.use_cases.tenants import read_tenants
from api.use_cases.tenants.commands import NewTenant
from schemas.events.tenant import AGGREGATE

tenants = APIBlueprint("tenants", __name__, url_prefix="/v1/tenants", tag="Tenants")


@tenants.post("")
@requires("tenants:create")
@tenants.input(NewTenant)
@tenants.output(TenantDone, HTTPStatus.CREATED)
def create_tenant(json_data: NewTenant) -> Response:
    """Open a shop"""

    def decide(work: UnitOfWork) -> CommandAnswer:
        held = creating.create_tenant(work, json_data)
        receipt = signed_receipt(work.tenant_id, AGGREGATE, held.value.id, held.version)
        location = url_for("tenants.get_tenant", name=held.value.id)
        return CommandAnswer(TenantDone.of(held, receipt=receipt.text), receipt, HTTPStatus.CREATED, location)

    return carry_out(decide, about=uuid7())


@tenants.get("")
@requires("tenants:list")
@tenants.input(PageAsked, location="query")
@tenants.output(TenantPage)
def list_tenants(query_data: PageAsked) -> TenantPage:
    """All shops, oldest first"""
    page = look_up(lambda view: read_tenants.list_tenants(view, query_data))
    return TenantPage(items=[TenantAnswer.of(held) for held in page.items], next_cursor=page.next_cursor)


@tenants.get("/<name>")
@requires("tenants:read")
@tenants.output(TenantAnswer)
def get_tenant(name: str) -> Entity[TenantAnswer]:
    """One shop, by id or slug"""
    held = look_up(lambda view: read_tenants.get_tenant(view, name))
    return entity(TenantAnswer.of(held), held.version)
