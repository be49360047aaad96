"""A shop of a test's own, reached over HTTP as its customers reach it."""

import json
from typing import Any
from uuid import uuid4

from ops.demo.shop_client import Answer, Shop
from tests.support.stack import Stack


def token(stack: Stack, *arguments: str) -> str:
    """From the command line, as a developer gets one."""
    (issued,) = json.loads(stack.rustok("api", "token", "--json", *arguments).stdout).values()
    return str(issued)


def open_shop(stack: Stack, **more: Any) -> Shop:
    """A new tenant, seen by its admin."""
    slug = f"shop-{uuid4().hex[:12]}"
    url = stack.settings.api_url
    platform = Shop(url, "platform", token(stack, "--role", "super_admin"))
    platform.post("/v1/tenants", {"slug": slug, "name": slug, "currency": "EUR", **more})
    platform.close()
    return Shop(url, slug, token(stack, "--tenant", slug))


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
