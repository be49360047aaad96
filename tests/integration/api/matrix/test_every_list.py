"""Every list, in every order it can be asked for: no gaps, no doubles, and no cursor of another question.

A new list joins by itself; how one of what is in it is made is in MAKERS, and the test that fails names it.
"""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import pytest
from apiflask import APIFlask

from api.app import create_app
from api.use_cases.pages import PageAsked
from api.wsgi import unconnected
from tests.integration.api.matrix.homes import Home
from tests.integration.api.shops import product_body
from tests.support.asked_lists import lists, sorts

pytestmark = pytest.mark.servers

LISTS: Final[dict[str, type[PageAsked]]] = {route.path: model for route, model in lists(create_app(unconnected()))}
#: What a list of something is below.
ABOVE: Final[dict[str, Callable[[Home], str]]] = {
    "order_id": Home.order,
    "price_list_id": Home.price_list,
    "product_id": lambda home: str(home.product(active=True)["id"]),
    "webhook_id": Home.webhook,
}


def _order(home: Home, sku: str) -> str:
    return str(home.told("POST", "/v1/orders", {"lines": [{"sku": sku, "quantity": 1}]})["id"])


def _declined(home: Home, order_id: str) -> str:
    home.call("POST", f"/v1/orders/{order_id}/payments", {"token": "test_declined"})
    return str(home.told("GET", f"/v1/orders/{order_id}/payments?limit=1")["items"][0]["id"])


def _priced(home: Home, list_id: str) -> str:
    product = home.told("POST", "/v1/products", product_body())
    item = {"sku": product["variants"][0]["sku"], "amount_minor": 1}
    home.told("PATCH", f"/v1/price-lists/{list_id}/prices", {"items": [item]})
    return str(product["variants"][0]["id"])


def _chosen(home: Home, product_id: str) -> str:
    body = {"translations": [{"locale": "en", "title": home.name()}], "product_ids": [product_id]}
    return str(home.told("POST", "/v1/collections", body)["id"])


def _pinged(home: Home, webhook_id: str) -> str:
    home.told("POST", f"/v1/webhooks/{webhook_id}/ping")
    return str(home.told("GET", f"/v1/webhooks/{webhook_id}/deliveries?limit=1")["items"][0]["id"])


def _written_down(home: Home) -> str:
    home.role()
    return str(home.told("GET", "/v1/audit?limit=1")["items"][0]["id"])


def _stock(home: Home, location_id: str) -> str:
    sku = home.told("POST", "/v1/products", product_body())["variants"][0]["sku"]
    return str(home.told("POST", "/v1/stock", {"sku": sku, "on_hand": 5, "location_id": location_id})["id"])


def _once(make: Callable[[Home], str], then: Callable[[Home, str], str]) -> Callable[[Home, str | None], str]:
    """What each of them needs is made once for a home."""
    made: dict[str, str] = {}

    def one(home: Home, above: str | None) -> str:
        if home.mark not in made:
            made[home.mark] = make(home)
        return then(home, made[home.mark])

    return one


def _below(then: Callable[[Home, str], str]) -> Callable[[Home, str | None], str]:
    return lambda home, above: then(home, above or "")


def _alone(then: Callable[[Home], str]) -> Callable[[Home, str | None], str]:
    return lambda home, _: then(home)


#: How one more is made; its id.
MAKERS: Final[dict[str, Callable[[Home, str | None], str]]] = {
    "/v1/audit": _alone(_written_down),
    "/v1/carts": _alone(lambda home: str(home.told("POST", "/v1/carts", {"country": "AT"})["id"])),
    "/v1/categories": _alone(Home.category),
    "/v1/collections": _alone(
        lambda home: str(
            home.told("POST", "/v1/collections", {"translations": [{"locale": "en", "title": home.name()}]})["id"]
        )
    ),
    "/v1/dead-letters": _alone(Home.dead_letter),
    "/v1/discounts": _alone(Home.discount),
    "/v1/locations": _alone(Home.location),
    "/v1/orders": _once(Home.sku, _order),
    "/v1/orders/{order_id}/payments": _below(_declined),
    "/v1/pages": _alone(lambda home: str(home.content("draft")["id"])),
    "/v1/payments": _once(Home.order, _declined),
    "/v1/price-lists": _alone(lambda home: str(home.told("POST", "/v1/price-lists", {"name": home.name()})["id"])),
    "/v1/price-lists/{price_list_id}/prices": _below(_priced),
    "/v1/products": _alone(lambda home: str(home.told("POST", "/v1/products", product_body())["id"])),
    "/v1/products/{product_id}/collections": _below(_chosen),
    "/v1/roles": _alone(Home.role),
    "/v1/search/customers": _alone(lambda home: str(home.user("customer")["id"])),
    "/v1/search/orders": _once(Home.sku, _order),
    "/v1/search/settings": _alone(Home.search_setting),
    "/v1/service-tokens": _alone(Home.service_token),
    "/v1/stock": _once(Home.location, _stock),
    "/v1/users": _alone(lambda home: str(home.user()["id"])),
    "/v1/webhooks": _alone(Home.webhook),
    "/v1/webhooks/{webhook_id}/deliveries": _below(_pinged),
}
#: The rows are of every test there is, or those of one token: other tests walk through these.
ELSEWHERE: Final = {"/v1/tenants", "/v1/orders/claimed/payments"}


