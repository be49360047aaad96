"""What a difference breaks is judged as Avro's own checker does, and as readers really behave."""

import io
import json
from typing import Any

import avro.schema
import fastavro
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from hypothesis import given, settings
from hypothesis import strategies as st

from api.registry.avro.compatibility import Level, check
from api.registry.avro.schema_text import parse
from schemas.avro_schema import every_version, schema
from schemas.evolving.schema_comparison import changes, described

UUID = {"type": "string", "logicalType": "uuid"}
TIME = {"type": "long", "logicalType": "timestamp-micros"}
LINE = {"type": "record", "name": "Line", "fields": [{"name": "sku", "type": "string"}]}
WIDER = {"type": "record", "name": "Line", "fields": [*LINE["fields"], {"name": "colour", "type": "string"}]}
OTHER = {**LINE, "name": "Item"}


def event(**types: Any) -> dict[str, Any]:
    """A field is called by its name and has this type; an optional one defaults to null."""
    fields = [
        {"name": name, "type": type_, **({"default": None} if isinstance(type_, list) else {})}
        for name, type_ in types.items()
    ]
    return {"type": "record", "name": "sent", "namespace": "parcel", "fields": fields}


# old, new, path, what, breaks old readers, breaks new readers
CASES = [
    ({"a": "long"}, {"a": "long", "b": "string"}, "b", "added, string", False, True),
    ({"a": "long"}, {"a": "long", "b": ["null", UUID]}, "b", "added, string (uuid) or null", False, False),
    ({"a": "long", "b": "string"}, {"a": "long"}, "b", "removed", True, False),
    ({"a": "long", "b": ["null", "string"]}, {"a": "long"}, "b", "removed", False, False),
    ({"a": "long"}, {"a": "string"}, "a", "long became string", True, True),
    ({"a": "long"}, {"a": ["null", "long"]}, "a", "can be null now", True, False),
    ({"a": ["null", "long"]}, {"a": "long"}, "a", "can no longer be null", False, True),
    ({"a": ["null", "long"]}, {"a": ["null", "string"]}, "a", "long became string", True, True),
    ({"a": "long", "b": "long"}, {"b": "long", "a": "long"}, "", "its fields are in another order", False, False),
    (
        {"a": {"type": "array", "items": LINE}},
        {"a": {"type": "array", "items": WIDER}},
        "a[].colour",
        "added, string",
        False,
        True,
    ),
    (
        {"a": {"type": "map", "values": "long"}},
        {"a": {"type": "map", "values": "string"}},
        "a{}",
        "long became string",
        True,
        True,
    ),
    ({"a": {"type": "array", "items": "long"}}, {"a": "long"}, "a", "array of long became long", True, True),
    ({"a": LINE}, {"a": OTHER}, "a", "record Line is called Item now", True, True),
]
STRICTER = [
    ({"a": "string"}, {"a": UUID}, "a", "string became string (uuid)", False, True),
    ({"a": UUID}, {"a": "string"}, "a", "string (uuid) became string", True, False),
    ({"a": "long"}, {"a": TIME}, "a", "long became long (timestamp-micros)", False, True),
]


@pytest.mark.parametrize(("old", "new", "path", "what", "breaks_old", "breaks_new"), CASES + STRICTER)
def test_a_difference_has_its_path_its_words_and_its_victims(old, new, path, what, breaks_old, breaks_new):
    (change,) = changes(event(**old), event(**new))

    assert (change.path, change.what) == (path, what)
    assert (change.breaks_old_readers, change.breaks_new_readers) == (breaks_old, breaks_new)


@pytest.mark.parametrize(("old", "new", "path", "what", "breaks_old", "breaks_new"), CASES)
def test_avros_own_checker_says_the_same(old, new, path, what, breaks_old, breaks_new):
    assert can_read(reader=event(**old), writer=event(**new)) is not breaks_old
    assert can_read(reader=event(**new), writer=event(**old)) is not breaks_new


