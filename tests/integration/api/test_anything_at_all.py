"""Whatever is sent, the answer is right or says what is wrong with it: no parameter and no field makes a 500.

Every parameter of every GET in the API's own document, and every field of every body, takes its turn: with each value
where its name comes first, and with some, others each time, where it comes again.
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from api.app import create_app
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to
from ops.settings import Settings
from schemas.events.order import OrderPaid
from sinks.analytics import sales_facts, search_facts
from sinks.analytics.sales_facts import order_facts
from sinks.analytics.sales_questions import SalesReader
from sinks.analytics.search_questions import SearchesReader
from sinks.freshness import Freshness
from sinks.search import page_documents, product_documents
from sinks.search.page_questions import PageSearch
from sinks.search.product_questions import ProductSearch
from sinks.sql.sql_reader import SqlReader
from tests.integration.api.shops import Shop, imported_order, imported_product, product_body
from tests.support.examples import MOMENT, envelope, order
from tests.support.payment_providers import simulated
from tests.support.whole import whole

pytestmark = pytest.mark.servers

TEXTS = (
    *("", " ", "0", "-1", "1.5", "1e400", "NaN", "Infinity", "-Infinity", "null", "true", "[]", "{}", "\0", "a\0b"),
    *(str(2**31), str(2**63 - 1), str(2**63), str(10**18), str(10**22), "1" + "0" * 400, "-" + "9" * 30),
    *("localtime", "posixrules", "../etc/passwd", "Europe/Berlin\0", "' OR 1=1 --", "%", "\ud7ff", "\U0010ffff"),
    *("0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "99999-01-01", "infinity"),
    *("x" * 3000, "é́" * 100, str(uuid4()), "[" * 2000),
)
#: As they are percent-encoded: bytes that are no text.
RAW = ("%ff", "%ed%a0%80", "%00", "%", "%zz", "%f4%90%80%80")
#: As they are written in JSON, also what no JSON library would write.
JSON = (
    *("null", "true", "0", "-1", "1.5", "1e400", "NaN", "Infinity", str(2**63), "1" + "0" * 400, "1e-400", '""', '" "'),
    *('"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udfff\\ud800"', '"\\uffff"', "[]", "{}", "[null]", '[[["x"]]]'),
    *('{"":null}', "[" * 900 + "]" * 900, "[" * 100_000, '{"a":' * 900 + "1" + "}" * 900, json.dumps("x" * 100_000)),
    *('"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"', '"infinity"', '"' + "9" * 400 + '"'),
)


@pytest.fixture
def app(settings: Settings, store: Store, tokens: AccessTokens, sales: Path) -> APIFlask:
    search, read = ProductSearch(settings.opensearch_url), SalesReader(sales)
    searches, pages = SearchesReader(sales), PageSearch(settings.opensearch_url)
    asked = {"searches": searches, "pages": pages, "sql": SqlReader(sales)}
    return create_app(connect_to(store, tokens, search, read, payments=simulated(), **asked))


@pytest.fixture
def sales(settings: Settings, tmp_path: Path) -> Path:
    """Published snapshots of sales and searches, and indices of products and pages."""
    opened = sales_facts.MODEL.sink(Settings(analytics_dir=tmp_path))
    opened.open()
    opened.write([order_facts(envelope(aggregate_version=1), OrderPaid(order=order()))], {})
    opened.publish(whole(sales_facts.MODEL))
    opened.close()
    searched = search_facts.MODEL.sink(Settings(analytics_dir=tmp_path))
    searched.open()
    searched.publish(Freshness({f"rustok.search_log/{partition}": MOMENT for partition in range(4)}))
    searched.close()
    for model in (product_documents.MODEL, page_documents.MODEL):
        index = model.sink(settings)
        index.open()
        index.close()
    return tmp_path


def parameters(app: APIFlask) -> Iterator[tuple[str, str]]:
    """Path and name of every parameter of every GET; the path's own are in braces."""
    for path, calls in app.spec["paths"].items():
        named = [one for one in calls.get("get", {}).get("parameters", []) if one["in"] in ("path", "query")]
        for one in named:
            yield path, one["name"]


