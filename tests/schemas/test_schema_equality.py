import json

import pytest

from schemas import avro_schema
from schemas.event_codec import Decoder
from schemas.events.order import OrderPaid
from schemas.schema_equality import spelled_out
from tests.support.examples import EverySchema, encoder, newest_id, order

INNER = {"type": "record", "name": "Line", "fields": [{"name": "sku", "type": "string"}]}
WHOLE = {"type": "record", "name": "paid", "namespace": "order", "fields": [{"name": "line", "type": INNER}]}


@pytest.mark.parametrize(
    "other",
    [
        {**INNER, "namespace": "order"},
        {**INNER, "name": "order.Line"},
        {**INNER, "doc": ""},
        {**INNER, "fields": [{"name": "sku", "type": {"type": "string"}}]},
    ],
)
def test_another_spelling_says_the_same(other):
    assert spelled_out({**WHOLE, "fields": [{"name": "line", "type": other}]}) == spelled_out(WHOLE)


@pytest.mark.parametrize(
    "other",
    [
        {**INNER, "namespace": "product"},
        {**INNER, "fields": [{"name": "sku", "type": ["null", "string"]}]},
        {**INNER, "fields": [{"name": "sku", "type": {"type": "string", "logicalType": "uuid"}}]},
        {**INNER, "fields": [{"name": "sku", "type": "string", "default": "x"}]},
        {**INNER, "doc": "something else"},
    ],
)
def test_another_meaning_does_not(other):
    assert spelled_out({**WHOLE, "fields": [{"name": "line", "type": other}]}) != spelled_out(WHOLE)


def test_no_two_versions_are_the_same():
    said = [json.dumps(spelled_out(avro_schema.schema(history, n))) for history, n in avro_schema.every_version()]

    assert len(set(said)) == len(said)


def test_an_event_is_read_however_the_registry_spells_its_schema():
    schemas = EverySchema()
    id_ = newest_id("order.paid")
    schemas.texts[id_] = json.dumps(spelled_out(json.loads(schemas.texts[id_])))
    event = OrderPaid(order=order())

    assert Decoder(schemas).decode(encoder().encode(event)) == event
