"""What belongs to another tenant and is named in a body, a parameter or a header is as if it were not there.

Every field of a body and every parameter that takes an id has a row here, or the test fails by its name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from api.domain.permissions import Role
from tests.integration.api.matrix.answers import Asked, Matrix, fingerprint
from tests.integration.api.matrix.callers import Caller
from tests.integration.api.matrix.expectations import Whose
from tests.integration.api.matrix.homes import Home, made_mark, schema
from tests.integration.api.shops import imported_order, imported_product, product_body

pytestmark = pytest.mark.servers


@dataclass(frozen=True)
class Named:
    """`thing` gives the name of something of a home; `body` has it in it. `path` may have the home's own in it."""

    method: str
    path: Callable[[Home], str]
    thing: Callable[[Home], str]
    body: Callable[[Home, str], Any]
    nobodys: Callable[[], str] = lambda: str(uuid4())


def _external(kind: str) -> Callable[[Home], str]:
    def find(home: Home) -> str:
        made = home.category() if kind == "categories" else home.product(active=True)["id"]
        return str(home.told("GET", f"/v1/{kind}/{made}")["external_id"])

    return find


def _item(name: str, more: dict[str, Any]) -> dict[str, Any]:
    return {"items": [{"external_id": name, "translations": [{"locale": "en", "name": name}], **more}]}


def _where_the_same_is_sold(home: Home) -> str:
    home.told("POST", "/v1/imports/products", {"items": [imported_product("the same")]})
    return "/v1/imports/stock"


def _invited(home: Home, role_id: str) -> dict[str, Any]:
    name = home.name()
    return {"email": f"{name}@people.example", "name": name, "role": "staff", "role_ids": [role_id]}


def _referring(home: Home, subject: str) -> dict[str, Any]:
    return {"schema": schema(home.schema_name()), "references": [{"name": "x", "subject": subject, "version": 1}]}


def _category(home: Home, parent: str) -> dict[str, Any]:
    return {"translations": [{"locale": "en", "name": home.name()}], "parent_id": parent}


def _product_id(home: Home) -> str:
    return str(home.product(active=True)["id"])


def _page_id(home: Home) -> str:
    return str(home.content()["id"])


def _titled(home: Home, **more: Any) -> dict[str, Any]:
    return {"translations": [{"locale": "en", "title": home.name()}], **more}


def _shelf(home: Home) -> dict[str, Any]:
    """One collection for each home, with a product that is in it."""
    key = f"{home.mark} collection"
    if key not in _SHELVED:
        made = home.collection()
        (chosen,) = home.told("GET", f"/v1/collections/{made['id']}/products")["items"]
        _SHELVED[key] = {"id": made["id"], "product_id": chosen["id"]}
    return _SHELVED[key]


def _meaning(category: str) -> dict[str, Any]:
    return {"rule": {"conditions": [{"field": "category", "values": [category]}]}}


_SHELVED: Final[dict[str, dict[str, Any]]] = {}


def _shelved(home: Home) -> dict[str, Any]:
    """One product for each home: a variant is named within its product only."""
    if home.mark not in _SHELVED:
        _SHELVED[home.mark] = home.product(active=True)
    return _SHELVED[home.mark]


def _counted(home: Home) -> dict[str, Any]:
    """One stock for each home: it is at one location only."""
    key = f"{home.mark} stock"
    if key not in _SHELVED:
        _SHELVED[key] = home.told("GET", f"/v1/stock/{home.stock()}")
    return _SHELVED[key]


def _counts_there(home: Home, location_id: str) -> dict[str, Any]:
    return {"location_id": location_id, "items": [_counted_as(_counted(home)["sku"])]}


def _counted_as(sku: str) -> dict[str, Any]:
    return {"action": "count", "sku": sku, "on_hand": 4}


