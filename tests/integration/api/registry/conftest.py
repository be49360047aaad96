"""The people of the platform who call the registry."""

from collections.abc import Callable

import pytest
from apiflask import APIFlask

from api.domain.permissions import Role
from api.http.tokens import AccessTokens
from tests.integration.api.registry.calling import Caller
from tests.integration.api.shops import Shop


@pytest.fixture
def as_role(app: APIFlask, tokens: AccessTokens) -> Callable[..., Caller]:
    def make(role: Role, shop: Shop | None = None) -> Caller:
        return Caller(app.test_client(), tokens, role, shop)

    return make


@pytest.fixture
def maintainer(as_role: Callable[..., Caller]) -> Caller:
    """Reads and writes."""
    return as_role(Role.SCHEMA)


@pytest.fixture
def service(as_role: Callable[..., Caller]) -> Caller:
    """Reads only."""
    return as_role(Role.SERVICE)
