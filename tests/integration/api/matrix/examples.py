"""What a call of each route is made of: ids for its address, and a body that is good.

A new route whose address or body is not here makes the matrix fail by its name.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from api.domain.permissions import Scope
from api.http.route_table import Route
from api.payment_providers.simulated_provider import TestToken
from api.wsgi import now
from tests.integration.api.matrix.callers import Caller, Homes, Standing
from tests.integration.api.matrix.expectations import Outcome, Whose, expected
from tests.integration.api.matrix.homes import EVENT, SCHEMAS, SLUGS, Home, made_domain, schema
from tests.integration.api.people import PASSWORD
from tests.integration.api.shops import imported_order, imported_product, product_body

Values = Mapping[str, str]


class Missing(Exception):
    """The matrix does not know how to call this route."""


def _product(home: Home, route: Route, whose: Whose, caller: Caller, made: Values) -> str:
    narrow = caller.scope(route) is Scope.PUBLISHED
    shown = route.method == "GET" or route.path.endswith("/unpublish") or narrow
    hidden = whose is Whose.HIDDEN
    if home.in_search and not hidden and route.path.startswith("/v1/search/"):
        return home.in_search
    return str(home.product(active=shown and not hidden, hidden=hidden)["id"])


def _collection(home: Home, route: Route, whose: Whose, caller: Caller, made: Values) -> str:
    narrow = caller.scope(route) is Scope.PUBLISHED
    shown = route.method == "GET" or route.path.endswith("/unpublish") or narrow
    hidden = whose is Whose.HIDDEN
    return str(home.collection(active=shown and not hidden, hidden=hidden)["id"])


#: The state that a page is to be in before a call changes it, unless it is a draft.
_OF_A_PAGE: Final[Values] = {"archive": "published", "restore": "archived"}


def _page(home: Home, route: Route, whose: Whose, caller: Caller, made: Values) -> str:
    narrow = caller.scope(route) is Scope.PUBLISHED
    shown = "published" if route.method == "GET" or narrow else _OF_A_PAGE.get(route.path.rpartition("/")[2], "draft")
    hidden = whose is Whose.HIDDEN
    return str(home.content("draft" if hidden else shown, hidden=hidden)["id"])


#: The state from which an order is moved on by a step, unless it is pending.
_BEFORE: Final[Values] = {"pay": "confirmed", "ship": "paid", "refund": "paid", "deliver": "shipped"}


def _order(home: Home, route: Route, whose: Whose, caller: Caller, made: Values) -> str:
    if whose is Whose.OWN and caller.scope(route) is Scope.OWN:
        lines = [{"sku": home.sku(), "quantity": 1}]
        placed = home.client.post("/v1/orders", json={"lines": lines}, headers=dict(caller.headers))
        return str(placed.json["id"])
    return home.order(_BEFORE.get(route.path.rpartition("/")[2], "pending"))


def _cart(home: Home, route: Route, whose: Whose, caller: Caller, made: Values) -> str:
    """Of who reaches only what is theirs, or nobody's in the shop but the shop's."""
    known = caller.standing is Standing.KNOWN and caller.home is home
    if whose is Whose.OWN and caller.scope(route) is Scope.OWN and known:
        return home.cart(caller.headers)
    return home.cart(hidden=whose is Whose.HIDDEN)


def _payment(home: Home, route: Route, whose: Whose, caller: Caller, made: Values) -> str:
    headers = caller.headers if whose is Whose.OWN and caller.scope(route) is Scope.OWN else home.boss
    return home.payment(_order(home, route, whose, caller, made), headers)


def _refund(home: Home, route: Route, whose: Whose, caller: Caller, made: Values) -> str:
    """Of the payment of the address, and refused."""
    return home.refused_refund(made.get("payment_id") or _payment(home, route, whose, caller, made))


def _session(home: Home, route: Route, whose: Whose, caller: Caller, made: Values) -> str:
    if whose is Whose.OWN and caller.person is not None and caller.home is home:
        return home.signed_in(caller.person.email).session_id
    return home.person().session_id


def _subject(home: Home, route: Route, whose: Whose, caller: Caller, made: Values) -> str:
    return home.subject(*(one for one in ("config", "mode") if route.path.startswith(f"/{one}/")))


def _tenant_id(home: Home, route: Route, whose: Whose, caller: Caller, made: Values) -> str:
    return home.tenant(new=route.method != "GET" and expected(route, caller, whose) is Outcome.LET_IN)


def _named(home: Home, route: Route, whose: Whose, caller: Caller, kind: str) -> str:
    """A handle of a collection or page, or a handle or SKU of a product."""
    if "/pages/" in route.path:
        found = home.told("GET", f"/v1/pages/{_page(home, route, whose, caller, {})}")
        return str(found["translations"][0]["handle"])
    if "/collections/" in route.path:
        found = home.told("GET", f"/v1/collections/{_collection(home, route, whose, caller, {})}")
        return str(found["translations"][0]["handle"])
    made = home.told("GET", f"/v1/products/{_product(home, route, whose, caller, {})}")
    return str(made["translations"][0]["handle"] if kind == "handle" else made["variants"][0]["sku"])


def _slug(home: Home, *_: object) -> str:
    return str(home.told("GET", f"/v1/categories/{home.category()}")["translations"][0]["slug"])


#: How one of what a parameter names is made.
THINGS: Final[Mapping[str, Callable[[Home, Route, Whose, Caller, Values], str]]] = {
    "category_id": lambda home, *_: home.category(),
    "collection_id": _collection,
    "page_id": _page,
    "slug": _slug,
    "path": _slug,
    "product_id": _product,
    "handle": lambda home, route, whose, caller, made: _named(home, route, whose, caller, "handle"),
    "sku": lambda home, route, whose, caller, made: _named(home, route, whose, caller, "sku"),
    "order_id": _order,
    "cart_id": _cart,
    "discount_id": lambda home, *_: home.discount(),
    "payment_id": _payment,
    "refund_id": _refund,
    "stock_id": lambda home, *_: home.stock(),
    "variant_id": lambda home, *_: str(home.product(active=True)["variants"][0]["id"]),
    "location_id": lambda home, *_: home.location(),
    "price_list_id": lambda home, *_: home.price_list(),
    "setting_id": lambda home, *_: home.search_setting(),
    "dead_letter_id": lambda home, *_: home.dead_letter(),
    "model": lambda home, route, *_: home.rebuild(goes_on=route.path.endswith("/pause")),
    "token_id": lambda home, *_: home.service_token(),
    "webhook_id": lambda home, *_: home.webhook(),
    "user_id": lambda home, *_: home.user()["id"],
    "role_id": lambda home, *_: home.role(),
    "session_id": _session,
    "tenant_id": _tenant_id,
    "domain": lambda home, route, whose, caller, made: home.domain(made.get("tenant_id")),
    "subject_name": _subject,
    "schema_id": lambda home, *_: home.schema_id(),
    "guid": lambda home, *_: home.guid(),
}
#: What the platform has of its own; everything else is of shops.
_OF_PLATFORM: Final = frozenset(
    {"dead_letter_id", "model", "user_id", "session_id", "subject_name", "schema_id", "guid"}
)
#: Those of which a shop has some that not everybody of it sees.
_HIDDEN: Final = frozenset(
    {
        "cart_id",
        "product_id",
        "collection_id",
        "page_id",
        "handle",
        "sku",
        "order_id",
        "payment_id",
        "refund_id",
        "session_id",
    }
)
_OF_SEARCH: Final[Values] = {"index": "products", "facet": "brand"}
#: Parameters that name nothing of anybody's.
PLAIN: Final[Values] = {
    "version": "1",
    "namespace": "-",
    "resource": "rustok.order",
    "provider": "test",
    "metric": "net_sales",
    **_OF_SEARCH,
}
#: Public routes whose parameters name files.
FILES: Final[Values] = {"/docs/{name}": "swagger-ui.css"}

RANDOM: Final[Mapping[str, Callable[[], str]]] = {
    "handle": lambda: f"handle-{uuid4().hex[:12]}",
    "sku": lambda: f"SKU-{uuid4().hex[:12]}",
    "subject_name": lambda: f":.nowhere-{uuid4().hex[:8]}:subject-{uuid4().hex[:12]}",
    "domain": made_domain,
    "schema_id": lambda: str(2_000_000_000 + uuid4().int % 100_000_000),
}
MALFORMED: Final[Values] = {"tenant_id": "NO SLUG", "subject_name": ":no:\x01"}

#: Parameters without which an answer would not show whose it is; what is named in braces is made in the home.
QUERIES: Final[Values] = {
    "GET /v1/access": "?actor=admin&permission=orders:read",
    "GET /v1/analytics/sales": "?split=department",
    "GET /v1/prices": "?sku={sku}",
    "GET /v1/prices/lowest": "?sku={sku}",
    "GET /v1/search/facet-values": "?facet=brand",
    "GET /v1/search/pages": "?q=mark",
    "GET /v1/search/suggestions": "?q=mark",
}


def _claim_token(home: Home) -> Values:
    return {"Claim-Token": home.claim_token()}


#: What names a thing in a header.
HEADERS: Final[Mapping[str, Callable[[Home], Values]]] = {
    "/v1/orders/claimed": _claim_token,
    "/v1/orders/claimed/timeline": _claim_token,
    "/v1/orders/claimed/payments": _claim_token,
}

#: Routes at which a name that nobody has yet is good.
NAME_NEW: Final = frozenset(
    {
        "POST /subjects/{subject_name}/versions",
        "POST /compatibility/subjects/{subject_name}/versions",
        "PUT /config/{subject_name}",
        "PUT /mode/{subject_name}",
    }
)


def _tomorrow() -> str:
    return (now() + timedelta(days=1)).isoformat()


def _invitation(home: Home, values: Values) -> Any:
    name = home.name()
    return {"email": f"{name}@people.example", "name": name, "role": home.lowest_role}


def _schema(home: Home, values: Values) -> Any:
    return {"schema": SCHEMAS.get(values["subject_name"]) or schema(home.schema_name())}


def _collection_item(home: Home) -> Any:
    name = home.name()
    return {"external_id": name, "translations": [{"locale": "en", "title": name}]}


def _one_product(home: Home, **more: Any) -> Any:
    return {"product_ids": [home.product(active=True)["id"]], **more}


def _first_of(home: Home, values: Values) -> Any:
    """A product that is in the collection of the address."""
    shown = home.call("GET", f"/v1/collections/{values['collection_id']}/products")
    items = (shown.json or {}).get("items") or [home.product(active=True)]
    return {"product_ids": [items[0]["id"]], "position": 0}


def _category_item(home: Home, values: Values) -> Any:
    return {"items": [{"external_id": home.name(), "translations": [{"locale": "en", "name": home.name()}]}]}


@dataclass(frozen=True, slots=True)
class File:
    """A body that is no JSON document."""

    content: bytes
    mimetype: str


def _product_file(name: str) -> File:
    """Of another system's, with one product in it."""
    return File(f"Handle,Title,Variant SKU,Variant Price\n{name},{name},{name},1\n".encode(), "text/csv")


