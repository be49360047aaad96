from hashlib import sha256

from api.registry.schema_content import Reference, SchemaContent, json_text


def test_a_bare_schema_is_known_by_its_text() -> None:
    assert SchemaContent(schema='"int"').digest == sha256(b'"int"').digest()


def test_everything_that_belongs_to_it_makes_another_content() -> None:
    different = [
        SchemaContent(schema='"int"'),
        SchemaContent(schema='"int"', references=(Reference("n", "s", 1),)),
        SchemaContent(schema='"int"', references=(Reference("n", "s", 2),)),
        SchemaContent(schema='"int"', metadata='{"a":1}'),
        SchemaContent(schema='"int"', rule_set='{"a":1}'),
    ]

    assert len({one.digest for one in different}) == len(different)


def test_the_order_of_keys_makes_none() -> None:
    assert json_text({"a": 1, "b": 2}) == json_text({"b": 2, "a": 1})
    assert json_text({}) is None
