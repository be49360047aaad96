"""Every privileged route leaves exactly one row of the audit trail, by whoever did it; a new one joins by itself."""

from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest

from api.app import list_routes
from api.domain.audit import is_in_a_shop, is_privileged
from api.http.route_table import Route
from api.wsgi import unconnected
from tests.integration.api.matrix.answers import Matrix
from tests.integration.api.matrix.callers import Caller

pytestmark = pytest.mark.servers

ROUTES = {one.name: one for one in list_routes(unconnected()) if one.permission is not None}
PRIVILEGED = [name for name, one in ROUTES.items() if is_privileged(str(one.permission))]
ORDINARY = [name for name in ROUTES if name not in PRIVILEGED]
#: Whoever of these may, does it.
DOERS = ("admin", "super_admin")


def doer(matrix: Matrix, route: Route) -> Caller:
    """The first of them who may, under a correlation id of this test's own."""
    able = [one for name in DOERS for one in matrix.callers if one.name == name and one.scope(route) is not None]
    return replace(able[0], headers={**able[0].headers, "X-Correlation-Id": uuid4().hex})


def rows(postgres: psycopg.Connection, caller: Caller) -> list[tuple[str, str, str, str]]:
    found = postgres.execute(
        "SELECT act, outcome, actor_id, detail->>'call' FROM audit WHERE correlation_id = %s",
        (caller.headers["X-Correlation-Id"],),
    )
    return [(act, outcome, actor, call) for act, outcome, actor, call in found]


@pytest.mark.parametrize("name", PRIVILEGED)
def test_a_privileged_call_leaves_one_row(
    matrix: Matrix, routes: dict[str, Route], postgres: psycopg.Connection, name: str
) -> None:
    route = routes[name]
    caller = doer(matrix, route)

    answer = matrix.ask(route, caller)

    assert answer.status_code < 300, answer.text
    assert caller.person is not None
    assert rows(postgres, caller) == [(route.permission, "done", caller.person.id, name)]


def test_an_ordinary_call_leaves_none(matrix: Matrix, routes: dict[str, Route], postgres: psycopg.Connection) -> None:
    for name in ORDINARY:
        caller = doer(matrix, routes[name])
        if caller.name == "super_admin" and is_in_a_shop(str(routes[name].permission)):
            continue
        matrix.ask(routes[name], caller)

        assert rows(postgres, caller) == [], name


def test_there_is_something_to_write_down() -> None:
    assert len(PRIVILEGED) > 20
    assert len(ORDINARY) > 40
