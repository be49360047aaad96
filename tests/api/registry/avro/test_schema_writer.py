"""One canonical text for what was said, one normal text for what was meant."""

import json

import pytest
from hypothesis import given, settings

from api.registry.avro.schema_text import InvalidSchema, Parsed, parse
from schemas import avro_schema
from tests.api.registry.avro.pairs import Json, schemas

#: As `Schema.toString()` of Java writes these.
CANONICAL = [
    ('{"type": "string"}', '"string"'),
    ('{"type": "string", "doc": "dropped"}', '"string"'),
    ('{"logicalType": "uuid", "type": "string"}', '{"type":"string","logicalType":"uuid"}'),
    (
        '{"fields": [], "aliases": ["a.Old", "m.Older"], "owner": "us", "doc": "d", "name": "a.R", "type": "record"}',
        '{"type":"record","name":"R","namespace":"a","doc":"d","fields":[],"owner":"us","aliases":["Old","m.Older"]}',
    ),
    (
        '{"type": "enum", "default": "A", "symbols": ["A"], "name": "E", "namespace": "a"}',
        '{"type":"enum","name":"E","namespace":"a","symbols":["A"],"default":"A"}',
    ),
    (
        '{"type": "record", "name": "R", "fields": [{"x": 1, "aliases": ["b"], "order": "ignore", "default": null,'
        ' "doc": "é", "type": ["null", "R"], "name": "a"}]}',
        '{"type":"record","name":"R","fields":[{"name":"a","type":["null","R"],"doc":"é","default":null,'
        '"order":"ignore","aliases":["b"],"x":1}]}',
    ),
    (
        '{"type": "record", "name": "a.R", "fields": [{"name": "x", "order": "ascending", "type":'
        ' {"type": "fixed", "name": "F", "namespace": "", "size": 2}},'
        ' {"name": "y", "type": {"type": "map", "values": "F"}}]}',
        '{"type":"record","name":"R","namespace":"a","fields":[{"name":"x","type":'
        '{"type":"fixed","name":"F","namespace":"","size":2}},{"name":"y","type":{"type":"map","values":"F"}}]}',
    ),
]


@pytest.mark.parametrize(("given_text", "canonical"), CANONICAL)
def test_the_canonical_text_is_that_of_java(given_text: str, canonical: str) -> None:
    assert parse(given_text, {}).canonical == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            '{"type": "record", "name": "a.R", "fields": []}',
            '{"name": "R", "fields": [], "namespace": "a", "type": "record"}',
        ),
        (
            '{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}',
            '{"scale": 2, "precision": 4, "logicalType": "decimal", "type": "bytes"}',
        ),
        (
            '{"type": "enum", "name": "a.E", "symbols": ["A"], "aliases": ["a.C", "B"]}',
            '{"type": "enum", "name": "a.E", "symbols": ["A"], "aliases": ["B", "C"]}',
        ),
        (
            '{"type": "record", "name": "a.R", "fields": [{"name": "x", "type": ["null", "R"], "order": "ascending"}]}',
            '{"type": "record", "name": "a.R", "fields": [{"name": "x", "type": ["null", "a.R"]}]}',
        ),
    ],
)
def test_what_is_meant_alike_is_normalised_alike(one: str, other: str) -> None:
    assert parse(one, {}).normalized == parse(other, {}).normalized


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('["null", "int"]', '["int", "null"]'),
        (
            '{"type": "enum", "name": "E", "symbols": ["A", "B"]}',
            '{"type": "enum", "name": "E", "symbols": ["B", "A"]}',
        ),
        ('{"type": "record", "name": "R", "doc": "a", "fields": []}', '{"type": "record", "name": "R", "fields": []}'),
    ],
)
def test_what_is_meant_differently_stays_different(one: str, other: str) -> None:
    assert parse(one, {}).normalized != parse(other, {}).normalized


@settings(derandomize=True, max_examples=200)
@given(schemas())
def test_both_texts_say_the_same_as_the_schema(schema: Json) -> None:
    parsed = _parsed(schema)

    if parsed is not None:
        assert parse(parsed.canonical, {}) == parsed
        assert parse(parsed.normalized, {}).normalized == parsed.normalized


def test_what_is_canonical_is_often_normal() -> None:
    """Whoever normalises finds what others registered without doing so."""
    said = parse('{"name": "n.R", "fields": [], "doc": "", "aliases": [], "type": "record"}', {})
    plain = parse('{"type": "record", "name": "R", "namespace": "n", "fields": []}', {})

    assert said.canonical != plain.canonical
    assert said.normalized == plain.normalized == plain.canonical


def test_our_events_are_committed_almost_canonically() -> None:
    """What Java leaves out is a namespace that is said again inside itself."""
    for history, version in avro_schema.every_version():
        text = avro_schema.text(history, version)

        assert parse(parse(text, {}).canonical, {}).normalized == parse(text, {}).normalized
        assert json.loads(parse(text, {}).canonical)["name"] == history.event_type.partition(".")[2]


def _parsed(schema: Json) -> Parsed | None:
    try:
        return parse(json.dumps(schema), {})
    except InvalidSchema:
        return None
