"""A shop a test works in: calls with a role's token, and the bodies of ordinary things."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http.tokens import AccessTokens
from api.wsgi import now


class Shop:
    def __init__(self, client: FlaskClient, tokens: AccessTokens, tenant: dict[str, Any]) -> None:
        self.client = client
        self.tenant = tenant
        self.id = UUID(tenant["id"])
        self._tokens = tokens

    def token(self, *, platform: bool = False) -> str:
        """Of the platform's own people, or of the shop's boss."""
        who = Actor(tenant_id=self.id, tenant_slug=self.tenant["slug"], actor_id="boss", role=Role.ADMIN)
        if platform:
            who = Actor(tenant_id=None, tenant_slug=None, actor_id="owner", role=Role.SUPER_ADMIN)
        return self._tokens.issue(who, now=now(), valid=timedelta(hours=1))

    def for_platform(self, method: str, path: str, body: Any = None) -> TestResponse:
        """As the platform's own people."""
        who = Actor(tenant_id=None, tenant_slug=None, actor_id="owner", role=Role.SUPER_ADMIN)
        token = self._tokens.issue(who, now=now(), valid=timedelta(hours=1))
        headers = {"Authorization": f"Bearer {token}", "X-Reason": "a test"}
        return self.client.open(path, method=method, json=body, headers=headers)

    def call(
        self, method: str, path: str, body: Any = None, *, role: str = "admin", actor: str = "boss", **headers: str
    ) -> TestResponse:
        """Header names with `_` for `-`; role `anonymous` comes by the shop's host."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | self.headers(role, actor)
        return self.client.open(path, method=method, headers=sent, **({} if body is None else {"json": body}))

    def headers(self, role: str, actor: str = "boss") -> dict[str, str]:
        """What says who asks."""
        if role == Role.ANONYMOUS:
            return {"Host": str(self.tenant["domains"][0])}
        who = Actor(tenant_id=self.id, tenant_slug=self.tenant["slug"], actor_id=actor, role=Role(role))
        return {"Authorization": f"Bearer {self._tokens.issue(who, now=now(), valid=timedelta(hours=1))}"}

    def get(self, path: str, **how: Any) -> TestResponse:
        return self.call("GET", path, **how)

    def post(self, path: str, body: Any = None, **how: Any) -> TestResponse:
        return self.call("POST", path, body, **how)

    def product(self, *, published: bool = True, **different: Any) -> dict[str, Any]:
        """A product that was made, with one variant at 1.50 EUR."""
        made = self.post("/v1/products", product_body(**different))
        assert made.status_code == 201, made.text
        if not published:
            return dict(made.json)
        return dict(self.post(f"/v1/products/{made.json['id']}/publish").json)

    def order(self, sku: str, **different: Any) -> dict[str, Any]:
        placed = self.post("/v1/orders", {"lines": [{"sku": sku, "quantity": 2}], **different})
        assert placed.status_code == 201, placed.text
        return dict(placed.json)


def opened_shop(client: FlaskClient, tokens: AccessTokens, **different: object) -> Shop:
    owner = Actor(tenant_id=None, tenant_slug=None, actor_id="owner", role=Role.SUPER_ADMIN)
    token = tokens.issue(owner, now=now(), valid=timedelta(hours=1))
    slug = f"shop-{uuid4().hex[:12]}"
    answer = client.post(
        "/v1/tenants",
        json={"slug": slug, "name": "Shop", "domains": [f"{slug}.example"], **different},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201, answer.text
    return Shop(client, tokens, answer.json)


def product_body(**different: Any) -> dict[str, Any]:
    sku = f"SKU-{uuid4().hex[:8]}"
    return {
        "translations": [{"locale": "en", "title": "Blue cheese"}],
        "variants": [{"sku": sku, "prices": [{"currency": "EUR", "amount_minor": 150}]}],
        **different,
    }


def imported_product(external_id: str, **different: Any) -> dict[str, Any]:
    return {"external_id": external_id, **product_body(variants=[{"sku": external_id}]), **different}


def imported_order(name: str, sku: str, **different: Any) -> dict[str, Any]:
    return {
        "external_id": name,
        "customer_ref": "household-1",
        "lines": [{"sku": sku, "quantity": 2, "unit_price_minor": 150, "adjustment_minor": -20}],
        "placed_at": "2017-03-01T10:00:00Z",
        "confirmed_at": "2017-03-01T10:01:00Z",
        "paid_at": "2017-03-01T10:02:00Z",
        "payment_id": "p1",
        **different,
    }
