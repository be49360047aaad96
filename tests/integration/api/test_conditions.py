"""Grants of a shop's roles depend on what a thing is, and on when, from where and how somebody asks."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from api.app import create_app
from api.http.dependencies import EXTENSION
from api.wsgi import now
from schemas.row_conditions import All, Not, OneOf, RowCondition, Within
from sinks.analytics.sales_questions import Sales, SalesQuery
from sinks.freshness import Freshness
from sinks.search.found_products import FoundProducts
from sinks.search.product_facets import Facets
from sinks.search.product_query import ProductQuery
from sinks.sql.sql_reader import SqlAnswer, SqlQuery
from tests.integration.api.people import People, people_of
from tests.integration.api.shops import Shop, imported_product
from tests.support.stack import Stack

pytestmark = pytest.mark.servers

UP_TO_100 = {"field": "total", "op": "lte", "value": 10_000, "currency": "EUR"}
PAID = {"field": "status", "op": "in", "value": ["cancelled", "paid"]}


def around(hours: int) -> dict[str, Any]:
    """The two hours around a moment that lies so many hours from now."""
    ends = (now() + timedelta(hours=hours + one) for one in (-1, 1))
    return {"field": "time", "op": "between", "value": [f"{end:%H:%M}" for end in ends]}


def grant(resource: str, actions: str, *when: dict[str, Any], scope: str = "all") -> dict[str, Any]:
    return {"resource": resource, "actions": sorted(actions.split()), "scope": scope, "when": list(when)}


CLERK = grant("orders", "cancel list read", PAID, UP_TO_100, around(0))


@pytest.fixture
def people(app: APIFlask, shop: Shop) -> Iterator[People]:
    yield from people_of(app, shop)


def make(people: People, *grants: dict[str, Any]) -> str:
    made = people.shop.post("/v1/roles", {"name": "clerk", "grants": list(grants)})
    assert made.status_code == 201, made.text
    kept = [{**one, "when": [{"currency": None, **each} for each in one["when"]]} for one in grants]
    assert made.json["grants"] == kept
    return str(made.json["id"])


def clerk(people: People, *grants: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """What was given to somebody with a role of these grants who signed in, and their id."""
    invited = people.invite("staff", role_ids=[make(people, *grants)])
    return people.signed_in(invited["email"]), str(invited["id"])


def paid_order(people: People, sku: str, quantity: int) -> str:
    order = people.shop.order(sku, lines=[{"sku": sku, "quantity": quantity}])["id"]
    people.shop.post(f"/v1/orders/{order}/confirm")
    assert people.shop.post(f"/v1/orders/{order}/pay", {"payment_id": "p"}).status_code == 200
    return str(order)


def test_a_returns_clerk_cancels_paid_orders_up_to_a_limit_by_day(people: People, servers: Stack) -> None:
    sku = people.shop.product()["variants"][0]["sku"]
    small, large = paid_order(people, sku, 2), paid_order(people, sku, 100)
    pending = people.shop.order(sku)["id"]
    given, clerk_id = clerk(people, CLERK)

    def call(method: str, path: str, body: Any = None) -> TestResponse:
        return people.call(given, method, f"/v1/orders{path}", body)

    seen = [one["id"] for one in call("GET", "").json["items"]]
    why = {"reason": "came back"}
    explained = explain(servers, people.shop, clerk_id, "orders:cancel", large)
    refused = [call("POST", f"/{id_}/cancel", why) for id_ in (large, pending)]
    missing = call("POST", f"/{clerk_id}/cancel", why)
    done = call("POST", f"/{small}/cancel", why)

    assert seen == [small]
    assert [call("GET", f"/{id_}").status_code for id_ in (small, large, pending)] == [200, 404, 404]
    assert {answer.status_code for answer in refused} == {404}
    assert [answer.json["detail"] for answer in refused] == [
        missing.json["detail"].replace(clerk_id, id_) for id_ in (large, pending)
    ]
    assert (done.status_code, done.json["status"]) == (200, "cancelled")
    assert (explained["verdict"], explained["deciding"]) == ("denied", [])
    assert (explained["others"][0]["role"], explained["others"][0]["does_not_hold"]) == (
        "clerk",
        ["total lte 100.00 EUR"],
    )


def explain(servers: Stack, shop: Shop, *arguments: str) -> dict[str, Any]:
    said = servers.rustok("api", "explain", *arguments, "--tenant", shop.tenant["slug"], "--json", check=False)
    return dict(json.loads(said.stdout))


def test_by_night_and_elsewhere_a_grant_is_none_and_says_no_more_than_that(people: People) -> None:
    grants = [
        grant("orders", "list", around(12)),
        grant("products", "list", {"field": "address", "op": "in", "value": ["192.0.2.0/24", "2001:db8::/32"]}),
        grant("categories", "list", {"field": "address", "op": "in", "value": ["127.0.0.0/8"]}),
    ]
    given, _ = clerk(people, *grants)

    refused = [people.call(given, "GET", f"/v1/{name}") for name in ("orders", "products", "users")]

    assert [answer.status_code for answer in refused] == [403] * 3
    assert refused[0].json["detail"] == refused[2].json["detail"].replace("users", "orders")
    assert people.call(given, "GET", "/v1/categories").status_code == 200


def test_the_time_of_day_is_that_of_the_shop(app: APIFlask, open_shop: Callable[..., Shop]) -> None:
    hours_ahead = 14
    for people in people_of(app, open_shop(time_zone="Pacific/Kiritimati")):
        given, _ = clerk(people, grant("orders", "list", around(hours_ahead)), grant("products", "list", around(0)))

        statuses = [people.call(given, "GET", f"/v1/{name}").status_code for name in ("orders", "products")]

        assert statuses == [200, 403]


def test_the_host_that_is_asked_is_a_channel(people: People) -> None:
    given, _ = clerk(people, grant("orders", "list", {"field": "channel", "op": "eq", "value": "storefront"}))
    headers = {"Authorization": f"Bearer {given['access_token']}"}

    at_shop = people.client.get("/v1/orders", headers={**headers, "Host": people.shop.tenant["domains"][0]})

    assert at_shop.status_code == 200
    assert people.client.get("/v1/orders", headers=headers).status_code == 403


def test_what_is_changed_meets_the_conditions_before_and_after(people: People) -> None:
    cheap = {"field": "price_max", "op": "lte", "value": 200, "currency": "EUR"}
    given, _ = clerk(people, grant("products", "create read update import", cheap))
    product = people.shop.product(published=False)
    dear = people.shop.product(variants=[{"sku": "dear", "prices": [{"currency": "EUR", "amount_minor": 201}]}])

    def priced(amount: int) -> dict[str, Any]:
        variant = {"sku": product["variants"][0]["sku"], "prices": [{"currency": "EUR", "amount_minor": amount}]}
        return {"variants": [variant]}

    def change(id_: str, body: dict[str, Any]) -> TestResponse:
        return people.call(given, "PATCH", f"/v1/products/{id_}", body)

    assert change(product["id"], priced(200)).status_code == 200
    assert change(product["id"], priced(201)).status_code == 403
    assert change(dear["id"], {"brand": "Acme"}).status_code == 404
    assert people.shop.get(f"/v1/products/{product['id']}").json["variants"][0]["prices"][0]["amount_minor"] == 200
    items = [
        imported_product(
            f"p{amount}", variants=[{"sku": f"p{amount}", "prices": [{"currency": "EUR", "amount_minor": amount}]}]
        )
        for amount in (199, 500)
    ]
    imported = people.call(given, "POST", "/v1/imports/products", {"items": items}).json
    assert [one["outcome"] for one in imported["items"]] == ["created", "refused"]


def test_what_was_imported_and_is_not_reached_is_not_told_to_whoever_imports(people: People) -> None:
    item = imported_product("old", brand="Acme")
    people.shop.post("/v1/imports/products", {"items": [item]})
    brand = {"field": "brand", "op": "eq", "value": "Bolt"}
    given, _ = clerk(people, grant("products", "import", brand))

    again = people.call(given, "POST", "/v1/imports/products", {"items": [item]}).json["items"][0]
    other = people.call(given, "POST", "/v1/imports/products", {"items": [{**item, "brand": "Bolt"}]}).json["items"][0]

    assert [(one["outcome"], one.get("id"), one.get("version")) for one in (again, other)] == [
        ("refused", None, None)
    ] * 2


def test_the_token_of_a_program_is_under_the_conditions_of_its_maker(people: People) -> None:
    sku = people.shop.product()["variants"][0]["sku"]
    paid, _ = paid_order(people, sku, 2), people.shop.order(sku)
    making = grant("service_tokens", "create")
    given, _ = clerk(
        people, making, grant("orders", "list read", PAID), grant("orders", "read", UP_TO_100, scope="none")
    )
    body = {
        "name": "till",
        "permissions": ["orders:list", "orders:read"],
        "expires_at": f"{now() + timedelta(days=1):%FT%TZ}",
    }

    made = people.call(given, "POST", "/v1/service-tokens", body)
    headers = {"Authorization": f"Bearer {made.json['token']}"}

    assert made.json["permissions"] == ["orders:list", "orders:read"]
    assert [one["id"] for one in people.client.get("/v1/orders", headers=headers).json["items"]] == [paid]
    assert people.client.get(f"/v1/orders/{paid}", headers=headers).status_code == 404


def test_who_has_a_grant_under_conditions_hands_on_no_wider_one(people: People) -> None:
    making = grant("roles", "create")
    given, _ = clerk(people, making, grant("orders", "list read", PAID))

    def hand_on(*when: dict[str, Any]) -> int:
        body = {"name": f"role {len(when)}", "grants": [grant("orders", "list", *when)]}
        return people.call(given, "POST", "/v1/roles", body).status_code

    assert [hand_on(), hand_on(UP_TO_100), hand_on(PAID, UP_TO_100, around(0))] == [403, 403, 201]


@pytest.mark.parametrize(
    ("resource", "condition", "field"),
    [
        ("categories", PAID, "grants.0.when.0.field"),
        ("orders", {**PAID, "op": "like"}, "grants.0.when.0.op"),
        ("orders", {**UP_TO_100, "value": "100 EUR"}, "grants.0.when.0.value"),
        ("orders", {**UP_TO_100, "currency": None}, "grants.0.when.0.currency"),
        ("orders", {**UP_TO_100, "value": True}, "grants.0.when.0.value"),
        ("orders", {"field": "owner", "op": "eq", "value": "a\0"}, "grants.0.when.0.value"),
    ],
)
def test_a_condition_that_means_nothing_is_refused_when_the_role_is_made(
    people: People, resource: str, condition: dict[str, Any], field: str
) -> None:
    body = {"name": "wrong", "grants": [grant(resource, "read", condition)]}

    answer = people.shop.post("/v1/roles", body)

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"].startswith(field)


class Recorded:
    """Read models that note what they are asked."""

    def __init__(self) -> None:
        self.reached: list[RowCondition] = []

    def search(self, query: ProductQuery) -> FoundProducts:
        self.reached.append(query.reached)
        return FoundProducts(0, (), Facets(), Freshness())

    def sales(self, query: SalesQuery) -> Sales:
        self.reached.append(query.reached)
        return Sales((), (), Freshness())

    def ask(self, query: SqlQuery) -> SqlAnswer:
        self.reached.append(query.reached)
        return SqlAnswer(columns=[], rows=0, truncated=False, body=b"[]", snapshot="", freshness=Freshness())


def test_search_and_analytics_are_asked_for_no_more_than_is_reached(app: APIFlask, shop: Shop) -> None:
    recorded = Recorded()
    own = app.extensions[EXTENSION]
    for people in people_of(create_app(replace(own, search=recorded, sales=recorded, sql=recorded)), shop):
        cheap = {"field": "price_max", "op": "lt", "value": 200, "currency": "EUR"}
        acme = {"field": "brand", "op": "eq", "value": "Acme"}
        grants = [grant("search", "read", cheap), grant("search", "read", acme, scope="none")]
        given, _ = clerk(people, *grants, grant("analytics", "query read", PAID))

        people.call(given, "GET", "/v1/search/products")
        people.call(given, "GET", "/v1/analytics/sales")
        people.call(given, "POST", "/v1/analytics/sql", {"sql": "FROM orders"})

    in_euro = All((OneOf("currency", ("EUR",)), Within("price_max_minor", None, 199)))
    paid = OneOf("status", ("cancelled", "paid"))
    assert recorded.reached == [All((in_euro, Not(OneOf("brand", ("Acme",))))), paid, paid]