def address(path: str, name: str, value: str) -> str:
    """`value` in its place, something harmless in every other."""
    if f"{{{name}}}" in path:
        path, query = path.replace(f"{{{name}}}", value), ""
    else:
        query = f"?{name}={value}"
    while "{" in path:
        before, _, rest = path.partition("{")
        path = f"{before}{uuid4()}{rest.partition('}')[2]}"
    return path + query


def wrong(answer: TestResponse) -> bool:
    """A fault of ours, or a refusal in no words of ours; also of one item of many."""
    if answer.status_code >= 400:
        return answer.status_code >= 500 or not answer.content_type.startswith(REFUSALS)
    return b'"status":500' in answer.data


def ask(shop: Shop, path: str) -> TestResponse:
    if path.startswith("/v1/tenants"):
        return shop.for_platform("GET", path)
    return shop.get(path, role="admin")


class Turns:
    """Which values are tried: all of them where a name comes first; where it comes again, the next few."""

    AGAIN = 5

    def __init__(self, values: Sequence[str]) -> None:
        self._values = values
        self._seen: set[str] = set()
        self._rest = itertools.cycle(values)

    def of(self, name: str) -> Iterable[str]:
        if name in self._seen:
            return list(itertools.islice(self._rest, self.AGAIN))
        self._seen.add(name)
        return self._values


def test_no_parameter_of_a_question_makes_a_500(app: APIFlask, shop: Shop) -> None:
    turns = Turns([*(quote(text, safe="") for text in TEXTS), *RAW])
    asked = [address(path, name, value) for path, name in parameters(app) for value in turns.of(name)]

    failed = [path[:200] for path in asked if wrong(ask(shop, path))]

    assert len(asked) > 2000
    assert failed == []


def bodies(shop: Shop) -> list[tuple[str, str, Any]]:
    """A good body for every command that takes one."""
    product = shop.product(category_ids=[shop.post("/v1/categories", CATEGORY).json["id"]])
    sku = product["variants"][0]["sku"]
    placed = shop.order(sku)
    collection = shop.post("/v1/collections", COLLECTION).json["id"]
    page = shop.post("/v1/pages", {"translations": [PAGE]}).json["id"]
    full = {
        **product_body(),
        "external_id": "e",
        "brand": "b",
        "options": ["size"],
        "tags": ["t"],
        "attributes": {"fat": "50"},
        "images": [{"url": "https://x.example/a.png", "alt": "a"}],
        "category_ids": product["category_ids"],
    }
    tenant = {"slug": f"s-{uuid4().hex[:8]}", "name": "n", "domains": ["a.example"], "default_locale": "en"}
    item = {**CATEGORY, "external_id": "c", "parent": "r", "position": 1}
    dead_letters = {"feed": "f", "state": "open", "cause": "c", "since": "2026-01-01T00:00:00Z", "reason": "r"}
    token = {"name": "t", "kind": "service", "permissions": ["orders:read"], "expires_at": "2027-01-01T00:00:00Z"}
    return [
        ("POST", "/v1/products", full),
        ("PATCH", f"/v1/products/{product['id']}", {**full, "external_id": "not one of its fields"}),
        ("POST", "/v1/categories", {**CATEGORY, "external_id": "c", "parent_id": None, "position": 1}),
        ("POST", "/v1/collections", {**COLLECTION, "product_ids": [product["id"]]}),
        ("POST", "/v1/collections", {**COLLECTION, "rule": {"match": "any", "conditions": CONDITIONS}}),
        ("PATCH", f"/v1/collections/{collection}", COLLECTION),
        ("POST", f"/v1/collections/{collection}/products", {"product_ids": [product["id"]], "position": 0}),
        ("POST", f"/v1/collections/{collection}/products/move", {"product_ids": [product["id"]], "position": 0}),
        ("POST", f"/v1/collections/{collection}/products/remove", {"product_ids": [product["id"]]}),
        ("POST", "/v1/imports/collections", {"items": [{**COLLECTION, "external_id": "c", "products": ["p"]}]}),
        (
            "POST",
            "/v1/pages",
            {"kind": "page", "translations": [PAGE], "tags": ["t"], "parent_id": page, "position": 1},
        ),
        ("PATCH", f"/v1/pages/{page}", {"translations": [PAGE], "tags": ["t"], "parent_id": None, "position": 1}),
        ("POST", "/v1/orders", {"external_id": "o", "customer_ref": "r", "lines": [{"sku": sku, "quantity": 1}]}),
        ("POST", f"/v1/orders/{placed['id']}/pay", {"payment_id": "p"}),
        ("POST", f"/v1/orders/{placed['id']}/payments", {"token": "test_decline"}),
        ("POST", "/v1/payments/webhooks/test", {"payment_id": placed["id"], "status": "declined", "reason": "r"}),
        ("POST", f"/v1/orders/{placed['id']}/cancel", {"reason": "r", "refund_minor": 0}),
        ("POST", "/v1/tenants", {**tenant, "locales": ["en"], "currency": "EUR"}),
        ("POST", "/v1/imports/products", {"items": [imported_product("p", categories=["c"], brand="b")]}),
        ("POST", "/v1/imports/categories", {"items": [item]}),
        ("POST", "/v1/imports/orders", {"items": [imported_order("o2", sku, tax_minor=1, discount_minor=1)]}),
        ("POST", "/v1/dead-letters/discard", dead_letters),
        ("POST", "/v1/service-tokens", token),
        (
            "PATCH",
            f"/v1/dead-letters/{uuid4()}",
            {"event": {"a": 1}, "event_type": "product.created", "headers": {"a": "b"}},
        ),
    ]