NAMES: Final[Mapping[str, Named]] = {
    "POST /v1/products/bulk items.id": Named(
        "POST",
        lambda _: "/v1/products/bulk",
        _product_id,
        lambda _, id_: {"items": [{"action": "unpublish", "id": id_}]},
    ),
    "POST /v1/products/bulk items.category_ids": Named(
        "POST",
        lambda _: "/v1/products/bulk",
        Home.category,
        lambda home, id_: {"items": [{"action": "add_categories", "id": _shelved(home)["id"], "category_ids": [id_]}]},
    ),
    "POST /v1/stock/bulk items.id": Named(
        "POST",
        lambda _: "/v1/stock/bulk",
        Home.stock,
        lambda _, id_: {"items": [{"action": "adjust", "id": id_, "delta": 1, "reason": "found one more"}]},
    ),
    "POST /v1/stock/bulk location_id": Named(
        "POST", lambda _: "/v1/stock/bulk", lambda home: _counted(home)["location_id"], _counts_there
    ),
    "POST /v1/stock/bulk items.sku": Named(
        "POST",
        lambda _: "/v1/stock/bulk",
        lambda home: _counted(home)["sku"],
        lambda home, sku: {"location_id": _counted(home)["location_id"], "items": [_counted_as(sku)]},
        lambda: f"SKU-{uuid4().hex[:12]}",
    ),
    "POST /v1/products category_ids": Named(
        "POST", lambda _: "/v1/products", Home.category, lambda home, id_: product_body(category_ids=[id_])
    ),
    "PATCH /v1/products/{product_id} category_ids": Named(
        "PATCH",
        lambda home: f"/v1/products/{home.product(active=True)['id']}",
        Home.category,
        lambda home, id_: {"category_ids": [id_]},
    ),
    "POST /v1/products related_ids": Named(
        "POST", lambda _: "/v1/products", _product_id, lambda home, id_: product_body(related_ids=[id_])
    ),
    "PATCH /v1/products/{product_id} related_ids": Named(
        "PATCH",
        lambda home: f"/v1/products/{home.product(active=True)['id']}",
        _product_id,
        lambda _, id_: {"related_ids": [id_]},
    ),
    "PATCH /v1/products/{product_id} variants.id": Named(
        "PATCH",
        lambda home: f"/v1/products/{_shelved(home)['id']}",
        lambda home: str(_shelved(home)["variants"][0]["id"]),
        lambda home, id_: {"variants": [{"id": id_, "sku": home.name()}]},
    ),
    "POST /v1/categories parent_id": Named("POST", lambda _: "/v1/categories", Home.category, _category),
    "POST /v1/categories/{category_id}/move parent_id": Named(
        "POST",
        lambda home: f"/v1/categories/{home.category()}/move",
        Home.category,
        lambda _, parent: {"parent_id": parent},
    ),
    "POST /v1/collections product_ids": Named(
        "POST", lambda _: "/v1/collections", _product_id, lambda home, id_: _titled(home, product_ids=[id_])
    ),
    "POST /v1/collections rule.conditions.values": Named(
        "POST", lambda _: "/v1/collections", Home.category, lambda home, id_: _titled(home, **_meaning(id_))
    ),
    "PATCH /v1/collections/{collection_id} product_ids": Named(
        "PATCH",
        lambda home: f"/v1/collections/{home.collection()['id']}",
        _product_id,
        lambda _, id_: {"product_ids": [id_]},
    ),
    "POST /v1/pages parent_id": Named(
        "POST", lambda _: "/v1/pages", _page_id, lambda home, id_: _titled(home, parent_id=id_)
    ),
    "PATCH /v1/pages/{page_id} parent_id": Named(
        "PATCH", lambda home: f"/v1/pages/{_page_id(home)}", _page_id, lambda _, id_: {"parent_id": id_}
    ),
    "POST /v1/collections/{collection_id}/products product_ids": Named(
        "POST",
        lambda home: f"/v1/collections/{home.collection()['id']}/products",
        _product_id,
        lambda _, id_: {"product_ids": [id_]},
    ),
    "POST /v1/collections/{collection_id}/products/move product_ids": Named(
        "POST",
        lambda home: f"/v1/collections/{_shelf(home)['id']}/products/move",
        lambda home: str(_shelf(home)["product_id"]),
        lambda _, id_: {"product_ids": [id_], "position": 0},
    ),
    "POST /v1/imports/collections products": Named(
        "POST",
        lambda _: "/v1/imports/collections",
        _external("products"),
        lambda home, name: {"items": [{"external_id": "the same", **_titled(home, products=[name])}]},
    ),
    "POST /v1/imports/collections rule.conditions.values": Named(
        "POST",
        lambda _: "/v1/imports/collections",
        _external("categories"),
        lambda home, name: {"items": [{"external_id": "the same rule", **_titled(home, **_meaning(name))}]},
    ),
    "POST /v1/users role_ids": Named("POST", lambda _: "/v1/users", Home.role, _invited),
    "PATCH /v1/users/{user_id} role_ids": Named(
        "PATCH",
        lambda home: f"/v1/users/{home.user('staff')['id']}",
        Home.role,
        lambda home, id_: {"role_ids": [id_]},
    ),
    "POST /v1/orders lines.sku": Named(
        "POST", lambda _: "/v1/orders", Home.sku, lambda home, sku: {"lines": [{"sku": sku, "quantity": 1}]}
    ),
    "POST /v1/carts lines.sku": Named(
        "POST", lambda _: "/v1/carts", Home.sku, lambda home, sku: {"lines": [{"sku": sku, "quantity": 1}]}
    ),
    "POST /v1/carts/{cart_id}/lines lines.sku": Named(
        "POST",
        lambda home: f"/v1/carts/{home.cart()}/lines",
        Home.sku,
        lambda home, sku: {"lines": [{"sku": sku, "quantity": 1}]},
    ),
    "PUT /v1/carts/{cart_id}/lines lines.sku": Named(
        "PUT",
        lambda home: f"/v1/carts/{home.cart()}/lines",
        Home.sku,
        lambda home, sku: {"lines": [{"sku": sku, "quantity": 1}]},
    ),
    "PUT /v1/checkout/taxes rates.category_id": Named(
        "PUT",
        lambda _: "/v1/checkout/taxes",
        Home.category,
        lambda home, id_: {"prices_include_tax": False, "rates": [{"country": "AT", "rate": 0, "category_id": id_}]},
    ),
    "POST /v1/orders/guest lines.sku": Named(
        "POST",
        lambda _: "/v1/orders/guest",
        Home.sku,
        lambda home, sku: {
            "lines": [{"sku": sku, "quantity": 1}],
            "contact": {"email": f"{home.name()}@people.example"},
        },
    ),
    "PUT /v1/orders/{order_id}/lines lines.sku": Named(
        "PUT",
        lambda home: f"/v1/orders/{home.order()}/lines",
        Home.sku,
        lambda home, sku: {"lines": [{"sku": sku, "quantity": 1}]},
    ),
    "POST /v1/stock sku": Named("POST", lambda _: "/v1/stock", Home.sku, lambda home, sku: {"sku": sku}),
    "POST /v1/stock location_id": Named(
        "POST", lambda _: "/v1/stock", Home.location, lambda home, id_: {"sku": home.sku(), "location_id": id_}
    ),
    "POST /v1/stock/{stock_id}/transfer to_location_id": Named(
        "POST",
        lambda home: f"/v1/stock/{home.stock()}/transfer",
        Home.location,
        lambda home, id_: {"to_location_id": id_, "quantity": 1},
    ),
    "PATCH /v1/price-lists/{price_list_id}/prices sku": Named(
        "PATCH",
        lambda home: f"/v1/price-lists/{home.price_list()}/prices",
        Home.sku,
        lambda home, sku: {"items": [{"sku": sku, "amount_minor": 1}]},
    ),
    "POST /v1/imports/prices price_list": Named(
        "POST",
        lambda home: _where_the_same_is_sold(home) and "/v1/imports/prices",
        lambda home: str(home.told("GET", f"/v1/price-lists/{home.price_list()}")["name"]),
        lambda _, name: {"items": [{"price_list": name, "sku": "the same", "amount_minor": 1}]},
    ),
    "POST /v1/imports/stock sku": Named(
        "POST", lambda _: "/v1/imports/stock", Home.sku, lambda home, sku: {"items": [{"sku": sku, "on_hand": 1}]}
    ),
    "POST /v1/imports/stock location": Named(
        "POST",
        _where_the_same_is_sold,
        lambda home: str(home.told("GET", f"/v1/locations/{home.location()}")["name"]),
        lambda home, name: {"items": [{"sku": "the same", "on_hand": 1, "location": name}]},
    ),
    "POST /v1/imports/orders lines.sku": Named(
        "POST",
        lambda _: "/v1/imports/orders",
        Home.sku,
        lambda home, sku: {"items": [imported_order("the same", sku)]},
    ),
    "POST /v1/imports/products categories": Named(
        "POST",
        lambda _: "/v1/imports/products",
        _external("categories"),
        lambda home, name: {"items": [imported_product("the same", categories=[name])]},
    ),
    "POST /v1/imports/categories parent": Named(
        "POST",
        lambda _: "/v1/imports/categories",
        _external("categories"),
        lambda home, name: _item("the same", {"parent": name}),
    ),
    "POST /subjects/{subject_name}/versions references.subject": Named(
        "POST",
        lambda home: f"/subjects/{home.new_subject()}/versions",
        Home.subject,
        _referring,
        lambda: f":.nowhere-{uuid4().hex[:8]}:x",
    ),
    "POST /compatibility/subjects/{subject_name}/versions references.subject": Named(
        "POST",
        lambda home: f"/compatibility/subjects/{home.new_subject()}/versions",
        Home.subject,
        _referring,
        lambda: f":.nowhere-{uuid4().hex[:8]}:x",
    ),
}
#: Fields that hold an id and name nothing that is looked up.
FREE: Final[frozenset[str]] = frozenset(
    {
        "POST /v1/collections/{collection_id}/products/remove product_ids",  # what is not in it makes no difference
        # A rule about what the shop does not have does nothing: what is searched is always the shop's own.
        "POST /v1/search/settings rule.pin.product_id",
        "POST /v1/search/settings rule.category_id",
        "PUT /v1/search/settings/{setting_id} rule.pin.product_id",
        "PUT /v1/search/settings/{setting_id} rule.category_id",
        # What is told of an answer that the shop never gave is counted nowhere.
        "POST /v1/search/events events.product_id",
        "POST /v1/search/events events.query_id",
        "POST /v1/search/settings/preview setting.rule.pin.product_id",
        "POST /v1/search/settings/preview setting.rule.category_id",
        "POST /v1/search/explain category",
        "POST /v1/search/products category",
        "POST /v1/search/settings/preview category",  # as in any search: nothing is in it
        "POST /v1/search/settings/preview instead_of",  # of the shop's own, the one with this id is left out
    }
)


