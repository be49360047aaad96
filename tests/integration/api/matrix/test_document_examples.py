"""The bodies that the API's document shows are taken, once what they name is there."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from api.app import list_routes
from api.domain.permissions import Role
from api.http.example_bodies import BODIES, PASSWORD
from api.http.route_table import Route
from api.wsgi import unconnected
from tests.integration.api.matrix.answers import Matrix
from tests.integration.api.matrix.callers import Caller, Standing
from tests.integration.api.matrix.examples import File, address
from tests.integration.api.matrix.expectations import Whose
from tests.integration.api.matrix.homes import ORDER, SLUGS, Home
from tests.integration.api.people import PASSWORD as PEOPLES

pytestmark = pytest.mark.servers

ROUTES: Final = {one.name: one for one in list_routes(unconnected())}
#: Who may do it, of those who may do much.
ASKING: Final = (Role.ADMIN, Role.SUPER_ADMIN, Role.SCHEMA)


def _new(*_: object) -> str:
    return f"new-{uuid4().hex[:12]}"


def _new_address(*_: object) -> str:
    return f"{_new()}@people.example"


def _with_password(home: Home) -> str:
    """Of somebody who chose the document's."""
    email = str(home.user("customer")["email"])
    body = {"token": home.mailbox.token(email, "invitation"), "password": PASSWORD}
    assert home.client.post("/v1/auth/password", json=body).status_code == 204
    return email


def _price_list(home: Home) -> str:
    return str(home.told("GET", f"/v1/price-lists/{home.price_list()}")["name"])


def _invitation(home: Home) -> str:
    return home.mailbox.token(str(home.user("customer")["email"]), "invitation")


def _verification(home: Home) -> str:
    email = _new_address()
    body = {"email": email, "name": "Cleo", "password": PASSWORD, "shop": home.slug}
    assert home.client.post("/v1/auth/register", json=body).status_code == 202
    return home.mailbox.token(email, "verification")


#: What a body names → what is there under another name.
NAMED: Final[Mapping[str, Callable[[Home], str]]] = {
    "RYE-500": lambda home: home.sku(),
    "CHEESE-200": lambda home: home.sku(),
    "RYE-750": _new,
    "rye-bread": _new,
    "Oven": _new,
    "Friday bread": _new,
    "Returns clerk": _new,
    "article-1": _new,
    "department-1": _new,
    "collection-1": _new,
    '"season"': lambda _: f'"{_new()}"',
    "bakery.example": lambda _: f"{_new()}.example",
    "anna@example.org": _with_password,
    "ben@example.org": _new_address,
    "cleo@example.org": _new_address,
    "01970000-0000-7000-8000-000000000002": lambda _: str(ORDER),
    "01970000-0000-7000-8000-000000000009": lambda home: home.location(),
    "rto_claim": lambda home: home.claim_token(),
    "rtr_refresh": lambda home: home.person("customer").refresh_token,
    "rtl_invitation": _invitation,
    "rtl_address": _verification,
}
#: The same, where a call makes what others find.
NAMED_BY: Final[Mapping[str, Mapping[str, Callable[[Home], str]]]] = {
    "importPrices": {"Friday bread": _price_list},
    "importPriceLines": {"Friday bread": _price_list},
    "createProduct": {"RYE-500": _new},
    "bulkAdjustStock": {"01970000-0000-7000-8000-000000000005": lambda home: home.stock()},
    "bulkChangeProducts": {"01970000-0000-7000-8000-000000000003": lambda home: str(home.product(active=False)["id"])},
    "checkOutCart": {"790": lambda _: "150"},  # what `sku` costs
    "changePassword": {PASSWORD: lambda _: PEOPLES},
    "createTenant": {'"bakery"': lambda _: f'"{_new()}"'},
}


def test_every_body_of_the_document_is_taken(matrix: Matrix) -> None:
    paths = matrix.client.get("/openapi.json").json["paths"]
    wrong = {}

    for route in ROUTES.values():
        operation = paths[route.path][route.method.lower()]
        for media_type, media in operation.get("requestBody", {}).get("content", {}).items():
            name = operation["operationId"]
            answer = _asked(matrix, name, route, media_type, media["example"])
            if answer.status_code >= 300 or '"refused":1' in answer.text:
                wrong[f"{name} {media_type}"] = f"{answer.status_code} {answer.text[:400]}"

    assert not wrong, "\n".join(f"{name}: {told}" for name, told in wrong.items())


def _asked(matrix: Matrix, name: str, route: Route, media_type: str, example: Any) -> TestResponse:
    """The example as it is, but for the names of what is there."""
    caller, home = _caller(matrix, route), matrix.homes.own
    values = dict(matrix.examples.values(route, caller, Whose.OWN))
    if "subject_name" in values:
        values["subject_name"] = _subject(home, registered=name != "registerSchema")
    if name == "changePassword" and caller.person is not None:
        caller.home.has_password(caller.person.email)  # whatever the tests before this one chose
    names = {**NAMED, **NAMED_BY.get(name, {})}
    if "collection_id" in values:
        shown = f"/v1/collections/{values['collection_id']}/products"
        names["01970000-0000-7000-8000-000000000003"] = lambda home: home.told("GET", shown)["items"][0]["id"]
    slug = SLUGS.get(values.get("tenant_id", ""), home.slug)
    body = example if isinstance(example, str) else json.dumps(example)
    for text, there in {'"bakery"': lambda _: f'"{slug}"', **names}.items():
        if text in body:
            body = body.replace(text, there(home))
    return matrix.send(route.method, address(route, values), caller, File(body.encode(), media_type))


def _subject(home: Home, *, registered: bool) -> str:
    """With the document's schema, or without any."""
    subject = home.new_subject()
    if registered:
        home.told("POST", f"/subjects/{subject}/versions", BODIES["registerSchema"])
    return subject


def _caller(matrix: Matrix, route: Route) -> Caller:
    if route.permission is None:
        return next(one for one in matrix.callers if one.role == Role.ANONYMOUS)
    by_role = {one.role: one for one in reversed(matrix.callers) if one.standing is Standing.KNOWN}
    everywhere = route.permission == "schemas:update" and not route.parameters
    asking = (Role.SCHEMA,) if everywhere else ASKING
    return next(by_role[role] for role in asking if route.scopes.get(role))
