"""A dead letter of a record that is too new says which event and which versions are known, not a number of a schema."""

import json

import pytest

from schemas import avro_schema
from schemas.event_catalogue import BY_TYPE
from schemas.event_codec import Decoder, NewerThanKnown

NEWEST = BY_TYPE["order.paid"]


def said_of(schema: dict[str, object]) -> str:
    class Texts:
        def text_of(self, schema_id: int) -> str:
            return json.dumps(schema)

    with pytest.raises(NewerThanKnown) as unknown:
        Decoder(Texts()).decode(b"\x00" + (29).to_bytes(4, "big") + b"anything")
    return str(unknown.value)


def test_another_version_is_named_by_its_event_beside_the_versions_known() -> None:
    schema = json.loads(avro_schema.text(NEWEST, NEWEST.newest_version))
    schema["fields"].append({"name": "channel", "type": "string"})

    said = said_of(schema)

    assert said.startswith("order.paid with another schema than those known here: v1")
    assert said.endswith(f"v{NEWEST.newest_version}")


def test_another_event_is_named() -> None:
    schema = {"type": "record", "namespace": "order", "name": "teleported", "fields": []}

    assert said_of(schema) == "order.teleported is no event known here"


def test_a_schema_without_a_name_is_said_to_be_none_of_an_event() -> None:
    assert said_of({"type": "array", "items": "string"}) == "the schema is not that of an event"
