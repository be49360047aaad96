"""Every question that the API asks the database shows nothing when nobody said for whom it is asked.

The questions are those of all routes, as they are answered; then each is asked again with its values, for nobody and
for another tenant. What still shows something is here by what it asks for, with the reason.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import pytest
from apiflask import APIFlask

from api.app import create_app
from api.http.dependencies import EXTENSION, Dependencies
from api.http.route_table import Route
from api.http.service_token_cache import StoredServiceTokens
from api.http.tenant_cache import StoredTenants
from api.http.user_standings import StoredStandings
from api.store.store import NO_TENANT, Store
from api.wsgi import now
from ops.settings import Settings
from tests.integration.api.matrix.answers import Matrix
from tests.integration.api.matrix.callers import Caller
from tests.integration.api.matrix.expectations import Outcome, Whose, expected

pytestmark = pytest.mark.servers

#: What is nobody's, so that everybody may see it.
EVERYBODYS: Final = {
    "FROM log_epoch": "how often the log was begun anew",
    "FROM log_gaps": "what the log may lack",
    "current_epoch()": "how often the log was begun anew",
    "SELECT now()": "what the clock says",
    "pg_advisory": "whose turn it is",
    "FROM pg_class": "the names of tables",
    "FROM schemas": "a content has one id for all",
    "FROM schema_references": "of a content",
    "FROM schema_versions": "also of the default context, which is for everybody",
    "FROM registry_subjects": "also of the default context",
    "FROM registry_settings": "also of the default context",
    "set_config": "says for whom",
    "nextval": "a number that was not given yet",
}


@dataclass
class Recorder:
    """As the connection it stands for; remembers what it was asked."""

    connection: psycopg.Connection[Any]
    asked: list[tuple[str, Any]]

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        self.asked.append((query, params))
        return self.connection.execute(query, params, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


class RecordingStore(Store):
    def __init__(self, url: str) -> None:
        super().__init__(url, connections=2, clock=now)
        self.asked: list[tuple[str, Any]] = []

    @contextmanager
    def _transaction(
        self, tenant_id: UUID, *, platform: bool, snapshot: bool = False, epoch: bool = False
    ) -> Iterator[Any]:
        with super()._transaction(tenant_id, platform=platform, snapshot=snapshot, epoch=epoch) as connection:
            yield Recorder(connection, self.asked)


@pytest.fixture(scope="module")
def recorded(
    settings: Settings, served: APIFlask, matrix: Matrix, routes: dict[str, Route]
) -> Iterator[dict[str, Any]]:
    """Every SELECT that answers some route to who may ask it, by its text."""
    store = RecordingStore(settings.postgres_url)
    store.open()
    own: Dependencies = served.extensions[EXTENSION]
    recording = replace(
        own,
        store=store,
        desk=replace(own.desk, store=store),
        tenants=StoredTenants(store, own.now_s),
        standings=StoredStandings(store, own.now_s),
        service_tokens=StoredServiceTokens(store, now, own.now_s),
    )
    asking = replace(matrix, client=create_app(recording).test_client())
    for name in ("admin", "customer", "a program", "super_admin"):
        (caller,) = (one for one in matrix.callers if one.name == name)
        ask_everything(asking, caller, routes)
    yield {query: values for query, values in store.asked if isinstance(query, str) and is_question(query)}
    store.close()


def ask_everything(matrix: Matrix, caller: Caller, routes: dict[str, Route]) -> None:
    for route in routes.values():
        if route.permission is None or expected(route, caller, Whose.OWN) is Outcome.LET_IN:
            matrix.ask(route, caller)


def is_question(query: str) -> bool:
    """What writes is none, also when it begins as one."""
    text = query.lstrip().upper()
    asks = text.startswith("SELECT") or (text.startswith("WITH") and "INSERT INTO" not in text)
    return asks and not any(one in query for one in EVERYBODYS)


def shown(connection: psycopg.Connection[Any], query: str, values: Any) -> list[Any]:
    """Rows in which there is something; a count of nothing is none."""
    rows = connection.execute(query, values).fetchall()  # type: ignore[call-overload]
    return [row for row in rows if any(value not in (None, 0, False, [], "") for value in row)]


def test_without_a_tenant_nothing_is_shown(recorded: dict[str, Any], settings: Settings) -> None:
    seen = asked_again(recorded, settings, NO_TENANT)

    assert len(recorded) > 30
    assert seen == []


def test_for_another_tenant_nothing_is_shown(recorded: dict[str, Any], settings: Settings) -> None:
    assert asked_again(recorded, settings, uuid4()) == []


def test_for_its_own_tenant_much_is_shown(recorded: dict[str, Any], settings: Settings, matrix: Matrix) -> None:
    """Else the two above would say nothing."""
    own = matrix.homes.own.shop
    assert own is not None

    assert len(asked_again(recorded, settings, own.id)) > 15


def asked_again(recorded: dict[str, Any], settings: Settings, tenant_id: UUID) -> list[str]:
    store = Store(settings.postgres_url, connections=1, clock=now)
    store.open()
    try:
        seen = []
        for query, values in recorded.items():
            with store.reading(tenant_id) as connection:
                if shown(connection, query, values):
                    seen.append(query)
        return seen
    finally:
        store.close()