def _listed_price(home: Home) -> Any:
    name = home.told("GET", f"/v1/price-lists/{home.price_list()}")["name"]
    return {"price_list": name, "sku": home.sku(), "amount_minor": 1}


def _line(item: Any) -> File:
    return File(json.dumps(item).encode(), "application/x-ndjson")


#: Good bodies. A route that is not here gets what its required fields have to be, by the API's document.
BODIES: Final[Mapping[str, Callable[[Home, Values], Any]]] = {
    "POST /search/1/indexes/*/recommendations": lambda home, _: {
        "requests": [{"indexName": "products", "model": "related-products", "objectID": home.in_search or "none"}]
    },
    "POST /search/1/indexes/*/queries": lambda *_: {"requests": [{"indexName": "products"}]},
    "POST /search/1/events": lambda *_: {"events": [{"eventType": "click", "objectIDs": [str(uuid4())]}]},
    "POST /v1/account/password": lambda *_: {"old": PASSWORD, "new": "another sentence is good"},
    "POST /v1/auth/login": lambda home, _: {"email": f"{home.name()}@people.example", "password": PASSWORD},
    "POST /v1/auth/password": lambda *_: {"token": "rtl_nonsense", "password": PASSWORD},
    "POST /v1/auth/register": lambda home, _: {
        "email": f"{home.name()}@people.example",
        "name": "Anna",
        "password": PASSWORD,
        "shop": home.slug,
    },
    "POST /v1/auth/reset": lambda home, _: {"email": "nobody@people.example", "shop": home.slug},
    "POST /v1/categories": lambda home, _: {"translations": [{"locale": "en", "name": home.name()}]},
    "PATCH /v1/categories/{category_id}": lambda home, _: {"position": 1},
    "POST /v1/categories/{category_id}/move": lambda *_: {"parent_id": None},
    "POST /v1/collections": lambda home, _: _one_product(home, translations=[{"locale": "en", "title": home.name()}]),
    "PATCH /v1/collections/{collection_id}": lambda home, _: _one_product(home),
    "POST /v1/pages": lambda home, _: {"translations": [{"locale": "en", "title": home.name()}]},
    "PATCH /v1/pages/{page_id}": lambda home, _: {"tags": [home.name()]},
    "POST /v1/collections/{collection_id}/products": lambda home, _: _one_product(home),
    "POST /v1/collections/{collection_id}/products/move": _first_of,
    "POST /v1/collections/{collection_id}/products/remove": lambda home, _: _one_product(home),
    "POST /v1/dead-letters/discard": lambda *_: {"feed": "none", "reason": "for good"},
    # The platform's people say it of any shop's, whose export has it: so it is nobody's mark.
    "POST /v1/dead-letters/{dead_letter_id}/discard": lambda *_: {"reason": "for good"},
    "POST /v1/dead-letters/replay": lambda *_: {"feed": "none"},
    "PATCH /v1/dead-letters/{dead_letter_id}": lambda *_: {"event": EVENT},
    "POST /v1/imports/categories": _category_item,
    "POST /v1/imports/collections": lambda home, _: {"items": [_collection_item(home)]},
    "POST /v1/imports/collections/lines": lambda home, _: _line(_collection_item(home)),
    "POST /v1/imports/orders": lambda home, _: {"items": [imported_order(home.name(), home.sku())]},
    "POST /v1/imports/products": lambda home, _: {"items": [imported_product(home.name())]},
    "POST /v1/imports/categories/lines": lambda home, values: _line(_category_item(home, values)["items"][0]),
    "POST /v1/imports/orders/lines": lambda home, _: _line(imported_order(home.name(), home.sku())),
    "POST /v1/imports/products/lines": lambda home, _: _line(imported_product(home.name())),
    "POST /v1/imports/products/csv": lambda home, _: _product_file(home.name()),
    "PUT /v1/orders/{order_id}/lines": lambda home, _: {"lines": [{"sku": home.sku(), "quantity": 3}]},
    "PUT /v1/orders/{order_id}/contacts": lambda home, _: {"contact": {"name": home.name()}},
    "POST /v1/carts": lambda home, _: {"lines": [{"sku": home.sku(), "quantity": 1}]},
    "PATCH /v1/carts/{cart_id}": lambda *_: {"country": "AT"},
    "POST /v1/carts/{cart_id}/lines": lambda home, _: {"lines": [{"sku": home.sku(), "quantity": 1}]},
    "PUT /v1/carts/{cart_id}/lines": lambda home, _: {"lines": [{"sku": home.sku(), "quantity": 2}]},
    "POST /v1/carts/{cart_id}/checkout": lambda *_: {},
    "POST /v1/discounts": lambda home, _: home.discount_body(),
    "PATCH /v1/discounts/{discount_id}": lambda *_: {"active": False},
    "PUT /v1/checkout/taxes": lambda home, _: {
        "prices_include_tax": False,
        "rates": [{"country": "AT", "rate": 0, "category_id": home.category()}],
    },
    "PUT /v1/checkout/shipping": lambda home, _: {"methods": [home.shipping_method()]},
    "POST /v1/orders/claim": lambda home, _: {"claim_token": home.claim_token()},
    "POST /v1/orders/guest": lambda home, _: {
        "lines": [{"sku": home.sku(), "quantity": 1}],
        "contact": {"email": f"{home.name()}@people.example"},
    },
    "POST /v1/orders/{order_id}/payments": lambda *_: {"token": TestToken.SUCCESS},
    "POST /v1/orders/claimed/payments": lambda *_: {"token": TestToken.SUCCESS},
    "POST /v1/orders/{order_id}/refund": lambda *_: {"reason": "broken", "other_minor": 1},
    "POST /v1/orders/{order_id}/ship": lambda *_: {},
    "POST /v1/imports/stock/lines": lambda home, _: _line({"sku": home.sku(), "on_hand": 3}),
    "POST /v1/imports/stock": lambda home, _: {"items": [{"sku": home.sku(), "on_hand": 3}]},
    "POST /v1/imports/prices": lambda home, _: {"items": [_listed_price(home)]},
    "POST /v1/imports/prices/lines": lambda home, _: _line(_listed_price(home)),
    "POST /v1/price-lists": lambda home, _: {"name": home.name()},
    "PATCH /v1/price-lists/{price_list_id}": lambda home, _: {"name": home.name()},
    "PATCH /v1/price-lists/{price_list_id}/prices": lambda home, _: {"items": [{"sku": home.sku(), "amount_minor": 1}]},
    "POST /v1/locations": lambda home, _: {"name": home.name()},
    "PATCH /v1/locations/{location_id}": lambda home, _: {"name": home.name()},
    "POST /v1/stock": lambda home, _: {"sku": home.sku(), "on_hand": 3},
    "PATCH /v1/stock/{stock_id}": lambda home, _: {"low_threshold": 1},
    "POST /v1/stock/{stock_id}/adjust": lambda *_: {"delta": 1, "reason": "found one more"},
    "POST /v1/stock/{stock_id}/count": lambda *_: {"on_hand": 4},
    "POST /v1/stock/{stock_id}/transfer": lambda home, _: {"to_location_id": home.location(), "quantity": 1},
    "POST /v1/orders": lambda home, _: {"lines": [{"sku": home.sku(), "quantity": 1}]},
    "POST /v1/products/bulk": lambda home, _: {
        "items": [{"action": "add_tags", "id": home.product(active=True)["id"], "tags": [home.name()]}]
    },
    "POST /v1/stock/bulk": lambda home, _: {"items": [{"action": "count", "id": home.stock(), "on_hand": 4}]},
    "POST /v1/products": lambda home, _: product_body(brand=home.name()),
    "PATCH /v1/products/{product_id}": lambda home, _: {"brand": home.name()},
    "POST /v1/roles": lambda home, _: {
        "name": home.name(),
        "grants": [{"resource": "orders", "actions": ["read"]}],
    },
    "PATCH /v1/roles/{role_id}": lambda home, _: {"name": home.name()},
    "POST /v1/search/events": lambda *_: {"events": [{"type": "view", "product_id": str(uuid4())}]},
    "POST /v1/analytics/sql": lambda *_: {"sql": "SELECT * FROM sales"},
    "POST /v1/search/explain": lambda *_: {"q": "mark"},
    "POST /v1/search/products": lambda *_: {"facets": ["tag"]},
    "POST /v1/search/settings": lambda home, _: home.search_setting_body(),
    "POST /v1/search/settings/preview": lambda home, _: {"setting": home.search_setting_body()},
    "PUT /v1/search/settings/{setting_id}": lambda home, _: home.search_setting_body(),
    "POST /v1/service-tokens": lambda home, _: {
        "name": home.name(),
        "permissions": ["orders:read"],
        "expires_at": _tomorrow(),
    },
    "POST /v1/tenants": lambda home, _: {"slug": f"made-{uuid4().hex[:12]}", "name": "Made"},
    "PATCH /v1/tenants/{tenant_id}": lambda home, _: {"name": home.name()},
    "POST /v1/tenants/{tenant_id}/domains": lambda *_: {"domain": made_domain()},
    "POST /v1/tenants/{tenant_id}/erase": lambda _, values: {"slug": SLUGS.get(values["tenant_id"], "another")},
    "PATCH /v1/shop": lambda home, _: {"name": home.mark},
    "POST /v1/shop/domains": lambda *_: {"domain": made_domain()},
    "POST /v1/users": _invitation,
    "POST /v1/webhooks": lambda home, _: home.webhook_body(),
    "PATCH /v1/webhooks/{webhook_id}": lambda home, _: {"description": home.name()},
    "POST /v1/users/erase": lambda home, _: {"person": home.user()["id"]},
    "POST /v1/users/export": lambda home, _: {"person": home.user()["id"]},
    "PATCH /v1/users/{user_id}": lambda home, _: {"name": home.name()},
    "POST /subjects/{subject_name}": _schema,
    "POST /subjects/{subject_name}/versions": _schema,
    "POST /compatibility/subjects/{subject_name}/versions": _schema,
    "POST /compatibility/subjects/{subject_name}/versions/{version}": _schema,
    "PUT /config": lambda *_: {"compatibility": "BACKWARD"},
    "PUT /config/{subject_name}": lambda *_: {"compatibility": "NONE"},
    "PUT /mode": lambda *_: {"mode": "READWRITE"},
    "PUT /mode/{subject_name}": lambda *_: {"mode": "READWRITE"},
}


