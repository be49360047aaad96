"""Where Apache's checker, fastavro's decoder and we disagree: each pair that was found, and who is right.

Found by looking at generated pairs as test_verdicts.py does, with Apache's checker as a third opinion.
"""

import io
import json
from typing import Any

import fastavro
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import SchemaParseException
from avro.schema import parse as parse_with_apache

from api.registry.avro.reader_differences import differences
from api.registry.avro.schema_text import InvalidSchema, parse
from tests.api.registry.avro.spelling import spelled_out

Json = Any


def record(name: str, *fields: Json, **more: Json) -> Json:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def fixed(name: str, size: int = 1, **more: Json) -> Json:
    return {"type": "fixed", "name": name, "size": size, **more}


INT_A = {"name": "a", "type": "int"}
INT_B = {"name": "b", "type": "int"}


def test_an_alias_without_a_namespace_is_meant_in_that_of_its_type() -> None:
    """Apache's checker compares the alias as it is written with a full name, and says no to a proper renaming."""
    writer, reader = fixed("n.Old"), fixed("n.New", aliases=["Old"])

    assert _readable(writer, reader)
    assert not _apache(writer, reader)
    assert _decoded(writer, reader, b"x") == b"x"


def test_an_alias_in_a_namespace_is_no_name_without_one() -> None:
    """Apache's checker says yes here for the same reason, and decoding fails."""
    writer, reader = fixed("Old"), fixed("n.New", aliases=["Old"])

    assert not _readable(writer, reader)
    assert _apache(writer, reader)
    with pytest.raises(fastavro.read.SchemaResolutionError):
        _decoded(writer, reader, b"x")


def test_an_alias_outside_of_namespaces_is_no_name_inside_one() -> None:
    """fastavro compares only the last parts of names with it; Java's readers do not, so it is not to be relied on."""
    writer, reader = fixed("n.Old"), fixed("New", aliases=["Old"])

    assert not _readable(writer, reader)
    assert not _apache(writer, reader)
    assert _decoded(writer, reader, b"x") == b"x"


def test_two_fields_of_the_writer_are_never_one_of_the_reader() -> None:
    """Apache's checker looks at one of them; decoding meets the second and fails."""
    writer, reader = record("R", INT_A, INT_B), record("R", INT_A | {"aliases": ["b"]})

    assert not _readable(writer, reader)
    assert _apache(writer, reader)
    with pytest.raises(KeyError):
        _decoded(writer, reader, {"a": 1, "b": 2})


def test_one_field_of_the_writer_is_never_two_of_the_reader() -> None:
    """Apache's checker gives it to both, so that neither needs a default; a decoder gives it to one of them."""
    writer, reader = record("R", INT_A), record("R", INT_A, INT_B | {"aliases": ["a"]})

    assert not _readable(writer, reader)
    assert _apache(writer, reader)
    with pytest.raises(fastavro.read.SchemaResolutionError):
        _decoded(writer, reader, {"a": 1})


def test_an_alias_that_is_also_a_name_is_not_safe_even_with_a_default() -> None:
    """fastavro goes by the name, Java by the alias: what one reads as `a`, the other reads as `b`."""
    writer, reader = record("R", INT_A), record("R", INT_A, INT_B | {"aliases": ["a"], "default": 0})

    assert not _readable(writer, reader)
    assert _decoded(writer, reader, {"a": 1}) == {"a": 1, "b": 0}


def test_a_union_is_read_with_the_branch_that_has_the_writers_name() -> None:
    """Apache's checker is content with any branch that could read it; a decoder does not try the others."""
    writer = record("n.R", INT_A)
    reader = [record("n.R", {"name": "a", "type": "string"}), record("m.R", INT_A)]

    assert not _readable(writer, reader)
    assert _apache(writer, reader)
    with pytest.raises(fastavro.read.SchemaResolutionError):
        _decoded(writer, reader, {"a": 1})


def test_a_full_name_goes_before_a_short_one_in_a_union() -> None:
    """fastavro takes the first branch with the same last part of the name, Java's readers the one with the full one."""
    writer = record("n.R", INT_A)
    reader = [record("m.R", {"name": "a", "type": "string"}), record("n.R", INT_A)]

    assert _readable(writer, reader)
    assert _apache(writer, reader)
    with pytest.raises(fastavro.read.SchemaResolutionError):
        _decoded(writer, reader, {"a": 1})


