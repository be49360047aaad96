"""The shop of who asks, to its own people."""

from apiflask import APIBlueprint
from flask import Response

from api.http.bodies.tenants import TenantAnswer
from api.http.entity_answers import entity, look_up
from api.http.routes.lifecycle import add_lifecycle
from api.http.security import requires
from api.use_cases.tenants import read_tenants

shop = APIBlueprint("shop", __name__, url_prefix="/v1/shop", tag="Shop")


@shop.get("")
@requires("shop:read")
@shop.output(TenantAnswer)
def get_shop() -> Response:
    """Your shop"""
    held = look_up(lambda view: read_tenants.get_tenant(view, str(view.tenant_id)))
    return entity(TenantAnswer.of(held), held.version)


add_lifecycle(shop, "shop", "")