@pytest.fixture(scope="module")
def admin(matrix: Matrix) -> Caller:
    (found,) = (one for one in matrix.callers if one.name == "admin")
    return found


def _asked(matrix: Matrix, caller: Caller, method: str, path: str, name: str, body: Any = None) -> Asked:
    return Asked(path, Whose.ANOTHERS, matrix.send(method, path, caller, body), (name, quote(name, safe="")))


def refused(answer: TestResponse) -> bool:
    return answer.status_code >= 400 or '"refused":1' in answer.text


@pytest.mark.parametrize("name", NAMES)
def test_anothers_in_a_body_is_refused_as_what_is_not_there(matrix: Matrix, admin: Caller, name: str) -> None:
    row, path = NAMES[name], NAMES[name].path(admin.home)
    own, anothers, nobodys = row.thing(admin.home), row.thing(admin.stranger), row.nobodys()
    before = fingerprint(admin.stranger)

    told = [_asked(matrix, admin, row.method, path, one, row.body(admin.home, one)) for one in (anothers, nobodys)]
    good = matrix.send(row.method, path, admin, row.body(admin.home, own))

    assert all(refused(one.answer) for one in told), [one.answer.text for one in told]
    assert told[0].told == told[1].told
    assert fingerprint(admin.stranger) == before
    assert not refused(good) or row.thing is Home.subject, good.text  # a schema need not use what it refers to


