"""A shop of a test's own, reached over HTTP as its customers reach it."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from api.domain.permissions import Role
from api.issue_tokens import actors_named, issue_tokens
from ops.demo.shop_client import Answer, Shop
from tests.support.stack import Stack

VALID = timedelta(hours=12)


def token(stack: Stack, *slugs: str, role: Role = Role.ADMIN) -> str:
    """As `rustok api token` issues it to a developer; without a new process, where the settings are all there is."""
    if stack.also:
        of = [*(part for slug in slugs for part in ("--tenant", slug)), "--role", role.value]
        (issued,) = json.loads(stack.rustok("api", "token", "--json", *of).stdout).values()
        return str(issued)
    (issued,) = issue_tokens(stack.settings, actors_named(stack.settings, slugs, "developer", role), VALID).values()
    return issued


def open_shop(stack: Stack, **more: Any) -> Shop:
    """A new tenant, seen by its admin."""
    slug = f"shop-{uuid4().hex[:12]}"
    url = stack.settings.api_url
    platform = Shop(url, "platform", token(stack, role=Role.SUPER_ADMIN))
    platform.post("/v1/tenants", {"slug": slug, "name": slug, "currency": "EUR", **more})
    platform.close()
    return Shop(url, slug, token(stack, slug))


def put_on_sale(shop: Shop, title: str, sku: str = "TOM-400", amount_minor: int = 250, **more: Any) -> Answer:
    """A product that is published."""
    body = {
        "translations": [{"locale": "en", "title": title}],
        "variants": [{"sku": sku, "prices": [{"currency": "EUR", "amount_minor": amount_minor}]}],
        **more,
    }
    made = shop.post("/v1/products", body)
    return shop.post(f"/v1/products/{made['id']}/publish", {})


def sell(shop: Shop, sku: str = "TOM-400", quantity: int = 1) -> Answer:
    """An order that is paid."""
    placed = shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": quantity}]})
    shop.post(f"/v1/orders/{placed['id']}/confirm", {})
    return shop.post(f"/v1/orders/{placed['id']}/pay", {"payment_id": f"payment-{placed['id']}"})
