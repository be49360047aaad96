"""What is done to a shop, by its own people (`/v1/shop`) and by the platform's (`/v1/tenants/…`): the same calls."""

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response

from api.domain.changes import Versioned
from api.http.bodies.tenants import DomainAnswer, DomainList, TenantDone
from api.http.command_answers import CommandAnswer, carry_out, cause, expected, signed_receipt
from api.http.dependencies import dependencies
from api.http.entity_answers import look_up
from api.http.packed_lines import pack
from api.http.security import access, requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.tenants import change_tenant as changing
from api.use_cases.tenants import read_tenants, shop_domains
from api.use_cases.tenants.commands import NewDomain, TenantChange
from api.use_cases.tenants.export_tenant import export_tenant
from schemas.events.tenant import AGGREGATE, Tenant


def add_lifecycle(blueprint: APIBlueprint, resource: str, place: str) -> None:
    """`place` is the path of the shop in the blueprint, with its `tenant_id` where it is not that of who asks."""
    named = resource.removesuffix("s")

    @blueprint.patch(place, endpoint=f"change_{named}")
    @requires(f"{resource}:update")
    @blueprint.input(TenantChange)
    @blueprint.output(TenantDone)
    def change_shop(json_data: TenantChange, tenant_id: UUID | None = None) -> Response:
        """Change name, languages, money, days or modules of a shop"""
        return changed(lambda work: done(work, changing.change_tenant(work, json_data, expected())), tenant_id)

    @blueprint.get(f"{place}/export", endpoint=f"export_{named}")
    @requires(f"{resource}:export")
    def export_shop(tenant_id: UUID | None = None) -> Response:
        """Everything of a shop as of one moment, a JSON document a line, packed with gzip"""
        own, wanted = dependencies(), access().shop.id if tenant_id is None else tenant_id
        held = look_up(lambda view: read_tenants.get_tenant(view, str(wanted)), about=tenant_id)
        packed = pack(export_tenant(own.store, wanted, own.clock()))
        name = f"{held.value.slug}.ndjson.gz"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(packed, content_type="application/gzip", headers=headers)

    @blueprint.get(f"{place}/domains", endpoint=f"list_{named}_domains")
    @requires(f"{resource}:read")
    @blueprint.output(DomainList)
    def list_domains(tenant_id: UUID | None = None) -> DomainList:
        """The domains of a shop, and what is still to be shown about them"""
        found = look_up(shop_domains.list_domains, about=tenant_id)
        return DomainList(items=[DomainAnswer.of(one) for one in found])

    @blueprint.post(f"{place}/domains", endpoint=f"add_{named}_domain")
    @requires(f"{resource}:update")
    @blueprint.input(NewDomain)
    @blueprint.output(DomainAnswer, HTTPStatus.CREATED)
    def add_domain(json_data: NewDomain, tenant_id: UUID | None = None) -> Response:
        """Say that a domain is the shop's"""

        def decide(work: UnitOfWork) -> CommandAnswer:
            added = shop_domains.add_domain(work, json_data.domain, dependencies().domains)
            return CommandAnswer(DomainAnswer.of(added), status=HTTPStatus.CREATED)

        return changed(decide, tenant_id, json_data.domain)

    @blueprint.post(f"{place}/domains/<domain>/verify", endpoint=f"verify_{named}_domain")
    @requires(f"{resource}:update")
    @blueprint.output(DomainAnswer)
    def verify_domain(domain: str, tenant_id: UUID | None = None) -> Response:
        """Have it looked whether the domain publishes its proof: then requests there are the shop's"""
        one = look_up(lambda view: shop_domains.get_domain(view, domain), about=tenant_id)
        shop_domains.require_proof(one, dependencies().domains)

        def decide(work: UnitOfWork) -> CommandAnswer:
            shop_domains.take_domain(work, one.domain)
            return CommandAnswer(DomainAnswer.of(shop_domains.get_domain(work, one.domain)))

        return changed(decide, tenant_id, one.domain)

    @blueprint.delete(f"{place}/domains/<domain>", endpoint=f"remove_{named}_domain")
    @requires(f"{resource}:update")
    @blueprint.output({}, HTTPStatus.NO_CONTENT)
    def remove_domain(domain: str, tenant_id: UUID | None = None) -> tuple[str, HTTPStatus]:
        """Take a domain away from a shop"""
        dependencies().store.carry_out(
            access(), cause(), lambda work: shop_domains.remove_domain(work, domain), about=tenant_id
        )
        _forget(tenant_id)
        return "", HTTPStatus.NO_CONTENT


def changed(decide: Callable[[UnitOfWork], CommandAnswer], tenant_id: UUID | None, host: str | None = None) -> Response:
    """The answer to a command that changes a shop; this worker knows of it at once, the others in a moment."""
    answer = carry_out(decide, about=tenant_id)
    _forget(tenant_id)
    if host is not None:
        dependencies().tenants.changed(host)
    return answer


def done(work: UnitOfWork, held: Versioned[Tenant]) -> CommandAnswer:
    receipt = signed_receipt(work.tenant_id, AGGREGATE, held.value.id, held.version)
    return CommandAnswer(TenantDone.of(held, receipt=receipt.text), receipt)


def _forget(tenant_id: UUID | None) -> None:
    dependencies().tenants.changed(str(access().shop.id if tenant_id is None else tenant_id))
