"""python-schema-registry-client, which Faust's users have: its client and its serializer."""

from collections.abc import Iterator

import httpx
import pytest
from schema_registry.client import SchemaRegistryClient
from schema_registry.client.errors import ClientError
from schema_registry.client.schema import AvroSchema
from schema_registry.serializers import AvroMessageSerializer

from api.domain.permissions import Role
from tests.integration.registry_clients.comparing import not_found
from tests.integration.registry_clients.conftest import Read
from tests.integration.registry_clients.serving import Registry

pytestmark = pytest.mark.servers

FIELD = {"name": "page", "type": "string"}
V1 = AvroSchema({"type": "record", "name": "shop.Click", "fields": [FIELD]})
V2 = AvroSchema({"type": "record", "name": "shop.Click", "fields": [FIELD, {"name": "x", "type": "int", "default": 0}]})
NOT_BACKWARD = AvroSchema({"type": "record", "name": "shop.Click", "fields": [FIELD, {"name": "y", "type": "int"}]})


@pytest.fixture
def client(registry: Registry) -> Iterator[SchemaRegistryClient]:
    return SchemaRegistryClient(registry.url, auth=httpx.BasicAuth("token", registry.token(Role.SCHEMA)))


def test_our_events_are_decoded(registry: Registry, records: list[Read]) -> None:
    client = SchemaRegistryClient(registry.url, auth=httpx.BasicAuth("token", registry.token(Role.SERVICE)))
    serializer = AvroMessageSerializer(client)

    decoded = [serializer.decode_message(one.value) for one in records]

    assert not_found(decoded, records) == {}


def test_it_registers_writes_and_reads(client: SchemaRegistryClient, subject: str) -> None:
    serializer = AvroMessageSerializer(client)

    framed = serializer.encode_record_with_schema(subject, V1, {"page": "/"})

    assert serializer.decode_message(framed) == {"page": "/"}
    assert client.get_versions(subject) == [1]


def test_versions_are_compared_found_and_deleted(client: SchemaRegistryClient, subject: str) -> None:
    first, second = client.register(subject, V1), client.register(subject, V2)

    assert first != second
    assert client.check_version(subject, V2).version == 2
    assert client.get_schema(subject, 1).schema_id == first
    assert not client.test_compatibility(subject, NOT_BACKWARD)
    with pytest.raises(ClientError):
        client.register(subject, NOT_BACKWARD)
    assert client.update_compatibility("NONE", subject)
    assert client.get_compatibility(subject) == "NONE"
    assert client.register(subject, NOT_BACKWARD) > second
    assert client.delete_version(subject, 1) == 1
    assert client.delete_subject(subject) == [2, 3]
    assert client.get_versions(subject) == []
