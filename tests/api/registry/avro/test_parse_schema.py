"""What is no schema is refused with the place and what is wrong there."""

import json

import pytest

from api.registry.avro.schema_text import InvalidSchema, parse


def record(*fields: object) -> str:
    return json.dumps({"type": "record", "name": "n.R", "fields": fields})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "it is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("1", "schema: a type is a name, an object or an array of types, not 1"),
        ('{"name": "R"}', 'schema: there is no "type"'),
        ('{"type": {"type": "int"}}', "schema: \"type\" has to be a name here, not {'type': 'int'}"),
        ('"strin"', 'schema: there is no type "strin"'),
        ('{"type": "array"}', 'schema: there is no "items"'),
        ('{"type": "record", "fields": []}', 'schema: a record needs a "name"'),
        ('{"type": "record", "name": "R"}', 'R: there is no "fields"'),
        (
            '{"type": "record", "name": "1R", "fields": []}',
            "schema: '1R' is not a name: letters, digits and _, no digit first",
        ),
        (
            '{"type": "record", "name": "a.b-c.R", "fields": []}',
            "schema: 'b-c' is not a name: letters, digits and _, no digit first",
        ),
        (record({"name": "a", "type": "n.S"}), 'n.R.a: there is no type "n.S"'),
        (record({"name": "a b", "type": "int"}), "n.R: 'a b' is not a name for a field"),
        (record({"name": "a", "type": "int"}, {"name": "a", "type": "int"}), 'n.R: there are two fields named "a"'),
        (
            record({"name": "a", "type": "int", "default": "7"}),
            "n.R.a: the default '7' is not a value of its type, int",
        ),
        (
            record({"name": "a", "type": "int", "default": 1 << 31}),
            "n.R.a: the default 2147483648 is not a value of its type, int",
        ),
        (
            record({"name": "a", "type": ["null", "int"], "default": "x"}),
            "n.R.a: the default 'x' is not a value of its type, union",
        ),
        (
            record({"name": "a", "type": "n.R", "default": {"a": 1}}),
            "n.R.a: the default {'a': 1} is not a value of its type, record",
        ),
        (
            record({"name": "a", "type": "int", "order": "up"}),
            "n.R.a: an order is ascending, descending or ignore, not 'up'",
        ),
        ('["int", ["null"]]', "schema: a union cannot hold a union directly"),
        ('["int", {"type": "int", "logicalType": "date"}]', 'schema: "int" is twice in the union'),
        ('{"type": "enum", "name": "E", "symbols": ["A", "A"]}', 'E: the symbol "A" is there twice'),
        (
            '{"type": "enum", "name": "E", "symbols": ["A-B"]}',
            "E: 'A-B' is not a symbol: letters, digits and _, no digit first",
        ),
        (
            '{"type": "enum", "name": "E", "symbols": ["A"], "default": "B"}',
            "E: the default 'B' is not one of the symbols",
        ),
        ('{"type": "fixed", "name": "F", "size": -1}', "F: a size is a number of bytes, not -1"),
        (
            record({"name": "a", "type": {"type": "fixed", "name": "R", "size": 1}}),
            'n.R.a: "n.R" is defined twice',
        ),
        ("[" * 5000, "it is nested too deeply"),
        (record({"name": "a", "type": "double", "default": float("nan")}), "it is not JSON: NaN is not a JSON number"),
        (
            '{"type": "record", "name": "R", "doc": "\\ud800", "fields": []}',
            "there is half a character in it (a lone surrogate)",
        ),
    ],
)
def test_what_is_wrong_is_said(text: str, sentence: str) -> None:
    with pytest.raises(InvalidSchema) as refused:
        parse(text, {})

    assert str(refused.value) == sentence


def test_a_schema_may_use_what_others_define_in_their_order() -> None:
    currency = '{"type": "enum", "name": "shop.Currency", "symbols": ["EUR"]}'
    money = '{"type": "record", "name": "shop.Money", "fields": [{"name": "in", "type": "Currency"}]}'

    parsed = parse('{"type": "array", "items": "shop.Money"}', {"currency": currency, "money": money})

    assert parsed.canonical == '{"type":"array","items":"shop.Money"}'
    assert set(parsed.names) == {"shop.Currency", "shop.Money"}


def test_a_reference_that_is_wrong_is_named() -> None:
    with pytest.raises(InvalidSchema, match='in the reference "money": schema: there is no type "x"'):
        parse('"int"', {"money": '"x"'})


def test_a_name_is_looked_for_in_its_namespace_and_then_without_one() -> None:
    bare = '{"type": "fixed", "name": "F", "size": 1}'
    spaced = '{"type": "fixed", "name": "n.F", "size": 2}'

    both = parse(record({"name": "a", "type": "F", "default": "11"}), {"bare": bare, "spaced": spaced})
    one = parse(record({"name": "a", "type": "F", "default": "1"}), {"bare": bare})

    assert both.canonical.replace('"11"', '"1"') == one.canonical


def test_a_record_may_hold_itself() -> None:
    parsed = parse(record({"name": "next", "type": ["null", "n.R"], "default": None}), {})

    assert parsed.fullname == "n.R"
    assert parsed.canonical.endswith('"fields":[{"name":"next","type":["null","R"],"default":null}]}')
