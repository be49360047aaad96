"""Readiness on a real database: from an empty one to a deployment that is finished, under a running API."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import sql
from werkzeug.test import TestResponse

from api.app import create_app
from api.http.tokens import AccessTokens
from api.migrations.migrate import migrate
from api.registry.deployed_schemas import register_known
from api.store.store import Store
from api.wsgi import connect_to, now
from ops.settings import Settings
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


@pytest.fixture
def empty(settings: Settings, postgres: psycopg.Connection) -> Iterator[str]:
    """A database's URL."""
    name = f"readiness_{uuid4().hex[:8]}"
    postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield urlsplit(settings.postgres_url)._replace(path=f"/{name}").geturl()
    postgres.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_an_api_becomes_ready_when_its_events_are_pinned_and_not_before(
    settings: Settings, tokens: AccessTokens, empty: str, tmp_path: Path
) -> None:
    store = Store(empty, connections=1, clock=now)
    store.open()
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(tmp_path)
    client = create_app(connect_to(store, tokens, search, sales)).test_client()

    before_tables = client.get("/health/ready")
    migrate(empty, "readiness")
    before_schemas = client.get("/health/ready")
    with psycopg.connect(empty) as connection:
        register_known(connection)
    afterwards = wait_until(lambda: ready(client), 5, "it is ready")
    store.close()

    for early in (before_tables, before_schemas):
        checks = early.get_json()["checks"]
        assert (early.status_code, checks["postgres"]["ok"], checks["schemas"]["ok"]) == (503, True, False)
        assert "run `rustok api migrate`" in checks["schemas"]["detail"]
    assert (afterwards.status_code, afterwards.get_json()["checks"]["schemas"]["ok"]) == (200, True)


def ready(client: FlaskClient) -> TestResponse | None:
    """What was found is good for a second."""
    answer = client.get("/health/ready")
    return answer if answer.status_code == 200 else None