class Examples:
    """Ids and bodies for calls. What a call may change is made for it; what only is asked for is made once."""

    def __init__(self, homes: Homes, spec: Any) -> None:
        self._homes = homes
        self._spec = spec
        self._kept: dict[tuple[object, ...], str] = {}
        self._sent: dict[tuple[str, int], Values] = {}
        self._in_closed: Values = {}

    def make_in_closed(self, route: Route, caller: Caller) -> None:
        """One of each in the shop that is closed afterwards; `route` only asks."""
        home = self._homes.closed
        self._in_closed = {name: make(home, route, Whose.OWN, caller, {}) for name, make in THINGS.items()}

    def whose(self, route: Route, caller: Caller) -> list[Whose]:
        """Of whom there is something to ask for. Without an id in the address it is the caller's own."""
        owned = [name for name in route.parameters if name in THINGS]
        if not owned or route.permission is None:
            return [Whose.OWN]
        found = [Whose.OWN, Whose.ANOTHERS, Whose.NOBODYS, Whose.MALFORMED]
        narrow = caller.scope(route) in (Scope.OWN, Scope.PUBLISHED) and caller.standing is Standing.KNOWN
        hidden = narrow and any(name in _HIDDEN for name in owned)
        return [*found, Whose.HIDDEN] if hidden else found

    def values(self, route: Route, caller: Caller, whose: Whose) -> Values:
        """For the parameters of the address. Raises `Missing`."""
        made: dict[str, str] = {}
        asked = re.findall(r"{(\w+)}", QUERIES.get(route.name, ""))
        for name in (*route.parameters, *asked):
            made[name] = self._value(name, route, caller, whose, made)
        return made

    def headers(self, method: str, path: str, caller: Caller) -> Values:
        """Made once for each home, but for what changes what it names."""
        if path not in HEADERS:
            return {}
        home = self._homes.own if caller.home.shop is None or caller.home is self._homes.closed else caller.home
        if (path, id(home)) not in self._sent or method not in ("GET", "HEAD"):
            self._sent[path, id(home)] = HEADERS[path](home)
        return self._sent[path, id(home)]

    def body(self, route: Route, caller: Caller, values: Values) -> Any:
        """None: there is none. Raises `Missing`."""
        home = caller.home
        if route.name == "POST /v1/account/password" and caller.person is not None:
            caller.home.has_password(caller.person.email)
        if home is self._homes.closed or (home.shop is None and not route.path.startswith("/v1/users")):
            home = self._homes.own
        if route.name in BODIES:
            return BODIES[route.name](home, values)
        return self.least_body(route, home)

    def least_body(self, route: Route, home: Home) -> Any:
        """What the document asks for at least; None: no body. Raises `Missing`."""
        described = self._spec["paths"][route.path][route.method.lower()].get("requestBody")
        if described is None:
            return None
        return self._least(described["content"]["application/json"]["schema"], home, route)

    def _least(self, schema: Any, home: Home, route: Route) -> Any:
        """The least that a schema asks for."""
        if "$ref" in schema:
            return self._least(self._spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]], home, route)
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"), schema.get("format"):
            case "object", _:
                return {
                    name: self._least(schema["properties"][name], home, route) for name in schema.get("required", ())
                }
            case "array", _:
                return [self._least(schema["items"], home, route)] * schema.get("minItems", 0)
            case "string", None:
                return home.name()
            case "integer", _:
                return schema.get("minimum", 1)
            case "boolean", _:
                return True
        raise Missing(f"there is no body for {route.name} in BODIES of {__name__}")

    def _value(self, name: str, route: Route, caller: Caller, whose: Whose, made: Values) -> str:
        if route.path in FILES:
            return FILES[route.path]
        if name in PLAIN:
            return PLAIN[name]
        if name not in THINGS:
            raise Missing(f"there is nothing for {{{name}}} of {route.name} in THINGS of {__name__}")
        if whose is Whose.MALFORMED:
            return MALFORMED.get(name, "malformed")
        if whose is Whose.NOBODYS:
            return RANDOM.get(name, lambda: str(uuid4()))()
        home = caller.stranger if whose is Whose.ANOTHERS else caller.home
        if home is self._homes.closed:
            return self._in_closed[name]
        if home.shop is None and name not in _OF_PLATFORM:
            home = self._homes.own
        if route.method != "GET" and expected(route, caller, whose) is Outcome.LET_IN:
            return THINGS[name](home, route, whose, caller, made)
        who = (caller.scope(route), caller.standing, caller.person and caller.person.id)
        key = (name, id(home), whose, *who, _set_for(route))
        if key not in self._kept:
            self._kept[key] = THINGS[name](home, route, whose, caller, made)
        return self._kept[key]


def _set_for(route: Route) -> str:
    """What something of this kind must have for this route."""
    first = route.path.strip("/").split("/")[0]
    of_collections = next((kind for kind in ("collections", "pages") if f"/{kind}/by-handle/" in route.path), "")
    of_search = route.path.startswith("/v1/search/products/")
    return f"{route.method == 'GET'} {first if first in ('config', 'mode') else ''} {of_collections} {of_search}"


def address(route: Route, values: Values) -> str:
    path = route.path + QUERIES.get(route.name, "")
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path
