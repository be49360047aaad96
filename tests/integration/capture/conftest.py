"""A scratch world for each test, on the servers of the test stack."""

from collections.abc import Iterator

import pytest

from streams.bench.scratch_world import Scratch, scratch
from tests.support.stack import Stack


@pytest.fixture
def world(servers: Stack) -> Iterator[Scratch]:
    with scratch(servers.settings.postgres_url, servers.settings.kafka_bootstrap) as world:
        yield world