def test_every_field_that_holds_an_id_is_here(served: APIFlask) -> None:
    document: Any = served.spec
    found = {
        f"{method.upper()} {path} {field}"
        for path, calls in document["paths"].items()
        for method, call in calls.items()
        for content in call.get("requestBody", {}).get("content", {}).values()
        for field in ids_in(document, content["schema"])
    }

    assert found - FREE <= NAMES.keys()
    assert len(found) >= 5


def ids_in(document: Any, node: Any, path: str = "", depth: int = 0) -> Iterator[str]:
    """The paths of fields of a body that hold ids."""
    if depth > 12:
        return
    if "$ref" in node:
        node = document["components"]["schemas"][node["$ref"].rpartition("/")[2]]
    if node.get("format") == "uuid":
        yield path
    for name, inner in node.get("properties", {}).items():
        yield from ids_in(document, inner, f"{path}.{name}".strip("."), depth + 1)
    listed = [node["items"]] if isinstance(node.get("items"), dict) else []
    for inner in (*node.get("anyOf", ()), *node.get("oneOf", ()), *listed):
        yield from ids_in(document, inner, path, depth + 1)


#: Parameters by which something of another tenant can be asked for: what they are given, and of nobody.
ASKED: Final[Mapping[str, tuple[str, Callable[[Home], str], Callable[[], str]]]] = {
    "category of a search": ("/v1/search/products?category={}", Home.category, lambda: str(uuid4())),
    "words of a search": ("/v1/search/products?q={}", lambda home: home.mark, made_mark),
    "brand of a search": ("/v1/search/products?brand={}", lambda home: home.mark, made_mark),
    "customer of orders": (
        "/v1/orders?customer_ref={}",
        lambda home: home.person().id,
        lambda: str(uuid4()),
    ),
    "variant of stock": (
        "/v1/stock?variant_id={}",
        lambda home: str(home.told("GET", f"/v1/stock/{home.stock()}")["variant_id"]),
        lambda: str(uuid4()),
    ),
    "location of stock": (
        "/v1/stock?location_id={}",
        lambda home: str(home.told("GET", f"/v1/stock/{home.stock()}")["location_id"]),
        lambda: str(uuid4()),
    ),
    "product of stock": (
        "/v1/stock?product_id={}",
        lambda home: str(home.told("GET", f"/v1/stock/{home.stock()}")["product_id"]),
        lambda: str(uuid4()),
    ),
    "category of products": ("/v1/products?category={}", Home.category, lambda: str(uuid4())),
    "parent of categories": ("/v1/categories?parent_id={}", Home.category, lambda: str(uuid4())),
    "what categories are below": ("/v1/categories?below={}", Home.category, lambda: str(uuid4())),
    "role of users": ("/v1/users?role_id={}", Home.role, lambda: str(uuid4())),
    "order of payments": ("/v1/payments?order_id={}", Home.paid_for, lambda: str(uuid4())),
    "list of a price": (
        "/v1/prices?sku=none&price_list_id={}",
        Home.price_list,
        lambda: str(uuid4()),
    ),
    "cause of dead letters": (
        "/v1/dead-letters?cause={}",
        lambda home: home.dead_letter() and home.cause,
        made_mark,
    ),
    "cause of groups": (
        "/v1/dead-letters/groups?cause={}",
        lambda home: home.cause,
        made_mark,
    ),
    "cause of an export": (
        "/v1/dead-letters/export?cause={}",
        lambda home: home.cause,
        made_mark,
    ),
    "object of the trail": ("/v1/audit?object={}", lambda home: home.user()["id"], lambda: str(uuid4())),
    "actor of the trail": ("/v1/audit?actor={}", lambda home: home.person().id, lambda: str(uuid4())),
    "object of an export": ("/v1/audit/export?object={}", lambda home: home.user()["id"], lambda: str(uuid4())),
    "shop of the trail": ("/v1/audit?tenant={}", lambda home: home.tenant(new=False), lambda: str(uuid4())),
    "prefix of subjects": (
        "/subjects?subjectPrefix={}",
        lambda home: f":.{home.slug}:",
        lambda: f":.shop-{uuid4().hex[:12]}:",
    ),
    "prefix of schemas": (
        "/schemas?subjectPrefix={}",
        lambda home: f":.{home.slug}:",
        lambda: f":.shop-{uuid4().hex[:12]}:",
    ),
    "context in the address": (
        "/contexts/{}/subjects",
        lambda home: f".{home.slug}",
        lambda: f".shop-{uuid4().hex[:12]}",
    ),
    "rules of a context": ("/config/{}", lambda home: f":.{home.slug}:", lambda: f":.shop-{uuid4().hex[:12]}:"),
    "what holds in a context": (
        "/config/{}?defaultToGlobal=true",
        Home.subject,
        lambda: f":.shop-{uuid4().hex[:12]}:subject-{uuid4().hex[:12]}",
    ),
    "mode in a context": (
        "/mode/{}?defaultToGlobal=true",
        Home.subject,
        lambda: f":.shop-{uuid4().hex[:12]}:subject-{uuid4().hex[:12]}",
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_anothers_in_a_question_is_answered_as_what_is_not_there(matrix: Matrix, admin: Caller, name: str) -> None:
    path, anothers, nobodys = ASKED[name]
    names = (anothers(admin.stranger), nobodys())

    told = [_asked(matrix, admin, "GET", path.format(quote(one, safe="")), one) for one in names]

    assert told[0].told == told[1].told
    assert told[0].answer.status_code in (200, 403, 404, 422)


def test_every_parameter_that_takes_an_id_is_here(served: APIFlask) -> None:
    document: Any = served.spec
    found = {
        one["name"]
        for calls in document["paths"].values()
        for call in calls.values()
        for one in call.get("parameters", [])
        if one["in"] == "query" and list(ids_in(document, one["schema"], one["name"]))
    }

    assert found == {
        "below",
        "category",
        "id",
        "location_id",
        "order_id",
        "parent_id",
        "price_list_id",
        "product_id",
        "role_id",
        "tenant",
        "variant_id",
    }


def test_about_an_order_or_product_of_another_tenant_nothing_is_explained(matrix: Matrix, admin: Caller) -> None:
    for permission, anothers in (
        ("orders:read", admin.stranger.order()),
        ("products:read", admin.stranger.product(active=True)["id"]),
    ):
        path = f"/v1/access?actor=admin&permission={permission}&id="
        told = [matrix.send("GET", f"{path}{one}", admin) for one in (anothers, str(uuid4()))]

        assert [answer.status_code for answer in told] == [404, 404]


def test_a_cursor_of_another_tenant_shows_nothing_of_theirs(matrix: Matrix, admin: Caller, served: APIFlask) -> None:
    document: Any = served.spec
    lists = [
        path
        for path, calls in document["paths"].items()
        if any(one["name"] == "cursor" for one in calls.get("get", {}).get("parameters", []))
    ]
    # What is below another's id, or a guest's token, is answered as what is below nobody's. What is searched for has
    # cursors that are good for one question of one shop: test_search_cursors, test_staff_search.
    own = {one for one in lists if not ("{" in one or "/claimed/" in one or one.startswith("/v1/search/"))}
    for path in own - {"/v1/tenants"} | {"/v1/search/settings"}:
        made = admin.stranger
        made.one_of_each()
        cursor = made.told("GET", f"{path}?limit=1")["next_cursor"]

        shown = matrix.send("GET", f"{path}?cursor={cursor}", admin)

        assert cursor is not None, path
        assert shown.status_code == 200, path
        assert made.mark not in shown.text, path
        assert made.hidden not in shown.text, path
    assert len(lists) >= 7


@pytest.mark.parametrize("path", ["/v1/search/products", "/v1/analytics/sales"])
def test_a_receipt_of_another_tenant_is_a_forged_one(matrix: Matrix, admin: Caller, path: str) -> None:
    theirs = admin.stranger.told("POST", "/v1/products", product_body())["receipt"]
    forged = theirs[:-4] + ("AAAA" if theirs[-4:] != "AAAA" else "BBBB")

    told = [_asked(matrix, admin, "GET", f"{path}?after={one}&wait=0", one) for one in (theirs, forged)]

    assert told[0].answer.status_code == 422
    assert told[0].told == told[1].told


def test_a_key_of_another_tenant_is_free(matrix: Matrix, admin: Caller) -> None:
    """Also for an actor of the same name and role there."""
    key, body = uuid4().hex, product_body()

    def sent(home: Home) -> TestResponse:
        headers = {**home.boss, "Idempotency-Key": key}
        return home.client.post("/v1/products", json=body, headers=headers)

    first, second, again = sent(admin.stranger), sent(admin.home), sent(admin.home)

    assert [one.status_code for one in (first, second, again)] == [201, 201, 201]
    assert first.json["id"] != second.json["id"]
    assert second.json == again.json
    assert admin.home.told("GET", f"/v1/products/{second.json['id']}")["id"] == second.json["id"]


@pytest.mark.parametrize("act", ["export", "erase"])
@pytest.mark.parametrize("named_by", ["id", "email"])
def test_a_person_of_another_tenant_is_nobody(matrix: Matrix, admin: Caller, act: str, named_by: str) -> None:
    """Neither by the account nor by the address is anything of them shown or taken away."""
    theirs = str(getattr(admin.stranger.person(), named_by))
    nobodys = str(uuid4()) if named_by == "id" else f"{uuid4().hex}@people.example"
    before = fingerprint(admin.stranger)

    told = [_asked(matrix, admin, "POST", f"/v1/users/{act}", one, {"person": one}) for one in (theirs, nobodys)]

    assert told[0].told == told[1].told
    assert told[0].answer.status_code < 500
    assert fingerprint(admin.stranger) == before


@pytest.mark.parametrize("act", ["replay", "discard"])
def test_a_decision_on_many_dead_letters_decides_on_none_of_another_tenant(
    matrix: Matrix, admin: Caller, act: str
) -> None:
    stranger = admin.stranger
    stranger.dead_letter()
    before = fingerprint(stranger)
    reason = {"reason": "all of them"} if act == "discard" else {}

    done = matrix.send("POST", f"/v1/dead-letters/{act}", admin, {"cause": stranger.cause, "state": "any", **reason})
    of_all = matrix.send("POST", f"/v1/dead-letters/{act}", admin, {"state": "any", **reason})

    assert (done.status_code, done.json) == (200, {"dead_letters": 0, "refused": [], "more": False})
    assert of_all.status_code == 200
    assert fingerprint(stranger) == before


def test_an_alias_leads_nowhere_else(matrix: Matrix, admin: Caller) -> None:
    own, theirs = admin.home.subject(), admin.stranger.subject()
    admin.home.told("PUT", f"/config/{own}", {"alias": theirs, "compatibility": "NONE"})

    for path in ("versions", "versions/1", "versions/latest/schema", "metadata"):
        answer = matrix.send("GET", f"/subjects/{own}/{path}", admin)
        assert answer.status_code == 404, answer.text
        assert admin.stranger.mark not in answer.text


def test_an_answer_that_is_kept_is_kept_for_who_got_it(matrix: Matrix, admin: Caller) -> None:
    """The registry keeps answers by id: another tenant's are asked for right after them."""
    id_ = admin.stranger.schema_id()
    for path in (f"/schemas/ids/{id_}", f"/schemas/ids/{id_}/schema", f"/schemas/ids/{id_}/versions"):
        theirs = admin.stranger.call("GET", path)
        ours = matrix.send("GET", path, admin)

        assert (theirs.status_code, ours.status_code) == (200, 404), path


def test_who_is_known_elsewhere_is_nobody_here(matrix: Matrix, admin: Caller) -> None:
    """The same address and password, at another shop."""
    person = admin.home.person("admin")
    body = {"email": person.email, "password": "correct horse battery", "shop": admin.stranger.slug}

    answer = admin.home.client.post("/v1/auth/login", json=body)
    refreshed = admin.home.client.post(
        "/v1/auth/refresh",
        json={"refresh_token": person.refresh_token},
        headers={"Host": f"{admin.stranger.slug}.example"},
    )

    assert (answer.status_code, refreshed.status_code) == (401, 403)
    assert Role.ADMIN.value not in answer.text