@pytest.mark.parametrize(("old", "new", "path", "what", "breaks_old", "breaks_new"), STRICTER)
def test_a_plain_value_that_becomes_more_than_that_is_judged_more_strictly_than_by_avro(
    old, new, path, what, breaks_old, breaks_new
):
    assert breaks_old or breaks_new
    assert can_read(reader=event(**old), writer=event(**new))
    assert can_read(reader=event(**new), writer=event(**old))


PLAIN = st.sampled_from(["long", "string", "boolean", LINE, WIDER])
TYPES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        inner.map(lambda items: {"type": "array", "items": items}),
        inner.map(lambda values: {"type": "map", "values": values}),
        PLAIN.map(lambda type_: ["null", type_]),
    ),
    max_leaves=3,
)
EVENTS = st.dictionaries(st.sampled_from("abc"), TYPES, min_size=1).filter(
    lambda types: str(types).count("'Line'") < 2  # a record is written out once
)


@settings(max_examples=300, derandomize=True)
@given(old=EVENTS, new=EVENTS)
def test_avros_own_checker_says_the_same_of_whatever_may_happen(old, new):
    found = changes(event(**old), event(**new))

    assert can_read(reader=event(**old), writer=event(**new)) is not any(each.breaks_old_readers for each in found)
    assert can_read(reader=event(**new), writer=event(**old)) is not any(each.breaks_new_readers for each in found)


@settings(max_examples=100, derandomize=True)
@given(old=EVENTS, new=EVENTS)
def test_our_own_registry_says_the_same(old, new):
    found = changes(event(**old), event(**new))
    before, after = parse(json.dumps(event(**old)), {}), parse(json.dumps(event(**new)), {})

    assert bool(check(Level.FORWARD, after, [before])) is any(each.breaks_old_readers for each in found)
    assert bool(check(Level.BACKWARD, after, [before])) is any(each.breaks_new_readers for each in found)


#: Of what is not listed there is none: null.
VALUES: dict[str, Any] = {"long": 7, "string": "seven"}


@pytest.mark.parametrize(("old", "new", "path", "what", "breaks_old", "breaks_new"), CASES[:4])
def test_a_real_reader_fails_where_it_is_said_to_fail(old, new, path, what, breaks_old, breaks_new):
    assert reads(writer=event(**new), reader=event(**old)) is not breaks_old
    assert reads(writer=event(**old), reader=event(**new)) is not breaks_new


def test_a_schema_differs_from_itself_in_nothing():
    found = [changes(schema(history, version), schema(history, version)) for history, version in every_version()]

    assert set(found) == {()}


def test_a_record_that_is_named_again_is_looked_up():
    old = event(a=LINE, b={"type": "array", "items": "parcel.Line"})
    new = event(a=LINE, b={"type": "array", "items": "string"})

    (change,) = changes(old, new)

    assert (change.path, change.record) == ("b[]", "sent")


def test_a_record_inside_is_the_place_of_its_change():
    (change,) = changes(event(a=LINE), event(a=WIDER))

    assert (change.path, change.record) == ("a.colour", "Line")


def test_types_are_told_in_few_words():
    assert described({"type": "map", "values": ["null", LINE]}) == "map of Line or null"


def can_read(reader: Any, writer: Any) -> bool:
    checker = ReaderWriterCompatibilityChecker()
    found = checker.get_compatibility(avro.schema.parse(json.dumps(reader)), avro.schema.parse(json.dumps(writer)))
    return found.compatibility is SchemaCompatibilityType.compatible


def reads(writer: Any, reader: Any) -> bool:
    out = io.BytesIO()
    record = {each["name"]: VALUES.get(str(each["type"])) for each in writer["fields"]}
    fastavro.schemaless_writer(out, writer, record)
    out.seek(0)
    try:
        fastavro.schemaless_reader(out, writer, reader)
    except fastavro.read.SchemaResolutionError:
        return False
    return True
