"""Apicurio's registry, started once for all that compare ours with it."""

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.apicurio.server import running
from tests.support.stack import Stack


@pytest.fixture(scope="session")
def apicurio(servers: Stack) -> Iterator[httpx.Client]:
    with running(servers.settings) as url, httpx.Client(base_url=url, timeout=5) as client:
        yield client
