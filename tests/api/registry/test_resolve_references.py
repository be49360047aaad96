import json

from api.registry.avro.schema_text import parse
from api.registry.resolve_references import resolved

PART = '{"type": "record", "name": "n.Part", "fields": [{"name": "size", "type": {"type": "enum", "name": "n.Size", "symbols": ["S"]}}]}'  # noqa: E501


def test_what_is_referred_to_is_written_where_it_comes_first() -> None:
    fields = [
        {"name": "sizes", "type": {"type": "array", "items": "n.Size"}},
        {"name": "part", "type": ["null", "n.Part"]},
        {"name": "more", "type": {"type": "map", "values": "n.Part"}},
    ]
    refers = {"type": "record", "name": "n.Whole", "fields": fields}

    alone = json.loads(resolved(parse(json.dumps(refers), {"n.Part": PART})))

    sizes, part, more = (field["type"] for field in alone["fields"])
    assert sizes["items"]["symbols"] == ["S"]
    assert part[1]["fields"][0]["type"] == "Size"
    assert more["values"] == "Part"
    assert parse(json.dumps(alone), {})


def test_a_type_may_contain_itself() -> None:
    tree = '{"type": "record", "name": "n.Tree", "fields": [{"name": "left", "type": ["null", "n.Tree"]}]}'

    alone = resolved(parse('{"type": "array", "items": "n.Tree"}', {"n.Tree": tree}))

    assert json.loads(alone)["items"]["fields"][0]["type"] == ["null", "Tree"]
