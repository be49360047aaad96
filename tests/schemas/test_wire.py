"""Any event of any version survives its way, and three Avro libraries write and read exactly the same bytes."""

import io
from typing import Any
from uuid import UUID

import avro.io
import avro.schema
import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient, record_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.avro_records import from_record, to_record
from schemas.avro_schema import every_version, text
from schemas.event_codec import Decoder
from schemas.evolving import golden_files
from tests.support.examples import SCHEMA_IDS, EverySchema
from tests.support.generated import events_of

CONTEXT = SerializationContext("rustok.any", MessageField.VALUE)
BY_RECORD = {"subject.name.strategy": record_subject_name_strategy}
#: Confluent's own stand-in for a registry; it lives in this process.
REGISTRY = SchemaRegistryClient.new_client({"url": "mock://wire"})

versions = pytest.mark.parametrize(
    ("history", "version"),
    every_version(),
    ids=[f"{history.event_type}@{version}" for history, version in every_version()],
)
few = settings(max_examples=8, derandomize=True)


@versions
@few
@given(data=st.data())
def test_any_event_of_any_version_is_read_as_what_it_was_and_lifted_to_the_newest(history, version, data):
    event = data.draw(events_of(history.versions[version - 1]))
    frame = b"\0" + SCHEMA_IDS[history.event_type, version].to_bytes(4, "big")

    read = Decoder(EverySchema()).decode(frame + golden_files.body(history, version, event))

    assert type(read) is history.newest
    assert read == history.upcast(event, version)


@versions
@few
@given(data=st.data())
def test_confluents_serializers_agree(history, version, data):
    cls = history.versions[version - 1]
    event = data.draw(events_of(cls))
    write = AvroSerializer(REGISTRY, text(history, version), lambda each, _: to_record(cls)(each), BY_RECORD)
    read = AvroDeserializer(REGISTRY, from_dict=lambda record, _: from_record(cls)(record), conf=BY_RECORD)

    framed = write(event, CONTEXT)

    assert framed[5:] == golden_files.body(history, version, event)
    assert read(framed, CONTEXT) == event


@versions
@few
@given(data=st.data())
def test_apaches_avro_agrees(history, version, data):
    cls = history.versions[version - 1]
    event = data.draw(events_of(cls))
    schema = avro.schema.parse(text(history, version))
    record = with_texts(to_record(cls)(event))
    out = io.BytesIO()

    avro.io.DatumWriter(schema).write(record, avro.io.BinaryEncoder(out))
    read = avro.io.DatumReader(schema).read(avro.io.BinaryDecoder(io.BytesIO(out.getvalue())))

    assert out.getvalue() == golden_files.body(history, version, event)
    assert with_texts(read) == record


def with_texts(value: Any) -> Any:
    """Apache's library takes a UUID as the text it is in Avro."""
    match value:
        case UUID():
            return str(value)
        case dict():
            return {name: with_texts(inner) for name, inner in value.items()}
        case list():
            return [with_texts(inner) for inner in value]
    return value
