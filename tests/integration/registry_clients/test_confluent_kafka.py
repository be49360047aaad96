"""Confluent's own Python client: its registry client, serializer and deserializer, as people configure them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    SchemaRegistryError,
    ServerConfig,
    record_subject_name_strategy,
    topic_record_subject_name_strategy,
    topic_subject_name_strategy,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from api.domain.permissions import Role
from tests.integration.registry_clients.comparing import not_found
from tests.integration.registry_clients.conftest import Read
from tests.integration.registry_clients.serving import Registry

pytestmark = pytest.mark.servers

V1 = {"type": "record", "name": "Visit", "namespace": "shop", "fields": [{"name": "page", "type": "string"}]}
V2 = V1 | {"fields": [*V1["fields"], {"name": "seconds", "type": "int", "default": 0}]}
NOT_BACKWARD = V1 | {"fields": [*V1["fields"], {"name": "seconds", "type": "int"}]}


@pytest.fixture
def client(registry: Registry) -> SchemaRegistryClient:
    return _client(registry, Role.SCHEMA)


def _client(registry: Registry, role: Role) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": registry.url, "basic.auth.user.info": registry.user_info(role)})


def avro(schema: Any, references: list[SchemaReference] | None = None) -> Schema:
    return Schema(json.dumps(schema), "AVRO", references or [])


def value_of(topic: str) -> SerializationContext:
    return SerializationContext(topic, MessageField.VALUE)


def refused(call: Callable[[], object]) -> tuple[int, int]:
    with pytest.raises(SchemaRegistryError) as error:
        call()
    return error.value.http_status_code, error.value.error_code


def test_our_events_are_decoded(registry: Registry, records: list[Read]) -> None:
    decode = AvroDeserializer(_client(registry, Role.SERVICE))

    decoded = [decode(one.value, value_of("rustok.any")) for one in records]

    assert not_found(decoded, records) == {}


def test_a_serializer_registers_by_itself_and_a_deserializer_reads(client: SchemaRegistryClient, subject: str) -> None:
    write = AvroSerializer(client, json.dumps(V1))

    framed = write({"page": "/"}, value_of(subject))

    assert AvroDeserializer(client)(framed, value_of(subject)) == {"page": "/"}
    assert client.get_versions(f"{subject}-value") == [1]


def test_a_serializer_without_permission_to_register_uses_the_latest(
    registry: Registry, client: SchemaRegistryClient, subject: str
) -> None:
    client.register_schema(f"{subject}-value", avro(V2))
    service = _client(registry, Role.SERVICE)
    write = AvroSerializer(service, None, conf={"auto.register.schemas": False, "use.latest.version": True})

    framed = write({"page": "/", "seconds": 3}, value_of(subject))

    assert AvroDeserializer(service, json.dumps(V1))(framed, value_of(subject)) == {"page": "/"}
    assert refused(lambda: service.register_schema(f"{subject}-value", avro(V1))) == (403, 40301)


@pytest.mark.parametrize(
    ("strategy", "suffix"),
    [
        (topic_subject_name_strategy, "{}-value"),
        (topic_record_subject_name_strategy, "{}-shop.Visit"),
        (record_subject_name_strategy, "shop.Visit"),
    ],
)
def test_subjects_are_named_by_any_strategy(
    client: SchemaRegistryClient, subject: str, strategy: Any, suffix: str
) -> None:
    write = AvroSerializer(client, json.dumps(V1), conf={"subject.name.strategy": strategy})

    framed = write({"page": "/"}, value_of(subject))

    assert client.get_latest_version(suffix.format(subject)).schema_id == int.from_bytes(framed[1:5], "big")


def test_what_differs_only_in_how_it_is_written_is_one_when_normalised(
    client: SchemaRegistryClient, subject: str
) -> None:
    other_way = {"fields": V1["fields"], "name": "shop.Visit", "doc": "", "type": "record"}
    first = client.register_schema(subject, avro(V1))

    again = client.register_schema(subject, avro(other_way), normalize_schemas=True)

    assert again == first
    assert client.get_versions(subject) == [1]


def test_a_schema_that_refers_to_another_writes_and_reads(client: SchemaRegistryClient, subject: str) -> None:
    money = {"type": "record", "name": "Money", "namespace": "shop", "fields": [{"name": "minor", "type": "long"}]}
    sale = {"type": "record", "name": "Sale", "namespace": "shop", "fields": [{"name": "paid", "type": "shop.Money"}]}
    client.register_schema(f"{subject}-money", avro(money))
    reference = SchemaReference("shop.Money", f"{subject}-money", 1)

    framed = AvroSerializer(client, avro(sale, [reference]))({"paid": {"minor": 5}}, value_of(subject))

    used = client.get_latest_version(f"{subject}-value")
    assert AvroDeserializer(client)(framed, value_of(subject)) == {"paid": {"minor": 5}}
    assert client.get_referenced_by(f"{subject}-money", 1) == [used.schema_id]
    assert refused(lambda: client.delete_version(f"{subject}-money", 1)) == (422, 42206)


def test_what_is_incompatible_is_refused_with_the_reason(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(subject, avro(V1))

    with pytest.raises(SchemaRegistryError) as error:
        client.register_schema(subject, avro(NOT_BACKWARD))

    assert (error.value.http_status_code, error.value.error_code) == (409, 409)
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in error.value.error_message
    assert not client.test_compatibility(subject, avro(NOT_BACKWARD))
    assert client.test_compatibility(subject, avro(V2))
    assert client.test_compatibility_all_versions(subject, avro(V2))


def test_levels_and_modes_are_set_read_and_taken_away(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(subject, avro(V1))

    client.set_compatibility(subject, "FORWARD")
    assert client.get_compatibility(subject) == "FORWARD"
    assert client.test_compatibility(subject, avro(NOT_BACKWARD))
    client.set_config(subject, ServerConfig(compatibility=ConfigCompatibilityLevel.FULL))
    assert client.get_config(subject).compatibility_level is ConfigCompatibilityLevel.FULL
    client.delete_config(subject)
    assert refused(lambda: client.get_config(subject)) == (404, 40408)
    client.update_mode(subject, "READONLY")
    assert client.get_mode(subject) == "READONLY"
    assert refused(lambda: client.register_schema(subject, avro(V2))) == (422, 42205)
    client.delete_mode(subject)
    assert client.get_global_mode() == "READWRITE"


def test_deleting_is_soft_first_and_for_good_later(client: SchemaRegistryClient, subject: str) -> None:
    schema_id = client.register_schema(subject, avro(V1))
    client.register_schema(subject, avro(V2))

    assert refused(lambda: client.delete_subject(subject, permanent=True)) == (404, 40405)
    assert client.delete_version(subject, 1) == 1
    assert client.get_versions(subject) == [2]
    assert client.delete_subject(subject) == [2]
    assert subject not in client.get_subjects()
    assert subject in client.get_subjects(deleted=True)
    assert _same_id(client, schema_id)
    assert client.delete_subject(subject, permanent=True) == [1, 2]
    assert refused(lambda: client.get_versions(subject)) == (404, 40401)


def test_it_is_found_by_everything_clients_look_for(client: SchemaRegistryClient, subject: str) -> None:
    schema_id = client.register_schema(subject, avro(V1))
    registered = client.lookup_schema(subject, avro(V1))

    assert (registered.schema_id, registered.version) == (schema_id, 1)
    assert client.get_version(subject, 1).schema_id == schema_id
    assert subject in client.get_subjects_by_schema_id(schema_id)
    assert (subject, 1) in [(one.subject, one.version) for one in client.get_schema_versions(schema_id)]
    assert json.loads(client.get_schema_by_guid(registered.guid).schema_str) == V1
    assert "AVRO" in client.get_schema_types()
    assert "." in client.get_contexts()
    assert refused(lambda: client.lookup_schema(subject, avro(V2))) == (404, 40403)
    assert refused(lambda: client.get_schema(999_999_999)) == (404, 40403)


def test_a_context_is_a_registry_of_its_own(client: SchemaRegistryClient, subject: str) -> None:
    client.register_schema(f":.{subject}:visits", avro(V1))

    assert client.get_latest_version(f":.{subject}:visits").version == 1
    assert refused(lambda: client.get_latest_version(subject)) == (404, 40401)
    assert f".{subject}" in client.get_contexts()


def test_nobody_reads_without_a_token(registry: Registry) -> None:
    assert refused(SchemaRegistryClient({"url": registry.url}).get_subjects) == (401, 40101)


def test_a_token_is_taken_as_a_bearer_as_well(registry: Registry) -> None:
    bearer = {
        "bearer.auth.credentials.source": "STATIC_TOKEN",
        "bearer.auth.token": registry.token(Role.SERVICE),
        "bearer.auth.logical.cluster": "-",
        "bearer.auth.identity.pool.id": "-",
    }

    assert "order.placed" in SchemaRegistryClient({"url": registry.url, **bearer}).get_subjects()


def _same_id(client: SchemaRegistryClient, schema_id: int) -> bool:
    """Readers have it whatever was deleted."""
    client.clear_caches()
    return bool(json.loads(client.get_schema(schema_id).schema_str) == V1)
