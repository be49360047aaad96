import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.domain.permissions import Role, scope_of
from api.domain.scope import Actor
from api.domain.service_tokens import ServiceToken, grants_for
from api.domain.token_text import TokenKind, TokenText
from api.http.security import Public, Requires, Undeclared, declared, refuse_undeclared
from tests.api.conftest import NOW, SHOP, KnownServiceTokens, KnownTenants

Header = Callable[..., dict[str, str]]
REFUSALS = {401, 403}
OF_THE_PLATFORM = ("audit:", "tenants:", "dead_letters:", "quality:", "rebuilds:", "schemas:", "users:", "account:")
WRITES_SCHEMAS = ("schemas:create", "schemas:update", "schemas:delete")


def every_call(*apps: APIFlask) -> list[tuple[str, str, Requires | Public | None]]:
    """Method, path and declaration of all there is to call."""
    return [
        (method, re.sub(r"<[^>]+>", str(uuid4()), rule.rule), declared(app.view_functions[rule.endpoint]))
        for app in apps
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]


@pytest.mark.parametrize("role", list(Role))
def test_every_route_lets_in_exactly_whom_the_table_says(
    app: APIFlask, registry: APIFlask, client: FlaskClient, as_role: Header, role: Role
) -> None:
    for method, path, access in every_call(app, registry):
        answer = client.open(path, method=method, headers={**as_role(role), "Host": "cheese.example"})

        if isinstance(access, Requires):
            allowed = scope_of(role, access.permission) is not None
            if role == Role.SUPER_ADMIN:
                allowed = access.permission.startswith(OF_THE_PLATFORM)
            if role == Role.ADMIN and access.permission in WRITES_SCHEMAS:
                continue  # in their own context only, and that is not where these addresses are
            assert (answer.status_code not in REFUSALS) == allowed, f"{role} {method} {path}: {answer.status_code}"
        else:
            assert answer.status_code not in REFUSALS, f"{role} {method} {path}: {answer.status_code}"


def test_there_is_something_to_let_in(app: APIFlask, registry: APIFlask) -> None:
    for one in (app, registry):
        assert len([access for _, _, access in every_call(one) if isinstance(access, Requires)]) > 20


def test_who_is_asked_for_comes_before_what_was_sent(client: FlaskClient, as_role: Header) -> None:
    answer = client.post("/v1/products", json={"nonsense": 1}, headers=as_role("customer"))

    assert answer.status_code == 403


def test_an_app_with_an_undeclared_view_does_not_start(app: APIFlask) -> None:
    app.view_functions["forgotten"] = lambda: ""

    with pytest.raises(Undeclared, match="forgotten"):
        refuse_undeclared(app)


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic YTpi", "Bearer not.a.token", "nonsense"])
def test_what_is_no_token_of_ours_is_nobody(client: FlaskClient, header: str) -> None:
    answer = client.get("/v1/orders", headers={"Authorization": header, "Host": "cheese.example"})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_bad_token_does_not_become_an_anonymous_visitor(client: FlaskClient) -> None:
    answer = client.get("/v1/search/products", headers={"Authorization": "Bearer bad", "Host": "cheese.example"})

    assert answer.status_code == 401


def test_an_expired_token_says_so(client: FlaskClient, as_role: Header) -> None:
    answer = client.get("/v1/orders", headers=as_role("admin", valid=timedelta(seconds=-1)))

    assert (answer.status_code, answer.json["detail"]) == (401, "The token has expired.")


def test_a_token_of_an_unknown_tenant_is_nobody(client: FlaskClient, as_role: Header) -> None:
    answer = client.get("/v1/orders", headers=as_role("admin", tenant_id=uuid4()))

    assert answer.status_code == 401


def test_no_header_of_the_client_chooses_the_tenant(client: FlaskClient, as_role: Header) -> None:
    answer = client.get("/v1/search/products", headers={"Host": "elsewhere.example", "X-Tenant-Id": "cheese"})

    assert answer.status_code == 401


def test_a_storefront_is_found_by_its_host(client: FlaskClient) -> None:
    answer = client.get("/v1/search/products", headers={"Host": "cheese.example:8080"})

    assert answer.status_code == 200


def shown(known: KnownServiceTokens, kind: TokenKind, *permissions: str) -> dict[str, str]:
    """The header of a program that an admin of the shop gave a token."""
    admin = Actor(tenant_id=SHOP.id, tenant_slug=SHOP.slug, actor_id="boss", role=Role.ADMIN)
    text = TokenText.new(kind, uuid4())
    known.tokens[text.text] = ServiceToken(
        id=text.id,
        tenant_id=SHOP.id,
        kind=kind,
        name="till",
        grants=grants_for(kind, admin, permissions),
        ending=text.ending,
        made_by="boss",
        made_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    return {"Authorization": f"Bearer {text.text}"}


def let_in(client: FlaskClient, header: dict[str, str], *apps: APIFlask) -> set[str]:
    """The permissions of the calls that are not refused."""
    calls = [(method, path, access) for method, path, access in every_call(*apps) if isinstance(access, Requires)]
    return {
        access.permission
        for method, path, access in calls
        if client.open(path, method=method, headers=header).status_code not in REFUSALS
    }


@pytest.mark.parametrize(
    "permissions", [("orders:read",), ("products:create", "products:list"), ("analytics:read", "schemas:list")]
)
def test_a_program_does_what_its_token_says_and_nothing_else(
    app: APIFlask,
    registry: APIFlask,
    client: FlaskClient,
    service_tokens: KnownServiceTokens,
    permissions: tuple[str, ...],
) -> None:
    header = shown(service_tokens, TokenKind.SERVICE, *permissions)

    assert let_in(client, header, app, registry) == set(permissions)


def test_a_search_key_searches_in_its_shop_and_opens_what_a_claim_token_opens_and_nothing_else(
    app: APIFlask, registry: APIFlask, client: FlaskClient, service_tokens: KnownServiceTokens
) -> None:
    header = shown(service_tokens, TokenKind.SEARCH)

    found = client.get("/v1/search/products", headers=header)

    assert found.status_code == 200
    assert let_in(client, header, app, registry) == {"guest_orders:read", "guest_payments:create", "search:read"}


def test_a_program_of_one_shop_is_refused_at_anothers_host(
    app: APIFlask, client: FlaskClient, service_tokens: KnownServiceTokens
) -> None:
    header = shown(service_tokens, TokenKind.SEARCH)
    known = app.extensions["rustok"].tenants
    assert isinstance(known, KnownTenants)
    known.shops = (SHOP, replace(SHOP, id=uuid4(), slug="wine", domains=("wine.example",)))

    answers = [
        client.get("/v1/search/products", headers={**header, "Host": host}).status_code
        for host in ("cheese.example", "wine.example", "nobody.example")
    ]

    assert answers == [200, 403, 200]


def test_a_token_that_nobody_was_given_is_nobody(client: FlaskClient) -> None:
    text = TokenText.new(TokenKind.SERVICE, uuid4()).text

    assert client.get("/v1/orders", headers={"Authorization": f"Bearer {text}"}).status_code == 401
