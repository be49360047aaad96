"""A shop makes roles of its own: they give what their maker has at most, and are taken back within a second."""

from collections.abc import Iterator
from typing import Any

import pytest
from apiflask import APIFlask

from tests.integration.api.people import People, people_of
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

CLERK = {"name": "returns clerk", "grants": [{"resource": "orders", "actions": ["read", "list", "update"]}]}
HELPER = {"name": "helper", "grants": [{"resource": "users", "actions": ["create", "read", "update"]}]}


@pytest.fixture
def people(app: APIFlask, shop: Shop) -> Iterator[People]:
    yield from people_of(app, shop)


def make(people: People, role: dict[str, Any]) -> str:
    made = people.shop.post("/v1/roles", role)
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def test_a_returns_clerk_sees_orders_and_nothing_else(people: People) -> None:
    given = people.signed_in(people.invite("staff", role_ids=[make(people, CLERK)])["email"])

    assert people.call(given, "GET", "/v1/orders").status_code == 200
    assert people.call(given, "GET", "/v1/products").status_code == 403
    assert people.call(given, "POST", "/v1/orders", {"lines": []}).status_code == 403


def test_their_own_orders_are_all_that_a_narrower_grant_reaches(people: People) -> None:
    own = {"name": "own", "grants": [{"resource": "orders", "actions": ["list"], "scope": "own"}]}
    given = people.signed_in(people.invite("staff", role_ids=[make(people, own)])["email"])
    product = people.shop.product()
    people.shop.order(product["variants"][0]["sku"])

    assert people.call(given, "GET", "/v1/orders").json["items"] == []


def test_what_a_role_takes_away_is_gone_whatever_else_gives_it(people: People) -> None:
    blind = {"name": "no figures", "grants": [{"resource": "analytics", "actions": ["read"], "scope": "none"}]}
    given = people.signed_in(people.invite("manager", role_ids=[make(people, blind)])["email"])

    assert people.call(given, "GET", "/v1/analytics/sales").status_code == 403
    assert people.call(given, "GET", "/v1/orders").status_code == 200


def test_a_grant_that_is_removed_is_gone_in_a_second(people: People) -> None:
    role = make(people, CLERK)
    given = people.signed_in(people.invite("staff", role_ids=[role])["email"])
    before = people.call(given, "GET", "/v1/orders").status_code

    changed = people.shop.call("PATCH", f"/v1/roles/{role}", {"grants": []})
    people.a_second_later()

    assert (before, changed.status_code) == (200, 200)
    assert people.call(given, "GET", "/v1/orders").status_code == 403


def test_who_may_manage_people_makes_nobody_more_than_they_are(people: People) -> None:
    role = make(people, HELPER)
    helper = people.signed_in(people.invite("staff", role_ids=[role])["email"])
    boss = people.invite("admin")
    other = people.invite("staff")

    refused = [
        people.call(helper, "POST", "/v1/users", {"email": people.email(), "name": "B", "role": "admin"}),
        people.call(helper, "PATCH", f"/v1/users/{other['id']}", {"role": "manager"}),
        people.call(helper, "PATCH", f"/v1/users/{boss['id']}", {"status": "inactive"}),
        people.call(helper, "DELETE", f"/v1/users/{boss['id']}/sessions"),
    ]
    allowed = people.call(helper, "PATCH", f"/v1/users/{other['id']}", {"role_ids": [role]})

    assert [answer.status_code for answer in refused] == [403] * 4
    assert allowed.json["role_ids"] == [role]


def test_a_role_gives_no_more_than_its_maker_has(people: People) -> None:
    maker = {"name": "maker", "grants": [{"resource": "roles", "actions": ["create", "update"]}]}
    role = make(people, maker)
    given = people.signed_in(people.invite("staff", role_ids=[role])["email"])

    more = people.call(given, "POST", "/v1/roles", CLERK)
    same = people.call(given, "POST", "/v1/roles", {**maker, "name": "another maker"})
    widened = people.call(given, "PATCH", f"/v1/roles/{role}", {"grants": CLERK["grants"]})

    assert (more.status_code, same.status_code, widened.status_code) == (403, 201, 403)


@pytest.mark.parametrize(
    ("grant", "field"),
    [
        ({"resource": "unicorns", "actions": ["read"]}, "grants.0.resource"),
        ({"resource": "orders", "actions": ["ride"]}, "grants.0.actions"),
        ({"resource": "products", "actions": ["read"], "scope": "own"}, "grants.0.scope"),
    ],
)
def test_a_grant_that_means_nothing_is_refused(people: People, grant: dict[str, Any], field: str) -> None:
    answer = people.shop.post("/v1/roles", {"name": "wrong", "grants": [grant]})

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_a_role_that_somebody_has_is_not_removed(people: People) -> None:
    role = make(people, CLERK)
    anna = people.invite("staff", role_ids=[role])

    kept = people.shop.call("DELETE", f"/v1/roles/{role}")
    people.shop.call("PATCH", f"/v1/users/{anna['id']}", {"role_ids": []})
    removed = people.shop.call("DELETE", f"/v1/roles/{role}")

    assert (kept.status_code, removed.status_code) == (409, 204)
    assert people.shop.get(f"/v1/roles/{role}").status_code == 404


def test_the_role_of_another_shop_is_none_here(people: People, open_shop: object) -> None:
    other: Shop = open_shop()  # type: ignore[operator]  # a fixture that makes shops
    role = make(people, CLERK)

    assert other.get(f"/v1/roles/{role}").status_code == 404
    body = {"email": people.email(), "name": "B", "role": "staff", "role_ids": [role]}
    assert other.post("/v1/users", body).json["errors"][0]["field"] == "role_ids"


def test_nobody_shuts_themselves_out(people: People) -> None:
    anna = people.invite("admin")
    given = people.signed_in(anna["email"])

    assert people.call(given, "PATCH", f"/v1/users/{anna['id']}", {"status": "banned"}).status_code == 409
    assert people.call(given, "DELETE", f"/v1/users/{anna['id']}").status_code == 409
