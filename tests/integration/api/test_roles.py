"""A shop makes roles of its own: they give what their maker has at most, and are taken back within a second."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from apiflask import APIFlask

from tests.integration.api.people import People, people_of
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

CLERK = {"name": "returns clerk", "grants": [{"resource": "orders", "actions": ["cancel", "list", "read"]}]}
BLIND = {"resource": "users", "actions": ["update"], "scope": "none"}
HELPER = {"name": "helper", "grants": [{"resource": "users", "actions": ["create", "read", "update"]}]}


@pytest.fixture
def people(app: APIFlask, shop: Shop) -> Iterator[People]:
    yield from people_of(app, shop)


def make(people: People, role: dict[str, Any]) -> str:
    made = people.shop.post("/v1/roles", role)
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def test_a_returns_clerk_sees_and_cancels_orders_and_nothing_else(people: People) -> None:
    given = people.signed_in(people.invite("staff", role_ids=[make(people, CLERK)])["email"])
    order = people.shop.order(people.shop.product()["variants"][0]["sku"])["id"]

    assert people.call(given, "GET", "/v1/orders").status_code == 200
    assert people.call(given, "POST", f"/v1/orders/{order}/confirm").status_code == 403
    assert people.call(given, "POST", f"/v1/orders/{order}/cancel", {"reason": "sent back"}).status_code == 200
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


def test_what_is_refused_says_what_could_be_written_instead(people: People) -> None:
    def of_role(grant: dict[str, Any]) -> Any:
        return people.shop.post("/v1/roles", {"name": "wrong", "grants": [grant]}).json["errors"]

    total = {"field": "total", "op": "lte", "value": 100.5, "currency": "EUR"}
    (amount,) = of_role({"resource": "orders", "actions": ["read"], "when": [total]})
    (resource,) = of_role({"resource": "order", "actions": ["read"]})
    (action,) = of_role({"resource": "orders", "actions": ["void"]})
    (role,) = people.shop.post("/v1/users", {"email": people.email(), "name": "B", "role": "boss"}).json["errors"]
    (end,) = people.shop.post("/v1/service-tokens", {"name": "ERP", "permissions": ["orders:read"]}).json["errors"]

    assert amount["field"] == "grants.0.when.0.value"
    assert "10000 for 100.00" in amount["message"]
    assert "There is no resource order; there are account, " in resource["message"]
    assert "There is no action void; there are cancel, contact, create, " in action["message"]
    assert role["message"].startswith("Input should be 'admin', 'manager', ")
    assert (end["field"], end["code"]) == ("expires_at", "missing")


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


@pytest.mark.parametrize("change", [{"role": "staff"}, {"role_ids": ["blind"]}])
def test_nor_by_other_roles_whoever_else_may(people: People, change: dict[str, Any]) -> None:
    anna, _ = people.invite("admin"), people.invite("admin")
    given = people.signed_in(anna["email"])
    blind = make(people, {"name": "blind", "grants": [BLIND]})
    body = {name: [blind] if value == ["blind"] else value for name, value in change.items()}

    answer = people.call(given, "PATCH", f"/v1/users/{anna['id']}", body)

    assert (answer.status_code, answer.json["detail"]) == (409, "Nobody shuts themselves out: somebody else has to.")
    assert people.call(given, "PATCH", f"/v1/users/{anna['id']}", {"name": "Anna B."}).status_code == 200


def test_nor_by_changing_a_role_that_they_have(people: People) -> None:
    role = make(people, {"name": "harmless", "grants": []})
    given = people.signed_in(people.invite("admin", role_ids=[role])["email"])

    assert people.call(given, "PATCH", f"/v1/roles/{role}", {"grants": [BLIND]}).status_code == 409
    assert people.shop.get(f"/v1/roles/{role}").json["grants"] == []


def test_who_may_only_change_roles_leaves_somebody_who_may_change_users(people: People) -> None:
    maker = make(people, {"name": "maker", "grants": [{"resource": "roles", "actions": ["update"]}]})
    worn = make(people, {"name": "worn", "grants": []})
    given = people.signed_in(people.invite("staff", role_ids=[maker])["email"])
    people.invite("admin", role_ids=[worn])

    refused = people.call(given, "PATCH", f"/v1/roles/{worn}", {"grants": [BLIND]})
    people.invite("admin")
    done = people.call(given, "PATCH", f"/v1/roles/{worn}", {"grants": [BLIND]})

    assert (refused.status_code, done.status_code) == (409, 200)
    assert refused.json["detail"].startswith("Then nobody could change users any more")


def test_two_admins_who_demote_each_other_at_once_leave_one(people: People) -> None:
    anna, bert = people.invite("admin"), people.invite("admin")
    both = [(people.signed_in(anna["email"]), bert), (people.signed_in(bert["email"]), anna)]
    for given, _ in both:  # what they may do is known for a second from here
        people.call(given, "GET", "/v1/users")

    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda one: people.call(one[0], "PATCH", f"/v1/users/{one[1]['id']}", {"role": "staff"}), both)
        )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert sorted(user["role"] for user in people.shop.get("/v1/users").json["items"]) == ["admin", "staff"]
