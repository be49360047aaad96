"""Node's two clients decode the records of our topics, and register, write and read schemas of their own."""

from collections.abc import Callable
from typing import Any

import pytest

from api.domain.permissions import Role
from tests.integration.registry_clients import nodes
from tests.integration.registry_clients.comparing import not_found
from tests.integration.registry_clients.conftest import Read
from tests.integration.registry_clients.serving import Registry
from tests.support.stack import Stack

pytestmark = pytest.mark.servers

Run = Callable[[str], Any]


@pytest.fixture
def run(servers: Stack, registry: Registry, records: list[Read], subject: str) -> Run:
    def call(script: str) -> Any:
        return nodes.run(
            script,
            servers.settings.folder.software,
            url=registry.url,
            user_info=registry.user_info(Role.SCHEMA),
            subject=subject,
            records=[one.value for one in records],
        )

    return call


def test_confluents_client_decodes_our_topics_and_has_schemas_of_its_own(run: Run, records: list[Read]) -> None:
    answer = run("confluentinc.mjs")

    assert not_found(answer["decoded"], records) == {}
    assert answer["framedId"] == answer["id"]
    assert answer["read"] == {"page": "/"}
    assert answer["compatible"] is False
    assert answer["refused"] == {"status": 409, "code": 409}
    assert answer["versions"] == [1]


def test_kafkajs_client_decodes_our_topics_and_has_schemas_of_its_own(run: Run, records: list[Read]) -> None:
    answer = run("kafkajs.mjs")

    assert not_found(answer["decoded"], records) == {}
    assert answer["framedId"] == answer["id"] == answer["latest"]
    assert answer["read"] == {"page": "/"}
    assert answer["refused"]["status"] == 409
