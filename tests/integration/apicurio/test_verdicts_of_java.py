"""Java's Avro, which Confluent's registry asks as well, and ours judge generated pairs of schemas.

Ours is never milder. It is stricter in the kinds of pairs that tests/api/registry/avro/test_disagreements.py names:
where an alias makes one field of two or two of one, and where a union's branch of the same name cannot read.
"""

import json
from zlib import crc32

import httpx
import pytest
from hypothesis import HealthCheck, assume, given, settings

from api.registry.avro.reader_differences import differences
from api.registry.avro.schema_text import InvalidSchema, Parsed, parse
from tests.api.registry.avro.pairs import Json, has_twins, pairs

pytestmark = [pytest.mark.servers, pytest.mark.slow]

EXAMPLES = 400


@pytest.fixture(scope="module")
def seen() -> list[bool]:
    return []


@settings(
    derandomize=True,
    max_examples=EXAMPLES,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pairs())
def test_java_agrees_but_for_what_has_a_name(apicurio: httpx.Client, seen: list[bool], pair: tuple[Json, Json]) -> None:
    writer, reader = _parsed(pair[0]), _parsed(pair[1])
    found = differences(reader, writer)

    theirs = _asked(apicurio, f"pair-{crc32(json.dumps(pair).encode())}", writer, reader)
    seen.append(theirs)

    if theirs:
        assert not found or _has_a_name(found[0].detail, reader), [str(one) for one in found]
    else:
        assert found


def test_both_verdicts_came_up_often(seen: list[bool]) -> None:
    assert min(seen.count(True), seen.count(False)) > EXAMPLES / 10


def _asked(apicurio: httpx.Client, subject: str, writer: Parsed, reader: Parsed) -> bool:
    made = apicurio.post(f"/subjects/{subject}/versions", json={"schema": writer.canonical})
    assert made.is_success, made.text
    answer = apicurio.post(f"/compatibility/subjects/{subject}/versions/latest", json={"schema": reader.canonical})
    assume(answer.is_success)  # some aliases it cannot even apply
    return bool(answer.json()["is_compatible"])


def _has_a_name(detail: str, reader: Parsed) -> bool:
    return "would be" in detail or has_twins(json.loads(reader.canonical))


def _parsed(schema: Json) -> Parsed:
    try:
        return parse(json.dumps(schema), {})
    except InvalidSchema:
        assume(False)
        raise
