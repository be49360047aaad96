"""The matrix knows how to call every route: what it lacks is named here, without any server."""

from typing import Any

import pytest

from api.app import create_app, list_routes
from api.wsgi import unconnected
from tests.integration.api.matrix.examples import BODIES, FILES, NAME_NEW, PLAIN, QUERIES, THINGS, Examples
from tests.integration.api.matrix.homes import Home

ROUTES = {one.name: one for one in list_routes(unconnected())}


@pytest.fixture(scope="module")
def examples() -> Examples:
    nobody: Any = None
    return Examples(nobody, create_app(unconnected()).spec)


def test_every_route_can_be_called(examples: Examples) -> None:
    nowhere: Any = None
    home = Home(nowhere, nowhere, nowhere, {}, {})
    for name, route in ROUTES.items():
        lacking = set(route.parameters) - THINGS.keys() - PLAIN.keys() if route.path not in FILES else set()
        assert lacking == set(), f"{name}: there is nothing for it in THINGS of examples.py"
        if name not in BODIES:
            examples.least_body(route, home)


def test_there_are_examples_only_of_what_there_is() -> None:
    parameters = {name for one in ROUTES.values() if one.path not in FILES for name in one.parameters}

    assert BODIES.keys() | QUERIES.keys() | NAME_NEW <= ROUTES.keys()
    assert FILES.keys() <= {one.path for one in ROUTES.values()}
    assert THINGS.keys() | PLAIN.keys() == parameters
