"""Tells when and from where this request is made, as far as grants may depend on it."""

from flask import request

from api.domain.conditions import Channel, Surroundings
from api.domain.permissions import Role
from api.domain.scope import time_zone_of
from api.http.dependencies import dependencies
from schemas.events.tenant import Tenant


def surroundings(role: Role, shop: Tenant | None, *, at_shops_host: bool) -> Surroundings:
    """The address is the client's, as the servers in front say it where they are trusted."""
    channel = Channel.STOREFRONT if at_shops_host else Channel.BACK_OFFICE
    return Surroundings(
        at=dependencies().clock(),
        time_zone=time_zone_of(shop),
        address=request.remote_addr,
        channel=Channel.PROGRAM if role is Role.INTEGRATION else channel,
    )