REFUSALS = ("application/problem+json", "application/vnd.schemaregistry")
CATEGORY = {"translations": [{"locale": "en", "name": "Dairy", "slug": None, "description": "d"}]}
COLLECTION = {"translations": [{"locale": "en", "title": "Breakfast", "handle": None, "seo_title": "s"}]}
PAGE = {"locale": "en", "title": "Delivery", "handle": None, "summary": "s", "body": "b", "seo_title": "s"}
CONDITIONS = [
    {"field": "tag", "values": ["a"]},
    {"field": "price", "currency": "EUR", "least_minor": 1, "most_minor": 2},
    {"field": "created", "since_at": "2026-01-01T00:00:00Z"},
    {"field": "created", "within_days": 1},
]
HOLE = '"\\u2603"'


def with_a_hole(body: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The body as JSON, with `HOLE` where each value (and the whole) was, and how that is called."""
    yield name, HOLE
    pairs = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in list(pairs):
        for called, inner in with_a_hole(value, f"{name}.{key}" if isinstance(key, int) else key):
            copy = body.copy()
            copy[key] = "here goes it"
            yield called, json.dumps(copy).replace('"here goes it"', inner)


def test_no_field_of_a_command_makes_a_500(shop: Shop) -> None:
    failed, sent, turns = [], 0, Turns(JSON)
    for method, path, body in bodies(shop):
        for name, text in with_a_hole(body):
            for value in turns.of(name):
                answer = sent_raw(shop, method, path, text.replace(HOLE, value))
                sent += 1
                if wrong(answer):
                    failed.append((method, path, text[:300], value[:60], answer.status_code))

    assert sent > 2000
    assert failed == []


def sent_raw(shop: Shop, method: str, path: str, text: str) -> TestResponse:
    platform = path.startswith("/v1/tenants")
    return shop.client.open(
        path,
        method=method,
        data=text.encode(),
        content_type="application/json",
        headers={"Authorization": f"Bearer {shop.token(platform=platform)}"},
    )


@pytest.mark.parametrize("name", ["Idempotency-Key", "If-Match", "If-None-Match", "X-Correlation-Id", "traceparent"])
def test_no_header_makes_a_500(shop: Shop, name: str) -> None:
    product = shop.product()
    for text in (text for text in (*TEXTS, *RAW) if text.isascii() and "\0" not in text):
        for method in ("GET", "PATCH", "POST"):
            path = "/v1/products" if method == "POST" else f"/v1/products/{product['id']}"
            answer = shop.call(method, path, None if method == "GET" else {"brand": "b"}, **{name: text})

            assert not wrong(answer), (name, method, text[:60], answer.status_code)
