"""Our registry as its clients meet it: on a port, with a database of its own, and a token for each role."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from typing import LiteralString
from urllib.parse import urlsplit

import httpx
import psycopg
from psycopg import sql
from werkzeug.serving import WSGIRequestHandler, make_server

from api.app import create_registry_alone
from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to, now
from ops.settings import PREFIX
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch
from tests.support.stack import Stack


@dataclass(frozen=True, slots=True)
class Registry:
    url: str
    tokens: AccessTokens

    def token(self, role: Role) -> str:
        actor = Actor(tenant_id=None, tenant_slug=None, actor_id=f"a {role.value}", role=role)
        return self.tokens.issue(actor, now=now(), valid=timedelta(hours=1))

    def user_info(self, role: Role) -> str:
        """As clients want it that know a user and a password."""
        return f"token:{self.token(role)}"

    def client(self, role: Role) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.token(role)}"}, timeout=30)


@contextmanager
def serving(servers: Stack) -> Iterator[Registry]:
    """With our events in it, as every deploy leaves them."""
    settings = servers.settings
    tokens = AccessTokens(settings.token_key.get_secret_value(), settings.service_key.get_secret_value())
    with _database(settings.postgres_url) as url:
        Stack(settings, {f"{PREFIX}POSTGRES_URL": url}).rustok("api", "migrate")
        store = Store(url, connections=4, clock=now)
        store.open()
        unused = ProductSearch(settings.opensearch_url), SalesReader(settings.analytics_dir)
        app = create_registry_alone(connect_to(store, tokens, *unused))
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Registry(f"http://127.0.0.1:{server.server_port}", tokens)
        finally:
            server.shutdown()
            server.server_close()
            store.close()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...


@contextmanager
def _database(postgres_url: str) -> Iterator[str]:
    name = f"registry_{token_hex(4)}"
    _run(postgres_url, "CREATE DATABASE {}", name)
    try:
        yield urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
    finally:
        _run(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)


def _run(postgres_url: str, statement: LiteralString, name: str) -> None:
    """On a connection of its own: other tests restart PostgreSQL meanwhile."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
