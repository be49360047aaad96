"""What is there for every test: the test stack, or only its servers, started once for the whole run."""

from collections.abc import Iterator

import pytest
from hypothesis import settings as hypothesis_settings

from tests.support.stack import Stack, running_servers

# How long an example takes says something about the machine, not about the code.
hypothesis_settings.register_profile("rustok", deadline=None)
hypothesis_settings.load_profile("rustok")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What fills the stack comes last: whatever reads all there is would only take longer after it."""
    items.sort(key=lambda item: item.get_closest_marker("fills") is not None)


@pytest.fixture(scope="session")
def servers() -> Iterator[Stack]:
    """PostgreSQL, Kafka and OpenSearch of the test stack; tables and topics are the test's own business."""
    with running_servers() as stack:
        yield stack


@pytest.fixture(scope="session")
def stack(servers: Stack) -> Stack:
    """The whole chain: servers, tables, topics, api, capture and feeds."""
    servers.rustok("up")
    return servers
