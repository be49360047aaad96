"""A verdict is true: what is called readable is read, by real decoding, and of the rest something is not.

The schemas are generated in pairs, the values go through everything the writer's can say, and fastavro decodes them.
Where it disagrees for a reason we know, the pair has a name in test_disagreements.py.
"""

import io
import json
from collections.abc import Iterator
from typing import Any

import fastavro
from fastavro.schema import parse_schema
from hypothesis import assume, given, settings

from api.registry.avro.reader_differences import differences
from api.registry.avro.schema_text import InvalidSchema, Parsed, parse
from api.registry.avro.schema_types import Record
from tests.api.registry.avro.pairs import Json, has_twins, pairs
from tests.api.registry.avro.spelling import spelled_out
from tests.api.registry.avro.values import covering

EXAMPLES = 1000


@settings(derandomize=True, max_examples=EXAMPLES)
@given(pairs())
def test_the_verdict_is_what_decoding_shows(pair: tuple[Json, Json]) -> None:
    writer, reader = _parsed(pair[0]), _parsed(pair[1])
    assume(not has_twins(json.loads(reader.normalized)))
    found = differences(reader, writer)

    failures = list(_failures(writer, reader))

    if not found:
        assert failures == []
    elif not any("would be" in one.detail for one in found):
        assert failures != []


def test_there_are_many_pairs_of_either_verdict() -> None:
    seen: list[bool] = []

    @settings(derandomize=True, max_examples=EXAMPLES, database=None)
    @given(pairs())
    def look(pair: tuple[Json, Json]) -> None:
        seen.append(not differences(_parsed(pair[1]), _parsed(pair[0])))

    look()

    assert min(seen.count(True), seen.count(False)) > EXAMPLES / 10


def _parsed(schema: Json) -> Parsed:
    """Only schemas that are ones, and whose records all have values that end."""
    try:
        parsed = parse(json.dumps(schema), {})
    except InvalidSchema:
        assume(False)
    records = [one for one in parsed.names.values() if isinstance(one, Record)]
    assume(all(covering(one, parsed.names) for one in records))
    return parsed


def _failures(writer: Parsed, reader: Parsed) -> Iterator[str]:
    theirs, ours = parse_schema(spelled_out(writer)), parse_schema(spelled_out(reader))
    bare = parse_schema(_without_logical_types(spelled_out(writer)))
    for value in covering(writer.type, writer.names):
        written = io.BytesIO()
        fastavro.schemaless_writer(written, bare, value)
        written.seek(0)
        try:
            fastavro.schemaless_reader(written, theirs, ours)
        except (fastavro.schema.SchemaParseException, fastavro.read.SchemaResolutionError, KeyError) as error:
            yield f"{value}: {error!r}"


def _without_logical_types(tree: Any) -> Any:
    """So that values are written as they are on the wire."""
    match tree:
        case dict():
            return {key: _without_logical_types(value) for key, value in tree.items() if key != "logicalType"}
        case list():
            return [_without_logical_types(one) for one in tree]
        case _:
            return tree
