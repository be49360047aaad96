"""Opens a shop in a database of its own, with products and somebody who is signed in, all of it removed at the end."""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from apiflask import APIFlask
from flask.testing import FlaskClient
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api.app import create_app
from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http.limits.counters import Counters
from api.http.make_tokens import make_tokens
from api.http.own_keys import ALGORITHM
from api.http.tokens import AccessTokens
from api.migrations.migrate import migrate
from api.registry import deployed_schemas
from api.store.signing_keys import SigningKeyRows
from api.store.store import Store
from api.use_cases.signing_keys.rotate_signing_key import ensure_signing_key
from api.wsgi import connect_to, desk_of, now
from ops.clients import postgres
from ops.mailers import Mail
from ops.sealed_secrets import Seal
from ops.settings import PREFIX, Settings
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch

PASSWORD: Final = "a sentence is good"  # noqa: S105  # of nobody
_PRODUCTS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchShop:
    """`environment` is what a server needs to serve this shop, `token` that of its boss, who signed in."""

    settings: Settings
    store: Store
    tokens: AccessTokens
    environment: Mapping[str, str]
    tenant_id: UUID
    slug: str
    email: str
    token: str
    product_ids: tuple[str, ...]

    def app(self, counters: Counters) -> APIFlask:
        """The API in this process, which counts requests there."""
        return _app(self.settings, self.store, self.tokens, _Mailbox(), counters)


class _Mailbox:
    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def send(self, mail: Mail) -> None:
        self.mails.append(mail)

    def close(self) -> None:
        return None


@contextmanager
def scratch_shop(settings: Settings) -> Iterator[ScratchShop]:
    """Needs the stack's PostgreSQL."""
    name = f"rustok_bench_{secrets.token_hex(4)}"
    urls = {each: make_conninfo(getattr(settings, each), dbname=name) for each in ("postgres_url", "postgres_api_url")}
    own = settings.model_copy(update={**urls, "token_algorithm": ALGORITHM})
    try:
        with postgres.connect(settings.postgres_url, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        migrate(own.postgres_url, own.capture_publication)
        with postgres.connect(own.postgres_url) as connection:
            deployed_schemas.register_known(connection)
            seal = Seal(own.token_key.get_secret_value())
            ensure_signing_key(SigningKeyRows(connection), seal, datetime.now(UTC))
        store = Store(own.postgres_api_url, connections=4, clock=now)
        store.open()
        try:
            yield _opened(own, store, {**urls, "token_algorithm": ALGORITHM})
        finally:
            store.close()
    finally:
        with postgres.connect(settings.postgres_url, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _opened(settings: Settings, store: Store, different: Mapping[str, str]) -> ScratchShop:
    tokens = make_tokens(settings, store.signing_keys)
    mailbox = _Mailbox()
    client = _app(settings, store, tokens, mailbox, None).test_client()
    slug, email = f"bench-{secrets.token_hex(4)}", "boss@bench.example"
    platform = Actor(tenant_id=None, tenant_slug=None, actor_id="bench", role=Role.SUPER_ADMIN)
    as_platform = tokens.issue(platform, now=now(), valid=timedelta(minutes=10))
    tenant = _post(client, "/v1/tenants", {"slug": slug, "name": "Bench"}, as_platform)
    owner = Actor(tenant_id=UUID(tenant["id"]), tenant_slug=slug, actor_id="owner", role=Role.ADMIN)
    as_owner = tokens.issue(owner, now=now(), valid=timedelta(minutes=10))
    _post(client, "/v1/users", {"email": email, "name": "Boss", "role": "admin"}, as_owner)
    link = re.search(r"rtl_[\w=-]+", mailbox.mails[-1].text)
    _post(client, "/v1/auth/password", {"token": link[0] if link else "", "password": PASSWORD})
    signed_in = _post(client, "/v1/auth/login", {"email": email, "password": PASSWORD, "shop": slug})
    made = [_post(client, "/v1/products", _product(number), as_owner)["id"] for number in range(_PRODUCTS)]
    return ScratchShop(
        settings=settings,
        store=store,
        tokens=tokens,
        environment={f"{PREFIX}{name.upper()}": value for name, value in different.items()},
        tenant_id=UUID(tenant["id"]),
        slug=slug,
        email=email,
        token=signed_in["access_token"],
        product_ids=tuple(made),
    )


def _app(
    settings: Settings, store: Store, tokens: AccessTokens, mailbox: _Mailbox, counters: Counters | None
) -> APIFlask:
    search, sales = ProductSearch(settings.opensearch), SalesReader(settings.analytics_dir)
    desk = replace(desk_of(settings, store), mailer=mailbox)
    return create_app(connect_to(store, tokens, search, sales, desk=desk, counters=counters))


def _post(client: FlaskClient, path: str, body: Mapping[str, Any], token: str | None = None) -> dict[str, Any]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = client.post(path, json=body, headers=headers)
    if answer.status_code >= 400:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
    return dict(answer.get_json()) if answer.text else {}


def _product(number: int) -> dict[str, Any]:
    prices = [{"currency": "EUR", "amount_minor": 100 + number}]
    return {
        "translations": [
            {
                "locale": "en",
                "title": f"Cheese {number}",
                "handle": f"cheese-{number}",
                "description": "Blue, and good with bread.",
            }
        ],
        "variants": [{"sku": f"CHEESE-{number}-{size}", "prices": prices} for size in ("s", "m", "l")],
    }