def test_an_empty_namespace_leaves_the_one_around_it() -> None:
    """Apache's Python library gives such a type the namespace after all, and fastavro does not find it again."""
    bare = {"name": "bare", "type": fixed("F", namespace="")}
    schema = record("n.R", bare, {"name": "again", "type": "F"})

    assert set(parse(json.dumps(schema), {}).names) == {"n.R", "F"}
    assert parse_with_apache(json.dumps(schema)).fields[0].type.fullname == "n.F"
    with pytest.raises(fastavro.schema.UnknownType, match=r"n\.F"):
        fastavro.parse_schema(schema)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param([{"name": "a", "type": "n.F"}, {"name": "b", "type": fixed("F")}], id="used before"),
        pytest.param([{"name": "a", "type": fixed("F")}, {"name": "b", "type": fixed("F")}], id="defined twice"),
    ],
)
def test_a_type_is_defined_once_and_before_it_is_used(fields: list[Json]) -> None:
    """As Avro's rules have it, and both Python libraries; Java since 1.12 lets both pass."""
    schema = record("n.R", *fields)

    with pytest.raises(InvalidSchema):
        parse(json.dumps(schema), {})
    with pytest.raises(SchemaParseException):
        parse_with_apache(json.dumps(schema))
    with pytest.raises((fastavro.schema.SchemaParseException, fastavro.schema.UnknownType)):
        fastavro.parse_schema(schema)


def test_a_default_that_has_no_end_is_none() -> None:
    """Java refuses it too; both Python libraries never look at defaults of records."""
    schema = record("n.R", {"name": "a", "type": "n.R", "default": {}})

    with pytest.raises(InvalidSchema, match=r"n\.R\.a: the default \{\} is not a value of its type, record"):
        parse(json.dumps(schema), {})
    assert parse_with_apache(json.dumps(schema))
    assert fastavro.parse_schema(schema)


def test_bytes_are_text_to_a_reader_although_some_are_not() -> None:
    """Avro promotes them; whoever has bytes that are not UTF-8 finds out when reading. All registries say yes."""
    assert _readable("bytes", "string")
    assert _apache("bytes", "string")
    assert _decoded("bytes", "string", b"text") == "text"
    with pytest.raises(UnicodeDecodeError):
        _decoded("bytes", "string", b"\xff")


def test_a_branch_of_which_there_is_no_value_still_counts() -> None:
    """A record that holds itself without end is never written; all the same the reader has no branch for it."""
    writer, reader = ["int", record("R", {"name": "again", "type": "R"})], "int"

    assert not _readable(writer, reader)
    assert not _apache(writer, reader)


def test_apaches_checker_mixes_up_what_is_wrong_where() -> None:
    """It gives sets: three things wrong, and two messages. Ours come in the order of the fields, one each."""
    writer = record("R", {"name": "a", "type": fixed("F", 2)}, {"name": "b", "type": fixed("G", 2)})
    reader = record("R", {"name": "a", "type": fixed("F", 1)}, {"name": "b", "type": fixed("G", 1)})

    theirs = _asked(writer, reader)
    ours = differences(parse(json.dumps(reader), {}), parse(json.dumps(writer), {}))

    assert len(theirs.incompatibilities) > len(theirs.messages)
    assert [one.path for one in ours] == ["/fields/0/type/size", "/fields/1/type/size"]


def _readable(writer: Json, reader: Json) -> bool:
    return not differences(parse(json.dumps(reader), {}), parse(json.dumps(writer), {}))


def _apache(writer: Json, reader: Json) -> bool:
    return bool(_asked(writer, reader).compatibility is SchemaCompatibilityType.compatible)


def _asked(writer: Json, reader: Json) -> Any:
    parsed = parse_with_apache(json.dumps(reader)), parse_with_apache(json.dumps(writer))
    return ReaderWriterCompatibilityChecker().get_compatibility(*parsed)


def _decoded(writer: Json, reader: Json, value: Any) -> Any:
    """With the schemas written out in full, so that an alias is what it means."""
    theirs, ours = (fastavro.parse_schema(spelled_out(parse(json.dumps(one), {}))) for one in (writer, reader))
    written = io.BytesIO()
    fastavro.schemaless_writer(written, theirs, value)
    written.seek(0)
    return fastavro.schemaless_reader(written, theirs, ours)
