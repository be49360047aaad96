"""Which schema may follow which, by level, and what is said when it may not."""

import json

import pytest

from api.registry.avro.compatibility import Level, check, conflict
from api.registry.avro.schema_text import Parsed, parse


def record(*fields: object) -> Parsed:
    return parse(json.dumps({"type": "record", "name": "n.R", "fields": fields}), {})


ONE = record({"name": "a", "type": "int"})
#: Reads what ONE wrote; ONE cannot read it.
WIDER = record({"name": "a", "type": "long"})
#: Read by ONE; cannot read what ONE wrote.
MORE = record({"name": "a", "type": "int"}, {"name": "b", "type": "int"})
#: Both.
SAFE = record({"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 0})
#: Neither.
OTHER = record({"name": "a", "type": "string"})


@pytest.mark.parametrize(
    ("level", "may_follow"),
    [
        (Level.BACKWARD, [WIDER, SAFE]),
        (Level.FORWARD, [MORE, SAFE]),
        (Level.FULL, [SAFE]),
        (Level.NONE, [WIDER, MORE, SAFE, OTHER]),
    ],
)
def test_a_level_says_who_has_to_read_whom(level: Level, may_follow: list[Parsed]) -> None:
    allowed = [new for new in (WIDER, MORE, SAFE, OTHER) if not check(level, new, [ONE])]

    assert allowed == may_follow


@pytest.mark.parametrize("level", list(Level))
def test_only_a_transitive_level_looks_past_the_newest(level: Level) -> None:
    messages = check(level, ONE, [OTHER, ONE])

    assert bool(messages) == level.is_transitive


@pytest.mark.parametrize("level", list(Level))
def test_the_first_schema_goes_with_every_level(level: Level) -> None:
    assert check(level, ONE, []) == []


def test_every_reason_is_told_with_its_place_and_then_the_old_schema_and_the_level() -> None:
    new = record({"name": "a", "type": "string"}, {"name": "b", "type": "int"})

    messages = check(Level.BACKWARD, new, [ONE])

    assert messages == [
        "{errorType:'TYPE_MISMATCH', description:'The type (path '/fields/0/type') of a field in the new schema does"
        " not match with the old schema', additionalInfo:'reader type: STRING not compatible with writer type: INT'}",
        "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in the new"
        " schema has no default value and is missing in the old schema', additionalInfo:'b'}",
        "{oldSchema: '" + ONE.canonical + "'}",
        "{compatibility: 'BACKWARD'}",
    ]


def test_of_a_forward_level_the_old_schema_is_the_reader() -> None:
    [message, *_] = check(Level.FORWARD, WIDER, [ONE])

    assert "in the old schema does not match with the new schema" in message
    assert "reader type: INT not compatible with writer type: LONG" in message


@pytest.mark.parametrize(
    ("reader", "writer", "kind", "path", "detail"),
    [
        ("n.F/2", "n.F/1", "FIXED_SIZE_MISMATCH", "/size", "expected: 1, found: 2"),
        ("n.F/1", "n.G/1", "NAME_MISMATCH", "/name", "expected: n.G"),
        ("n.E/A", "n.E/ABC", "MISSING_ENUM_SYMBOLS", "/symbols", "[B, C]"),
        (["null", "int"], "string", "MISSING_UNION_BRANCH", "/", "reader union lacking writer type: STRING"),
        ("int", ["int", "null"], "TYPE_MISMATCH", "/1", "reader type: INT not compatible with writer type: NULL"),
    ],
)
def test_each_kind_of_difference_is_told(reader: object, writer: object, kind: str, path: str, detail: str) -> None:
    [message, *_] = check(Level.BACKWARD, _short(reader), [_short(writer)])

    assert message.startswith(f"{{errorType:'{kind}'")
    assert f"'{path}'" in message
    assert message.endswith(f"additionalInfo:'{detail}'}}")


def test_one_text_is_two_schemas_when_it_refers_to_others() -> None:
    text = json.dumps({"type": "array", "items": "n.F"})
    old = parse(text, {"f": '{"type": "fixed", "name": "n.F", "size": 1}'})
    new = parse(text, {"f": '{"type": "fixed", "name": "n.F", "size": 2}'})

    assert old.canonical == new.canonical
    assert check(Level.BACKWARD, old, [old]) == []
    assert check(Level.BACKWARD, new, [old])[0].startswith("{errorType:'FIXED_SIZE_MISMATCH'")


def test_the_newest_of_those_it_does_not_go_with_is_named() -> None:
    found = conflict(Level.BACKWARD_TRANSITIVE, ONE, [OTHER, OTHER, ONE])

    assert found is not None
    assert found.place == 1


def _short(said: object) -> Parsed:
    if not isinstance(said, str) or "/" not in said:
        return parse(json.dumps(said), {})
    name, _, what = said.partition("/")
    if what.isdigit():
        return parse(json.dumps({"type": "fixed", "name": name, "size": int(what)}), {})
    return parse(json.dumps({"type": "enum", "name": name, "symbols": list(what)}), {})