@pytest.fixture(scope="module")
def home(open_home: Callable[[], Home]) -> Home:
    return open_home()


def _address(home: Home, path: str) -> tuple[str, str | None]:
    for name, make in ABOVE.items():
        if f"{{{name}}}" in path:
            above = make(home)
            return path.replace(f"{{{name}}}", above), above
    return path, None


def _id(row: dict[str, Any]) -> str:
    return str(row.get("id") or row["variant_id"])


@pytest.mark.parametrize("path", sorted(LISTS.keys() - ELSEWHERE))
def test_what_is_there_is_seen_once_in_every_order_while_more_comes(home: Home, path: str) -> None:
    assert path in MAKERS, f"how one of {path} is made is missing in MAKERS"
    address, above = _address(home, path)
    make = MAKERS[path]
    there = {make(home, above) for _ in range(3)}

    for sort in sorts(LISTS[path]):
        seen: list[str] = []
        cursor = ""
        while True:
            page = home.told("GET", f"{address}?sort={sort}&limit=2{cursor}")
            assert len(page["items"]) == 2 or page["next_cursor"] is None
            seen += map(_id, page["items"])
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={quote(page['next_cursor'])}"
            if len(seen) <= 4:  # two more come while it is read
                there_too = make(home, above)
        assert there <= set(seen), sort
        assert len(seen) == len(set(seen)), sort
        there.add(there_too)


@pytest.mark.parametrize("path", sorted(LISTS.keys() - ELSEWHERE))
def test_a_cursor_is_for_the_question_it_was_given_for(home: Home, path: str) -> None:
    address, above = _address(home, path)
    for _ in range(2):
        MAKERS[path](home, above)
    first, second, *_ = sorts(LISTS[path])
    cursor = quote(home.told("GET", f"{address}?sort={first}&limit=1")["next_cursor"])

    assert home.call("GET", f"{address}?sort={first}&limit=7&cursor={cursor}").status_code == 200
    for query, code in (
        (f"sort={second}&cursor={cursor}", "other_question"),
        ("cursor=nonsense", "malformed"),
        (f"cursor={uuid4()}", "malformed"),
        ("cursor=W10", "malformed"),
    ):
        refused = home.call("GET", f"{address}?{query}")
        assert refused.status_code == 422, query
        assert [(one["field"], one["code"]) for one in refused.get_json(force=True)["errors"]] == [("cursor", code)]


@pytest.mark.parametrize("path", sorted(LISTS.keys() - ELSEWHERE))
def test_an_unknown_parameter_or_order_is_refused_with_what_there_is(home: Home, path: str) -> None:
    address, _ = _address(home, path)

    unknown = home.call("GET", f"{address}?colour=red").get_json(force=True)["errors"]
    unsorted = home.call("GET", f"{address}?sort=colour").get_json(force=True)["errors"]

    assert [(one["field"], one["code"]) for one in unknown] == [("colour", "extra_forbidden")]
    assert all(name in unknown[0]["message"] for name in LISTS[path].model_fields)
    assert [one["field"] for one in unsorted] == ["sort"]
    assert all(name in unsorted[0]["message"] for name in sorts(LISTS[path]))


def _values(schema: Any) -> list[str]:
    """Some that a filter may have, by what the document says of it."""
    kinds = schema.get("anyOf", [schema])
    if (kind := kinds[0]).get("type") == "array":
        kind = kind["items"]
    if "enum" in kind or "const" in kind:
        return [str(one) for one in kind.get("enum", [kind.get("const")])]
    if kind.get("type") == "boolean":
        return ["true", "false"]
    named = {"uuid": str(uuid4()), "date-time": "2026-01-01T00:00:00Z"}
    if kind.get("format") in named:
        return [named[kind["format"]]]
    return ["7"] if kind.get("type") == "integer" else ["rye"]


#: Values of filters whose texts have a form.
FORMS: Final = {"act": "users:update", "actor": "anonymous", "currency": "EUR", "email": "anna@example.org"}


@pytest.mark.parametrize("path", sorted(LISTS.keys() - ELSEWHERE))
def test_every_filter_can_be_asked_for_alone_and_with_all_others(home: Home, served: APIFlask, path: str) -> None:
    address, _ = _address(home, path)
    document: Any = served.spec
    parameters = {one["name"]: one["schema"] for one in document["paths"][path]["get"]["parameters"]}
    values = {
        name: [FORMS[name]] if name in FORMS else _values(_resolved(document, parameters[name]))
        for name in LISTS[path].filter_names()
    }

    for name, some in values.items():
        for value in some:
            answer = home.call("GET", f"{address}?{name}={quote(value)}")
            assert answer.status_code == 200, (name, value, answer.text)
    together = "&".join(f"{name}={quote(some[0])}" for name, some in values.items())
    assert home.call("GET", f"{address}?{together}").status_code == 200


def _resolved(document: Any, schema: Any) -> Any:
    if "$ref" in schema:
        return _resolved(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return {"anyOf": [_resolved(document, one) for one in schema["anyOf"]]}
    if "items" in schema:
        return {**schema, "items": _resolved(document, schema["items"])}
    return schema
